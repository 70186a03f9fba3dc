//! # Nothing lost
//!
//! What a device has learned outlives its power. A snapshot holds everything a learner is (weights, critic, optimizer, the
//! generator's state); [`encode`] and [`decode`] turn it into bytes and back, to the same bits; a [`Store`] keeps it in
//! flash, so that whenever power fails the device comes back with the last snapshot whose save returned, or with the one
//! that was being written if that was complete, and goes on learning as if nothing had been.
//!
//! No heap, no `unsafe`. What is damaged, cut off, of another version or of something else is refused with an [`Error`]
//! that names it; a value is returned or it is not, so a running policy stays as it is.
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
//! /// All that the device knows.
//! #[derive(Serialize, Deserialize)]
//! struct Device {
//!     learner: Reinforce<4, 3, MovingAverage>,
//!     #[serde(with = "samplegrad_snapshot::generator")]
//!     generator: XorShiftRng,
//! }
//!
//! /// Its name, and the numbers that fix its shape. A new name whenever its fields change.
//! const KIND: Kind = Kind::new("my sensor node", &[4, 3]);
//!
//! /// Takes up where it was; any driver will do whose pages are set aside for it in the linker script.
//! fn run<F: NorFlash>(flash: F, buffer: &mut [u8; 128]) -> Result<(), StoreError<F::Error>> {
//!     let mut store = block_on(Store::open(Blocking(flash), 0x0..0x2000, KIND, buffer))?;
//!     let mut device = Device::new(); // what it is at its first start
//!     match block_on(store.load_into(&mut device)) {
//!         Ok(_) => {}
//!         // Other firmware wrote it, or the type has changed: no reason not to start. Log it, and begin anew.
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
//! # // Firmware that is of another kind starts as well.
//! # let other = Kind::new("another node", &[]);
//! # let mut store = block_on(Store::open(Blocking(&mut flash), 0x0..0x2000, other, buffer)).unwrap();
//! # block_on(store.save(&1_u8)).unwrap();
//! # run(&mut flash, buffer).unwrap();
//! # let mut store = block_on(Store::open(Blocking(&mut flash), 0x0..0x2000, KIND, buffer)).unwrap();
//! # assert!(block_on(store.load::<Device>()).unwrap().is_some());
//! ```
//! With an executor (Embassy, RTIC) and an asynchronous driver, `await` instead of [`block_on`] and without [`Blocking`].
//! A snapshot's buffer may be larger than the snapshot: [`encoded_len`] says how many bytes one has, which is the same for
//! every snapshot of a type without `varint`s and options, see below. Opening and loading write nothing.
//!
//! Save between [`learn`](samplegrad_core::Reinforce::learn) and the next `act`: a decision that waits for its reward is not
//! part of a learner. It may be in the middle of an episode: traces, sums and moments are part of it.
//!
//! # The form of a snapshot
//! All numbers little-endian. This is version 2; the version changes when this table or the next does.
//!
//! | bytes | what |
//! |---|---|
//! | 0–3 | `53 47 73 6E`, "SGsn" |
//! | 4–7 | version, `u32` |
//! | 8–15 | kind, `u64`: [`Kind::new`] says how it is computed |
//! | 16–19 | length `n` of the payload, `u32` |
//! | 20–23 | number of the bits, [`samplegrad_core::BITS`], of the program that wrote it, `u32` |
//! | 24 to 23 + n | payload: the value in the form of `postcard` 1 |
//! | 24 + n to 27 + n | CRC-32 (ISO-HDLC, the one of zlib and Ethernet) of all bytes before |
//!
//! Version 1, of release 0.1.0, has no number of the bits: its payload begins at byte 20. It is read as well, as written
//! with bits 1. A snapshot of other bits is loaded: weights are weights, and the state of a generator is one. The learner
//! goes on from there with this program's bits; [`Store::bits`] and [`bits_of`] tell, for those who replay it.
//!
//! In the payload, the fields of a type follow each other in the order of its declaration, with nothing between them:
//!
//! | type | what |
//! |---|---|
//! | every number of a learner | `f32`, 4 bytes; arrays without a length, matrices feature-major |
//! | `SoftmaxPolicy` | weights, bias |
//! | `Reinforce` | policy, control variate, rate, entropy bonus |
//! | `Constant`; `MovingAverage` | baseline; average, decay |
//! | `LinearCritic`; `ActionModel` | weights, bias, rate |
//! | `Parameters` | weights, biases, both by map |
//! | `LinearPolicy` | head, parameters |
//! | `SoftmaxHead`, `BernoulliHead` | nothing |
//! | `GaussianHead` | lowest and highest log standard deviation, whether it sees the features: one byte, 0 or 1 |
//! | `TraceReinforce` | policy, optimizer, baseline, steering, trace, weight of the next step |
//! | `EpisodicReinforce` | policy, optimizer, baseline, steering, trace, weight of the next step, sum of the episode |
//! | `ActorCritic` | policy, optimizer, trace, weight of the next step, critic, its optimizer, trace and decay, steering |
//! | `AverageReturn` | average, decay, return so far, weight of the next reward |
//! | `ReturnCritic` | parameters, optimizer, trace, sum of the episode |
//! | `Sgd`; `Momentum` | rate; rate, decay, velocity |
//! | `Adam` | rate, two decays, ε, powers of the decays, means, means of squares |
//! | `Steering` | discount, trace decay, entropy bonus, largest norm (one byte, 1 if there is one, and then the number), weight of steps: one byte, 0 or 1 |
//! | `LearningRate`, `Decay`, `EntropyBonus`, `Discount`, `TraceDecay`, `MaxNorm`, `Reward`, `Temperature` | the number |
//! | `Schedule` | start, end, shape: one byte (0 constant, 1 exponential, 2 linear, 3 cosine), then its rate or steps but for 0 |
//! | `Logits` | how many, as a `varint`, and the logits |
//! | `IntegerPolicy` | weights, action-major, biases, the bound on their magnitude: 4 bytes each |
//! | `IntegerReinforce` | policy, average, the share of a new reward, rate: 4 bytes each |
//! | [`generator`] | `x`, `y`, `z`, `w`, 4 bytes each |
//! | your integers | `varint`, 1 to 5 bytes for a `u32` |
//!
//! Reading checks what constructors check, and that what was learned is within what can be: no weight that is not finite, no
//! rate out of range, no negative mean of squares. Samplers made from logits
//! (`Cdf`, `AliasTable`) are not stored; make them again.
//!
//! The checksum finds every one, two or three flipped bits in snapshots of up to 11 KB and every burst of up to 32 bits; of
//! other damage it misses one in 2^32 (P. Koopman, *32-bit cyclic redundancy codes for internet applications*, DSN 2002).
//! It is no signature: whoever can write the flash can forge it.
//!
//! # In flash
//! The pages of a store are two halves. A snapshot is appended to the half that holds the newest one; when there is no room
//! left, the other half is erased and takes it. So does the first save after a start: how a half ends cannot be known from
//! reading it, see below. Each half is a queue of `sequential-storage`, whose items have checksums of their own; a snapshot
//! is cut into frames of up to 248 bytes, and is complete with its last one. Every save is read back before it counts.
//!
//! | power fails | the device comes back with |
//! |---|---|
//! | while a half is erased, at any stage, whatever its pages then hold | what was saved last, in the other half |
//! | while a frame is written, a word half done | what was saved last, or the new snapshot if its last word reads so |
//! | after the last word of the last frame, before `save` returns | the new snapshot, or what was saved last |
//! | again, while it makes up for that | the same |
//!
//! A word that was half written may read as written at one start and as erased at the next. So three things hold:
//!
//! * Nothing is appended to a half that was not erased since the store was opened: a half-written header that reads as
//!   erased today would swallow what is written behind it tomorrow.
//! * A half is erased only when the other one has a seal: a word of zeros behind its first snapshot, written once that has
//!   been read back. A seal that is found at a start is written again first, so that it reads as a seal ever after. If the
//!   half with the newest snapshot has none, that half is erased: the other one still holds what was saved last.
//! * The first save after a start leaves out a generation, so that no save that was cut short ever counts as newer.
//!
//! `tests/unsteady.rs` shows that nothing acknowledged is lost with that: more than 10^5 starts of each of four geometries,
//! in flash where every half-written word and every half-erased one has a bit that reads at random, anew after each start.
//!
//! That is tested by cutting power at every word and at ten stages of every page's erasure, on flash that clears the bits of
//! the word, or sets those of the page, in any order: `tests/power_cuts.rs`, more than 20 000 cuts. A map of
//! `sequential-storage` that holds everything, and moves what is valid from page to page, does not pass: an erasure cut
//! short can leave a page that looks in use, and from there the only copy can be lost.
//!
//! What it asks of a driver is what [`embedded_storage`] says: a word whose writing was cut short reads as anything, but
//! reads, and as something else after the next start; other words are as they were. Flash with error correction, whose torn
//! words trap, needs a driver that catches it. Zeros are written over a torn word, the seal, never anything else.
//!
//! # Other kinds of snapshots
//! A snapshot of another [`Kind`] does not hide an older one of the store's own: after a roll-back of the firmware, the older
//! firmware finds its own snapshot if it is still there. [`Store::load`] names the other kind if there is nothing else, which
//! is no reason not to start: see the example above.
//!
//! The first save of firmware of a new kind goes to the half without the newest snapshot, so the older firmware's is still
//! there until the new one saves after a second start, or fills its half. From then on the older firmware would start anew.
//! A roll-back that may come later needs a store of its own for each kind, in another range. While firmware saves, the half
//! with its own newest snapshot is kept, and that of another kind is erased.
//!
//! # Pages and wear
//! [`Geometry::pages`] says how many pages are needed, [`Geometry::saves_per_erasure`] how long they last, both as
//! constants. For pages of 4096 bytes, words of 4, and 10 000 erasures:
//!
//! | snapshot | bytes | pages | saves per erasure | saves in all |
//! |---|---|---|---|---|
//! | 4 features, 3 actions, moving average | 121 | 2 | 58 | 580 000 |
//! | 64 features, 10 actions, model of rewards | 5 257 | 4 | 2 | 20 000 |
//! | the same | 5 257 | 16 | 10 | 100 000 |
//!
//! That is while the device runs. The first save after a start erases a half: a device that is switched off after each save
//! has two saves per erasure, 20 000 in all, whatever the snapshot's size. Let it sleep with its memory on, or save less
//! often, or give it more pages and a store in each of several ranges.
//!
//! # Memory
//! Measured in code for Cortex-M0 at opt-level s. Stack, of opening the store and:
//!
//! | | the small policy above | the large one |
//! |---|---|---|
//! | [`Store::save`] | 2.0 KB | 2.0 KB |
//! | [`Store::load_into`] | 2.1 KB | 2.1 KB |
//! | [`Store::load`] | 2.7 KB | 38 KB |
//!
//! `load_into` reads every number in its place. `load` makes a new value, which `serde` moves from function to function, seven
//! times over: it is for small learners, and for hosts. A type of yours is read in place if it derives `Deserialize` without
//! attributes on its large fields.
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
