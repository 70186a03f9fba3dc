//! Numbers of learners, and their stored form.

pub mod in_place;
#[cfg(feature = "serde")]
pub mod numbers;

/// Without the feature `serde` nothing is stored, and every type satisfies the bound.
#[cfg(not(feature = "serde"))]
pub mod numbers {
    /// Numbers in stored form.
    pub(crate) trait Numbers {}

    impl<T> Numbers for T {}
}
