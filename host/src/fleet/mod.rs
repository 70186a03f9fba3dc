//! Fleets: many devices that learn online, as many at once as a vector has lanes, on any number of threads.
//!
//! A [`Device`] says what one tile of devices is and does, for lanes of any width. A [`Fleet`] says how many there are and
//! for how long they live. Each tile lives all its steps while it is in the cache of a core; then its devices report, and it
//! is gone. So memory does not grow with the number of devices, unless the caller keeps their reports.
//!
//! # What does not depend on the machine
//! Device `n` has stream `n` of the seed, and lanes do not mix: its reports are those of the same device alone, bit for bit.
//! Rewards are summed in double precision in one order, whatever the lanes and the threads are. The devices are cut into
//! blocks of 64. In a block, partial sum `s` of 16 has the devices whose place there is `s` modulo 16, from first to last,
//! each of them step after step; then the 16 are added from first to last. The sum of several blocks is that of the first
//! half of them, rounded up, plus that of the others. Rewards that are integers are summed exactly, so long as no sum exceeds
//! 2^53.
//!
//! # Memory
//! Beside the tiles of the threads: 128 bytes a window and thread, and 8 bytes a window, thread and level of the tree of blocks.
//! Nothing is allocated while devices live.

mod block;
mod buffers;
mod device;
#[allow(clippy::module_inception, reason = "files are named for the types in them")]
mod fleet;
mod rewards;
mod run;
mod sink;

pub use device::{Device, Numbers};
pub use fleet::Fleet;
pub use rewards::Rewards;
pub use run::Run;
