//! x

#![no_std]
#![forbid(unsafe_code)]
#![cfg_attr(docsrs, feature(doc_cfg))]

mod blocking;
mod form;
pub mod generator;
mod geometry;
mod log;
mod store;

pub use blocking::{Blocking, block_on};
pub use form::{Error, Kind, OVERHEAD, VERSION, decode, encode, encoded_len};
pub use geometry::Geometry;
pub use store::{Store, StoreError};

/// The traits that drivers of flash implement.
pub use {embedded_storage, embedded_storage_async};
