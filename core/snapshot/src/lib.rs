//! # Snapshots that survive power cuts
//!
//! A device keeps what it has learned when its power fails. A snapshot holds the whole state of a learner (weights,
//! critic, optimizer, the generator's state). [`encode`] and [`decode`] convert this state to bytes and back to the
//! same bits. A [`Store`] keeps the snapshot in flash. After a power cut at any time, the device loads the last
//! snapshot whose save returned, or the snapshot that was being written if that one is complete. The device then goes
//! on learning as if no power cut had happened.
//!
//! Converting a learner to bytes and back:
//!
//! ```
//! use samplegrad_core::{Decay, MovingAverage, Reward};
//! use samplegrad_snapshot::{Kind, decode, encode};
//!
//! let mut average = MovingAverage::<f32>::new(Decay::new(0.5)?);
//! average.observe(Reward::new(3.0)?);
//! let (kind, mut buffer) = (Kind::new("average", &[]), [0; 64]);
//! let bytes = encode(kind, &average, &mut buffer)?;
//! assert_eq!(decode::<MovingAverage>(kind, bytes)?, average);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! No heap, no `unsafe`. Bytes that are damaged, cut off, of another version or of another kind are refused with a
//! specific [`Error`]. Decoding returns a complete value or an error, so an error leaves a running policy unchanged.
//!
//! # On a device
//! ```
//! use rand_xorshift::XorShiftRng;
//! use samplegrad_core::{
//!     ActionMask, Decay, EntropyBonus, Features, LearningRate, Reinforce, Reward, MovingAverage, stream,
//! };
//! use samplegrad_snapshot::{Blocking, Kind, Store, StoreError, block_on, embedded_storage::nor_flash::NorFlash};
//! use serde::{Deserialize, Serialize};
//!
//! /// The whole state of the device.
//! #[derive(Serialize, Deserialize)]
//! struct Device {
//!     learner: Reinforce<4, 3, MovingAverage>,
//!     #[serde(with = "samplegrad_snapshot::generator")]
//!     generator: XorShiftRng,
//! }
//!
//! /// A name, and the numbers that fix the shape. Change the name when the fields change.
//! const KIND: Kind = Kind::new("my sensor node", &[4, 3]);
//!
//! /// Resumes from the last snapshot. The linker script must reserve the pages that the driver writes.
//! fn run<F: NorFlash>(flash: F, buffer: &mut [u8; 128]) -> Result<(), StoreError<F::Error>> {
//!     let mut store = block_on(Store::open(Blocking(flash), 0x0..0x2000, KIND, buffer))?;
//!     let mut device = Device::new(); // the state at the first start
//!     match block_on(store.load_into(&mut device)) {
//!         Ok(_) => {}
//!         // Other firmware wrote it, or the type has changed. Log the error, and start from the initial state.
//!         Err(StoreError::Snapshot(_)) => device = Device::new(),
//!         Err(error) => return Err(error),
//!     }
//!     for _ in 0..100 {
//!         device.step();
//!     }
//!     block_on(store.save(&device))?;
//!     Ok(())
//! }
//! #
//! # impl Device {
//! #     fn new() -> Self {
//! #         let average = MovingAverage::new(Decay::new(0.9).unwrap());
//! #         let learner = Reinforce::new(average, LearningRate::new(0.1).unwrap(), EntropyBonus::new(0.0).unwrap());
//! #         Self { learner, generator: stream::xorshift(2026, 0) }
//! #     }
//! #     fn step(&mut self) {
//! #         let x = Features::new([1.0, 0.0, -1.0, 0.5]).unwrap();
//! #         let decision = self.learner.act(&x, &ActionMask::all(), &mut self.generator);
//! #         let reward = Reward::new(if decision.action() == 1 { 1.0 } else { 0.0 }).unwrap();
//! #         self.learner.learn(&x, &decision, reward);
//! #     }
//! # }
//! # mod ram {
//! #     use samplegrad_snapshot::embedded_storage::nor_flash::{ErrorType, NorFlash, ReadNorFlash};
//! #     pub struct Ram(pub [u8; 0x2000]);
//! #     impl ErrorType for Ram {
//! #         type Error = core::convert::Infallible;
//! #     }
//! #     impl ReadNorFlash for Ram {
//! #         const READ_SIZE: usize = 1;
//! #         fn read(&mut self, offset: u32, bytes: &mut [u8]) -> Result<(), Self::Error> {
//! #             bytes.copy_from_slice(&self.0[offset as usize..][..bytes.len()]);
//! #             Ok(())
//! #         }
//! #         fn capacity(&self) -> usize {
//! #             self.0.len()
//! #         }
//! #     }
//! #     impl NorFlash for Ram {
//! #         const WRITE_SIZE: usize = 4;
//! #         const ERASE_SIZE: usize = 4096;
//! #         fn erase(&mut self, from: u32, to: u32) -> Result<(), Self::Error> {
//! #             self.0[from as usize..to as usize].fill(0xFF);
//! #             Ok(())
//! #         }
//! #         fn write(&mut self, offset: u32, bytes: &[u8]) -> Result<(), Self::Error> {
//! #             self.0[offset as usize..][..bytes.len()].iter_mut().zip(bytes).for_each(|(old, new)| *old &= new);
//! #             Ok(())
//! #         }
//! #     }
//! # }
//! # use samplegrad_snapshot::embedded_storage::nor_flash::NorFlash as _;
//! # let (mut flash, buffer) = (ram::Ram([0xFF; 0x2000]), &mut [0; 128]);
//! # run(&mut flash, buffer).unwrap();
//! # run(&mut flash, buffer).unwrap();
//! # let mut store = block_on(Store::open(Blocking(&mut flash), 0x0..0x2000, KIND, buffer)).unwrap();
//! # assert_eq!(store.generation(), Some(3));
//! # // Firmware of another kind starts as well.
//! # let other = Kind::new("another node", &[]);
//! # let mut store = block_on(Store::open(Blocking(&mut flash), 0x0..0x2000, other, buffer)).unwrap();
//! # block_on(store.save(&1_u8)).unwrap();
//! # run(&mut flash, buffer).unwrap();
//! # let mut store = block_on(Store::open(Blocking(&mut flash), 0x0..0x2000, KIND, buffer)).unwrap();
//! # assert!(block_on(store.load::<Device>()).unwrap().is_some());
//! ```
//! With an executor (Embassy, RTIC) and an asynchronous driver, use `await` instead of [`block_on`], without
//! [`Blocking`]. The buffer may be larger than the snapshot. [`encoded_len`] returns the snapshot's size, which is
//! constant for a type without `varint`s and options, see below. Opening and loading write nothing.
//!
//! Save between [`learn`](samplegrad_core::Reinforce::learn) and the next `act`: a decision that waits for its reward
//! is not part of a learner. A save in the middle of an episode is possible: traces, sums and moments are part of the
//! learner.
//!
//! # The format of a snapshot
//! All numbers are little-endian. This is version 2; the version changes when this table or the next table changes.
//!
//! | bytes | content |
//! |---|---|
//! | 0–3 | `53 47 73 6E`, "SGsn" |
//! | 4–7 | version, `u32` |
//! | 8–15 | kind, `u64`: [`Kind::new`] says how it is computed |
//! | 16–19 | length `n` of the payload, `u32` |
//! | 20–23 | number of the bits, [`samplegrad_core::BITS`], of the program that wrote it, `u32` |
//! | 24 to 23 + n | payload: the value in the format of `postcard` 1 |
//! | 24 + n to 27 + n | CRC-32 (ISO-HDLC, as in zlib and Ethernet) of all preceding bytes |
//!
//! Version 1, which release 0.1.0 wrote, has no number of the bits, and its payload begins at byte 20. It is read as if
//! its number of the bits were 1. A snapshot with another number of the bits loads as well, because weights and a
//! generator's state have the same meaning in all versions of the bits. The learner then continues with the bits of the
//! present program. [`Store::bits`] and [`bits_of`] return the number in the snapshot, which a replay needs.
//!
//! In the payload, the fields of a type follow each other in the order of declaration, without padding:
//!
//! | type | content |
//! |---|---|
//! | every number of a learner | `f32`, 4 bytes; arrays without a length, matrices feature-major |
//! | `SoftmaxPolicy` | weights, bias |
//! | `Reinforce` | policy, control variate, rate, entropy bonus |
//! | `Constant`; `MovingAverage` | baseline; average, decay |
//! | `LinearCritic`; `ActionModel` | weights, bias, rate |
//! | `Dense` | weights, biases, both by map |
//! | `NetworkPolicy`, so `LinearPolicy` | head, parameters |
//! | `SoftmaxHead`, `BernoulliHead` | nothing |
//! | `GaussianHead` | lowest and highest log standard deviation, and one byte: 1 if the deviation depends on the features, otherwise 0 |
//! | `TraceReinforce` | policy, optimizer, baseline, steering, trace, weight of the next step |
//! | `EpisodicReinforce` | policy, optimizer, baseline, steering, trace, weight of the next step, sum of the episode |
//! | `ActorCritic` | policy, optimizer, trace, weight of the next step, critic, its optimizer, trace and decay, steering |
//! | `Hidden` | the layer, the next network |
//! | `SquashedGaussianHead`; `BetaHead` | the normal head; nothing |
//! | `StreamingActorCritic` | policy, critic, both traces, statistics of observations, scale of rewards, settings |
//! | `Ppo`; `Passes`, `ClipRange` | policy, optimizer, critic, its optimizer, settings, passes, without the rollout; clip range, two counts as a `varint`; the number |
//! | `Standardizer`; `RewardScale` | memory, count, means, variances; memory, counts of all rewards and of those other than zero, mean, variance, mean square, return so far |
//! | `StreamingSettings`; `ObGd` | discount, trace decay, entropy bonus, two optimizers, memory; rate, overshoot factor |
//! | `AverageReturn` | average, decay, return so far, weight of the next reward |
//! | `ReturnCritic` | parameters, optimizer, trace, sum of the episode |
//! | `Sgd`; `Momentum` | rate; rate, decay, velocity |
//! | `Adam` | rate, two decays, ε, powers of the decays, means, means of squares |
//! | `Steering` | discount, trace decay, entropy bonus, largest norm (one byte: 1 if there is a largest norm, then followed by the number, otherwise 0), weight of steps (one byte, 0 or 1) |
//! | `LearningRate`, `Decay`, `EntropyBonus`, `Discount`, `TraceDecay`, `MaxNorm`, `Reward`, `Temperature` | the number |
//! | `Schedule` | start, end, shape (one byte: 0 constant, 1 exponential, 2 linear, 3 cosine), then the rate or the steps, unless the shape is constant |
//! | `Logits` | the number of logits as a `varint`, then the logits |
//! | `IntegerPolicy` | weights, action-major, biases, the bound on their magnitude: 4 bytes each |
//! | `IntegerReinforce` | policy, average, the share of a new reward, rate: 4 bytes each |
//! | [`generator`] | `x`, `y`, `z`, `w`, 4 bytes each |
//! | your integers | `varint`, 1 to 5 bytes for a `u32` |
//!
//! Reading applies the checks of the constructors, and checks that learned values are in range: weights are finite,
//! rates are in range, and means of squares are not negative. Samplers made from logits (`Cdf`, `AliasTable`) are not
//! stored; create them again.
//!
//! The checksum detects all errors of one, two or three flipped bits in snapshots of up to 11 KB, and all bursts of up
//! to 32 bits. It misses one in 2^32 of other errors (P. Koopman, *32-bit cyclic redundancy codes for internet
//! applications*, DSN 2002). It is not a signature: anyone who can write the flash can forge it.
//!
//! # In flash
//! The pages of a store are two halves. A snapshot is appended to the half that holds the newest snapshot. When that
//! half has no room left, the other half is erased and the snapshot is written there. The first save after a start also
//! erases a half, because reading cannot determine where the contents of a half end, see below. Each half is a queue of
//! `sequential-storage`, whose items have checksums of their own. A snapshot is cut into frames of up to 248 bytes, and
//! is complete when its last frame is written. Every save is read back before it counts.
//!
//! | time of the power failure | snapshot found at the next start |
//! |---|---|
//! | while a half is erased, at any stage, with any contents left in its pages | the last saved snapshot, in the other half |
//! | while a frame is written, with a word written in part | the last saved snapshot, or the new one if its last word reads as written |
//! | after the last word of the last frame, before `save` returns | the new snapshot, or the last saved one |
//! | again, while the device recovers from a power cut | as in the rows above |
//!
//! A word that was written in part may read as written at one start and as erased at the next. Three rules follow:
//!
//! * Snapshots are appended only to a half that was erased since the store was opened. A header that was written in
//!   part may read as erased at this start and as written at the next start, where it would hide the frames behind it.
//! * A half is erased only when the other half has a seal. A seal is a word of zeros behind the first snapshot of a
//!   half, written after that snapshot has been read back. A seal found at a start is first written again, so that it
//!   always reads as a seal afterwards. If the half with the newest snapshot has no seal, that half is erased: the
//!   other half still holds the last saved snapshot.
//! * The first save after a start skips a generation, so that a save that was cut short never counts as newer.
//!
//! `tests/unsteady.rs` shows that these rules lose no acknowledged save. It runs more than 10^5 starts for each of four
//! geometries. In its flash, every word that was written or erased in part has a bit that reads at random, drawn anew
//! at each start.
//!
//! `tests/power_cuts.rs` cuts power at every written word and at ten stages of the erasure of every page, more than 20
//! 000 cuts in all. Its flash clears the bits of a word, and sets the bits of a page, in any order. A single
//! `sequential-storage` map, which moves valid items from page to page, fails this test: an erasure that was cut short
//! can leave a page that looks in use, and the only copy can then be lost.
//!
//! The driver must satisfy the contract of [`embedded_storage`]. A word whose writing was cut short may read as any
//! value, and as another value after the next start, but the read succeeds; other words are unchanged. Flash with error
//! correction traps on such words and needs a driver that catches the trap. Such a word is overwritten only with zeros,
//! as the seal.
//!
//! # Other kinds of snapshots
//! A snapshot of another [`Kind`] does not hide an older snapshot of the store's own kind: after a roll-back of the
//! firmware, the older firmware finds its own snapshot if it is still there. [`Store::load`] returns [`Error::Kind`] if
//! all snapshots are of another kind. The device can still start: see the example above.
//!
//! The first save of firmware of a new kind is written to the half without the newest snapshot. The older firmware's
//! snapshot therefore remains until the new firmware saves after a second start, or fills its half. After that, the
//! older firmware would start anew. If a roll-back may come later, give each kind a store of its own, in another range.
//! While firmware saves, the half with its own newest snapshot is kept, and the half with another kind's snapshot is
//! erased.
//!
//! # Pages and wear
//! [`Geometry::pages`] computes the number of pages needed, [`Geometry::saves_per_erasure`] their wear; both are
//! `const`. For pages of 4096 bytes, words of 4 bytes, and 10 000 erasures:
//!
//! | snapshot | bytes | pages | saves per erasure | saves in all |
//! |---|---|---|---|---|
//! | 4 features, 3 actions, moving average | 121 | 2 | 58 | 580 000 |
//! | 64 features, 10 actions, model of rewards | 5 257 | 4 | 2 | 20 000 |
//! | 64 features, 10 actions, model of rewards | 5 257 | 16 | 10 | 100 000 |
//!
//! These figures hold while the device runs. The first save after a start erases a half: a device that is switched off
//! after each save has two saves per erasure, 20 000 in all, for a snapshot of any size. To save more often, let the
//! device sleep with its memory on, give it more pages, or use several stores in several ranges.
//!
//! # Memory
//! The stack that is needed to open the store and to call one of these functions, measured in code for Cortex-M0 at
//! opt-level s:
//!
//! | | small policy (first row above) | large policy (second row above) |
//! |---|---|---|
//! | [`Store::save`] | 2.0 KB | 2.0 KB |
//! | [`Store::load_into`] | 2.1 KB | 2.1 KB |
//! | [`Store::load`] | 2.7 KB | 38 KB |
//!
//! `load_into` reads every number into its place. `load` creates a new value, which `serde` moves seven times from
//! function to function. Use `load` for small learners, and on hosts. Your own type is read in place if it derives
//! `Deserialize` without attributes on its large fields.
//!
//! # Features
//! `defmt`: `defmt::Format` on every public type.

#![no_std]
#![forbid(unsafe_code)]
#![cfg_attr(docsrs, feature(doc_cfg))]

mod blocking;
mod form;
pub mod generator;
mod geometry;
mod log;
mod store;
mod survey;

pub use blocking::{Blocking, block_on};
pub use form::{Error, Kind, OVERHEAD, VERSION, bits_of, decode, decode_into, encode, encoded_len};
pub use geometry::Geometry;
pub use store::{Store, StoreError};

/// The traits that drivers of flash implement.
pub use {embedded_storage, embedded_storage_async};
