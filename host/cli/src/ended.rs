//! The outcome of a command.

/// The outcome of a command that did not fail.
pub enum Ended {
    /// The command has succeeded.
    Well,
    /// The command has found that a device departs from its host.
    Departed,
    /// The command was stopped early, and can be resumed.
    Interrupted,
}
