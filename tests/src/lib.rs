//! The proof of samplegrad: see the tests of this package.
