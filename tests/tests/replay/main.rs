//! Whole runs of the devices' learners, and of control tasks: a lane equals its device in every bit, and each learner
//! reaches its promised performance.

/// Defines tests of a function that compares a fleet with its devices, for vectors of every width.
macro_rules! in_every_width {
    ($lanes:ident) => {
        #[test]
        fn four_lanes() {
            $lanes::<samplegrad_host::F32x4>();
        }

        #[test]
        fn eight_lanes() {
            $lanes::<samplegrad_host::F32x8>();
        }

        #[test]
        fn sixteen_lanes() {
            $lanes::<samplegrad_host::F32x16>();
        }
    };
}
pub(crate) use in_every_width;

mod cart_pole;
mod control;
mod digits;
mod integer;
mod sensor_node;
mod streaming;
