//! The golden files on the host: read, encoded for a device, and compared with what it computed.

pub mod compare;
pub mod golden;
pub mod tolerance;
