//! Tests on flash whose half-written bits read at random, drawn anew at each start. No acknowledged save is lost,
//! although power is cut during saves, during erasures, and while the device recovers from earlier cuts.

mod common;

use common::flash::{Flash, Tear};
use embedded_storage::nor_flash::ReadNorFlash;
use rand_core::Rng;
use samplegrad_core::stream;
use samplegrad_snapshot::{Blocking, Kind, Store, block_on};

const KIND: Kind = Kind::new("unsteady", &[]);

/// A number in 8 bytes, and `N` blocks of 8 bytes, so that a snapshot has one frame or several.
type Value<const N: usize> = (u64, [[u8; 8]; N]);

fn value(number: u64) -> [u8; 8] {
    number.wrapping_mul(0x9E37_79B9_7F4A_7C15).to_le_bytes()
}

/// Counts of the tried cases.
#[derive(Debug, Default)]
struct Tried {
    starts: u64,
    acknowledged: u64,
    /// Starts that loaded an older snapshot than the last acknowledged one.
    lost: u64,
    /// Starts that loaded a save that was cut short.
    unacknowledged: u64,
    /// Flashes that received a forbidden request.
    violations: u64,
}

/// Runs a device that saves up to six times after each start, with a power cut at any step, or at none.
fn life<const N: usize, const PAGE: usize, const WORD: usize, const READ: usize>(pages: usize, starts: u64) -> Tried
where
    [[u8; 8]; N]: serde::Serialize + serde::de::DeserializeOwned,
{
    let mut random = stream::xorshift(2026, (PAGE * 64 + WORD) as u64);
    let mut tried = Tried::default();
    // A new flash after every 100 starts, since much happens only at the first saves.
    while tried.starts < starts {
        let mut flash = Flash::<PAGE, WORD, READ>::used(pages).unsteady(random.next_u64());
        let range = 0..flash.capacity() as u32;
        // The numbers of the last tried and of the last acknowledged save.
        let (mut last, mut acknowledged) = (0, 0);
        // The number of steps of a save: the words of its frames.
        let frames =
            (8 * N + 40).div_ceil(PAGE.min(256) - 3 * WORD - 8) * (8_usize.div_ceil(WORD) + 8_usize.div_ceil(WORD));
        let save = (frames + (8 * N + 32).div_ceil(WORD)) as u64;
        for _ in 0..100 {
            tried.starts += 1;
            flash.start();
            // The cut is in an erasure or among the first words after the erasure, in the first saves, or near the end
            // of a save.
            let erasure = u64::from(random.next_u32() % 2) * 10 * (pages as u64) / 2;
            let steps = match random.next_u32() % 2 {
                0 => u64::from(random.next_u32() % [12, 60, 120, 400][random.next_u32() as usize % 4]),
                _ => u64::from(random.next_u32() % 4) * save + u64::from(random.next_u32() % 8),
            } + erasure;
            let tear = match random.next_u32() % 20 {
                0 => Tear::Clean,
                1 => Tear::Whole,
                _ => Tear::Torn(random.next_u64()),
            };
            flash.cut_after(steps, tear);
            let saves = random.next_u32() % 7;
            let mut buffer = vec![0; 8 * N + 40];
            let lives = block_on(async {
                let mut store = Store::open(Blocking(&mut flash), range.clone(), KIND, &mut buffer).await?;
                let found = store.load::<Value<N>>().await?;
                let number = found.map_or(0, |found| {
                    assert!(found.1.iter().all(|&bytes| bytes == value(found.0)), "a snapshot that never was");
                    found.0
                });
                assert!(number <= last, "a snapshot that never was");
                tried.unacknowledged += u64::from(number > acknowledged);
                if number < acknowledged {
                    tried.lost += 1;
                    acknowledged = number;
                }
                for _ in 0..saves {
                    last += 1;
                    store.save(&(last, [value(last); N])).await?;
                    acknowledged = last;
                    tried.acknowledged += 1;
                }
                Ok::<_, samplegrad_snapshot::StoreError<_>>(())
            });
            assert!(lives.is_ok() || flash.is_dead(), "{lives:?}");
            if flash.violation.is_some() {
                tried.violations += 1;
                break;
            }
        }
    }
    println!("pages of {PAGE}, words of {WORD}: {tried:?}");
    tried
}

#[track_caller]
fn nothing_is_lost(tried: Tried) {
    assert_eq!((tried.lost, tried.violations), (0, 0), "{tried:?}");
    assert!(tried.acknowledged > tried.starts / 4 && 1000 * tried.unacknowledged >= tried.starts, "{tried:?}");
}

const STARTS: u64 = if cfg!(debug_assertions) { 1_000 } else { 10_000 };

#[test]
fn pages_of_512_and_words_of_4() {
    nothing_is_lost(life::<10, 512, 4, 4>(2, STARTS));
}

#[test]
fn pages_of_256_and_words_of_1() {
    nothing_is_lost(life::<10, 256, 1, 1>(4, STARTS));
}

#[test]
fn pages_of_2048_and_words_of_32() {
    nothing_is_lost(life::<10, 2048, 32, 32>(2, STARTS));
}

/// Checks snapshots of several frames and two pages, one snapshot to each half.
#[test]
fn snapshots_larger_than_a_page() {
    nothing_is_lost(life::<30, 256, 4, 1>(4, STARTS));
}

/// Runs more than 10^5 starts of each geometry.
#[test]
#[ignore = "a minute in release"]
fn a_hundred_thousand_starts() {
    nothing_is_lost(life::<10, 512, 4, 4>(2, 120_000));
    nothing_is_lost(life::<10, 256, 1, 1>(4, 120_000));
    nothing_is_lost(life::<10, 2048, 32, 32>(2, 120_000));
    nothing_is_lost(life::<30, 256, 4, 1>(4, 120_000));
}
