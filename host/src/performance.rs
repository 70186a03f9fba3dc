#![doc = include_str!("performance/pictures.md")]
#![doc = include_str!("performance.md")]
