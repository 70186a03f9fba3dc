#![doc = include_str!("which_estimator.md")]
