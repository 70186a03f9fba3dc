//! Macro that generates number types whose values are checked once, in the constructor.

macro_rules! parameter {
    ($(#[$doc:meta])* $name:ident, $what:literal, $requirement:literal, |$x:ident| $holds:expr) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, PartialOrd)]
        #[cfg_attr(feature = "defmt", derive(defmt::Format))]
        pub struct $name(f32);

        impl $name {
            /// Checks the number.
            ///
            /// # Errors
            #[doc = concat!("[`Error::OutOfRange`] unless it is ", $requirement, ".")]
            pub const fn new($x: f32) -> Result<Self, Error> {
                if $holds {
                    Ok(Self($x))
                } else {
                    Err(Error::OutOfRange { what: $what, value: $x, requirement: $requirement })
                }
            }

            /// Creates the setting from a number that satisfies the requirement.
            #[allow(dead_code)]
            pub(crate) const fn trusted(x: f32) -> Self {
                Self(x)
            }

            /// Returns the number.
            #[inline]
            pub const fn get(self) -> f32 {
                self.0
            }
        }

        #[cfg(feature = "serde")]
        crate::stored::numbers::checked_number!($name);
    };
}

pub(crate) use parameter;
