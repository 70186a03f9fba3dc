//! Fleets: many devices that learn online, one device per SIMD lane, on any number of threads.
//!
//! A [`Device`] defines the state and the step of one tile of devices, for lanes of any width. A [`Fleet`] has the
//! number of devices and of steps. Each tile runs all its steps while it is in the cache of a core; then its devices
//! report, and its memory is reused. So memory does not grow with the number of devices, unless the caller keeps their
//! reports.
//!
//! # Results that do not depend on the machine
//! Device `n` has stream `n` of the seed, and lanes do not mix. So the report of a device is bit for bit the report of
//! the same device alone. Rewards are summed in double precision in one order, for every width of lanes and number of
//! threads. The devices are divided into blocks of 64. A block has 16 partial sums. Partial sum `s` adds the devices
//! whose place in the block is `s` modulo 16, from first to last, and the rewards of each device step after step. Then
//! the 16 partial sums are added from first to last. Several blocks are divided into two halves; if their number is
//! odd, the first half has one block more. The sum of the blocks is the sum of the first half plus the sum of the
//! second half. Rewards that are integers are summed exactly, as long as no sum exceeds 2^53.
//!
//! # Memory
//! Besides the tiles of the threads, a run uses 128 bytes per window and thread, and 8 bytes per window, thread and
//! level of the division into halves. Nothing is allocated while devices run.

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
