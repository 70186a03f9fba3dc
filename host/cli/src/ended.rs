//! The outcome of a command.

/// The outcome of a command that did not fail.
pub enum Ended {
    /// It did what it was asked.
    Well,
    /// It found that a device is not as its host.
    Departed,
    /// It was stopped before, and can go on.
    Interrupted,
}
