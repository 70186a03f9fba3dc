//! Tests of the store on sound flash: documented wear, specific errors, fallback after damage.

mod common;

use common::{
    device::{Fresh, Large, Small},
    flash::{Failure, Flash, Tear},
    payload::sealed,
};
use embedded_storage::nor_flash::{NorFlash, NorFlashErrorKind, ReadNorFlash};
use samplegrad_core::BITS;
use samplegrad_snapshot::{Blocking, Error, Geometry, Kind, Store, StoreError, block_on, encode, encoded_len};
use sequential_storage::{
    cache::Cache,
    queue::{QueueConfig, QueueStorage},
};

type Nrf = Flash<4096, 4, 1>;

#[track_caller]
fn refused<F: NorFlash<Error: PartialEq>, const N: usize>(
    flash: &mut F,
    range: std::ops::Range<u32>,
    why: StoreError<F::Error>,
) {
    let buffer = &mut [0; N];
    let opened = block_on(Store::open(Blocking(flash), range, Small::KIND, buffer));
    assert_eq!(opened.map(|_| ()), Err(why));
}

#[test]
fn ranges_are_checked() {
    let page = 4096;
    let flash = &mut Nrf::used(8);
    let wrong = |start, end| StoreError::Range { start, end, page };
    refused::<_, 128>(flash, 100..8192, wrong(100, 8192));
    refused::<_, 128>(flash, 0..8000, wrong(0, 8000));
    refused::<_, 128>(flash, 0..3 * 4096, wrong(0, 3 * 4096));
    refused::<_, 128>(flash, 4096..4096, wrong(4096, 4096));
    refused::<_, 128>(flash, std::ops::Range { start: 8192, end: 4096 }, wrong(8192, 4096));
    refused::<_, 128>(flash, 0..16 * 4096, wrong(0, 16 * 4096));
    refused::<_, 5300>(flash, 0..8192, StoreError::Pages { needed: 4, found: 2 });
    assert_eq!(flash.steps, 0);
    let tiny = Geometry { page: 32, word: 8 };
    refused::<_, 128>(&mut Flash::<32, 8, 8>::used(4), 0..128, StoreError::Geometry(tiny));
    let wide = Geometry { page: 4096, word: 64 };
    refused::<_, 128>(&mut Flash::<4096, 64, 64>::used(4), 0..8192, StoreError::Geometry(wide));
}

/// Saves until every page was erased several times; returns the number of saves per erasure of a page.
fn wear<D: Fresh, const N: usize, const PAGE: usize, const WORD: usize, const READ: usize>(pages: usize) -> f64 {
    let mut flash = Flash::<PAGE, WORD, READ>::erased(pages);
    let (mut device, mut saves) = (D::fresh(), 0);
    let bytes = encoded_len(&device).unwrap();
    assert!(bytes <= N);
    // The store stays open, as on a device.
    let range = 0..flash.capacity() as u32;
    let per_erasure = Geometry { page: PAGE, word: WORD.max(READ) }.saves_per_erasure(bytes, pages);
    block_on(async {
        let buffer = &mut [0; N];
        let mut store = Store::open(Blocking(&mut flash), range, D::KIND, buffer).await.unwrap();
        while saves < 10 * per_erasure {
            device.learn();
            saves += 1;
            assert_eq!(store.save(&device).await, Ok(saves as u32));
            let loaded: D = store.load().await.unwrap().unwrap();
            let mut buffers = [[0; 8192]; 2];
            let [a, b] = &mut buffers;
            assert_eq!(encode(D::KIND, &loaded, a).unwrap(), encode(D::KIND, &device, b).unwrap());
        }
    });
    assert_eq!(flash.violation, None);
    // The first save of all erases both halves.
    let (lower, upper) = flash.erasures.split_at(pages / 2);
    assert!(lower.iter().all(|&n| n == 10) && upper.iter().all(|&n| n == 11), "{:?}", flash.erasures);
    per_erasure as f64
}

#[test]
fn pages_last_as_long_as_documented() {
    // Exactly ten erasures of every page.
    assert_eq!(wear::<Large, 5300, 4096, 4, 1>(4), 2.0);
    assert_eq!(wear::<Large, 5300, 4096, 4, 1>(16), 10.0);
    assert_eq!(wear::<Small, 128, 4096, 4, 1>(2), 58.0);
    assert_eq!(wear::<Small, 128, 1024, 8, 8>(2), 12.0);
    assert_eq!(wear::<Small, 128, 128, 1, 1>(6), 2.0);
    let bytes = [encoded_len(&Small::fresh()), encoded_len(&Large::fresh())];
    assert_eq!(bytes, [Ok(121), Ok(5257)]);
}

#[test]
fn what_does_not_fit_is_refused_and_nothing_is_written() {
    let (mut flash, device) = (Nrf::erased(4), Large::fresh());
    let needed = encoded_len(&device).unwrap();
    let buffer = &mut [0; 5000];
    let mut store = block_on(Store::open(Blocking(&mut flash), 0..16384, Large::KIND, buffer)).unwrap();
    let refused = StoreError::Snapshot(Error::TooLarge { needed, capacity: 5000 });
    assert_eq!(block_on(store.save(&device)), Err(refused));
    assert_eq!(block_on(store.load::<Large>()).unwrap(), None);
    assert_eq!(flash.steps, 0);
}

/// Returns flash with this many saves of a device, which learns once before each save.
fn saved(saves: usize) -> Nrf {
    let (mut flash, mut device) = (Nrf::erased(4), Small::fresh());
    let buffer = &mut [0; 5300];
    let mut store = open(&mut flash, Small::KIND, buffer);
    for _ in 0..saves {
        device.learn();
        block_on(store.save(&device)).unwrap();
    }
    flash
}

fn open<'a>(flash: &'a mut Nrf, kind: Kind, buffer: &'a mut [u8; 5300]) -> Store<'a, Blocking<&'a mut Nrf>> {
    block_on(Store::open(Blocking(flash), 0..16384, kind, buffer)).unwrap()
}

#[test]
fn another_kind_is_refused_by_name_and_saves_go_on() {
    let (flash, buffer) = (&mut saved(3), &mut [0; 5300]);
    let mut store = open(flash, Large::KIND, buffer);
    let (found, expected) = (Small::KIND.get(), Large::KIND.get());
    let refused = StoreError::Snapshot(Error::Kind { found, expected });
    assert_eq!(block_on(store.load::<Large>()), Err(refused));
    assert_eq!(store.generation(), Some(3));
    let mut running = Large::fresh();
    running.learn();
    let before = running.clone();
    assert_eq!(block_on(store.load_into(&mut running)), Err(refused));
    assert_eq!(running, before, "what was refused left something behind");
    let device = Large::fresh();
    assert_eq!(block_on(store.save(&device)), Ok(5));
    assert_eq!(block_on(store.load::<Large>()), Ok(Some(device)));
    assert_eq!((block_on(store.load_into(&mut running)), &running), (Ok(true), &Large::fresh()));
    block_on(store.clear()).unwrap();
    assert_eq!(block_on(store.load_into(&mut running)), Ok(false));
    assert_eq!((block_on(store.load::<Large>()), store.generation()), (Ok(None), None));
    assert!(store.into_flash().0.bytes_mut().iter().all(|&byte| byte == 0xFF));
}

/// Loads a device of any kind from a store with this buffer.
fn load<D: Fresh>(flash: &mut Nrf, buffer: &mut [u8]) -> Result<Option<D>, Error> {
    block_on(async { Store::open(Blocking(flash), 0..16384, D::KIND, buffer).await?.load().await }).map_err(|error| {
        match error {
            StoreError::Snapshot(error) => error,
            error => panic!("{error:?}"),
        }
    })
}

/// Checks firmware of a new kind, then a roll-back to the older kind.
#[test]
fn after_a_roll_back_the_older_kind_is_found() {
    let (flash, buffer) = (&mut saved(3), &mut [0; 5300]);
    let old = load::<Small>(flash, buffer).unwrap().unwrap();
    let mut new = Large::fresh();
    // The new firmware starts without a snapshot and saves; the old firmware's snapshot remains.
    let (found, expected) = (Small::KIND.get(), Large::KIND.get());
    assert_eq!(load::<Large>(flash, buffer), Err(Error::Kind { found, expected }));
    new.learn();
    assert_eq!(block_on(open(flash, Large::KIND, buffer).save(&new)), Ok(5));
    assert_eq!(load::<Large>(flash, buffer), Ok(Some(new.clone())));
    assert_eq!(load::<Small>(flash, buffer), Ok(Some(old.clone())));
    // After the roll-back, the old firmware saves over the new firmware's snapshot. Its own snapshot is safe at every
    // step.
    let mut next = old.clone();
    next.learn();
    for step in 0..100 {
        let mut flash = flash.clone();
        flash.cut_after(step, Tear::Torn(step));
        let saved = block_on(open(&mut flash, Small::KIND, buffer).save(&next));
        assert_eq!(saved, if flash.is_dead() { Err(StoreError::Flash(Failure::PowerCut)) } else { Ok(7) });
        flash.start();
        let loaded = load::<Small>(&mut flash, buffer).unwrap().unwrap();
        assert!(loaded == next || loaded == old && saved.is_err(), "step {step}");
    }
    // The second start of the new firmware replaces the old firmware's snapshot.
    assert_eq!(block_on(open(flash, Large::KIND, buffer).save(&new)), Ok(7));
    let (found, expected) = (expected, found);
    assert_eq!(load::<Small>(flash, buffer), Err(Error::Kind { found, expected }));
}

#[test]
fn a_buffer_that_is_too_small_is_named() {
    let flash = &mut saved(3);
    for capacity in [1, 24, 100, 120] {
        assert_eq!(load::<Small>(flash, &mut vec![0; capacity]), Err(Error::TooLarge { needed: 121, capacity }));
        let (found, expected) = (Small::KIND.get(), Large::KIND.get());
        assert_eq!(load::<Large>(flash, &mut vec![0; capacity]), Err(Error::Kind { found, expected }));
    }
    let error = Error::TooLarge { needed: 121, capacity: 100 };
    assert_eq!(error.to_string(), "snapshot: needs 121 bytes, there are 100");
    assert_eq!(load::<Small>(flash, &mut [0; 121]).unwrap().unwrap().step, 3);
}

/// Checks that a snapshot of release 0.1.0, version 1 without a seal, is loaded, and that its half is kept.
#[test]
fn snapshots_of_the_first_release_are_kept() {
    let (mut flash, mut device) = (Nrf::erased(4), Small::fresh());
    device.learn();
    let mut buffer = [0; 5300];
    let bytes = encode(Small::KIND, &device, &mut buffer).unwrap();
    let first = sealed([&bytes[..4], &[1, 0, 0, 0], &bytes[8..20], &bytes[24..117]].concat());
    block_on(async {
        let mut queue = QueueStorage::new(Blocking(&mut flash), QueueConfig::new(8192..16384), Cache::new_uncached());
        // Generation 9, frame 0 of 1.
        let frame = [&[9, 0, 0, 0, 0, 0, 1, 0], &first[..]].concat();
        queue.push(&frame, false).await.unwrap();
    });
    let mut store = open(&mut flash, Small::KIND, &mut buffer);
    assert_eq!((block_on(store.load::<Small>()), store.bits()), (Ok(Some(device.clone())), Some(1)));
    let old = device.clone();
    device.learn();
    for step in 0..100 {
        let mut flash = flash.clone();
        flash.cut_after(step, Tear::Torn(step));
        let saved = block_on(open(&mut flash, Small::KIND, &mut buffer).save(&device));
        flash.start();
        let loaded = load::<Small>(&mut flash, &mut buffer).unwrap().unwrap();
        assert!(loaded == device || loaded == old && saved.is_err(), "step {step}");
    }
    let mut store = open(&mut flash, Small::KIND, &mut buffer);
    assert_eq!(block_on(store.save(&device)), Ok(11));
    assert_eq!((block_on(store.load::<Small>()), store.bits()), (Ok(Some(device)), Some(BITS)));
}

/// Checks that a cut while clearing leaves the store unchanged or empty, and that this state lasts.
#[test]
fn a_cut_while_clearing_leaves_all_or_nothing() {
    for step in 0..120 {
        let mut flash = saved(3).unsteady(step);
        flash.cut_after(step, Tear::Torn(!step));
        let cleared = block_on(open(&mut flash, Small::KIND, &mut [0; 5300]).clear());
        assert_eq!(cleared.is_err(), flash.is_dead());
        flash.start();
        let after = load::<Small>(&mut flash, &mut [0; 5300]).unwrap();
        assert!(after.is_none() || cleared.is_err() && after.unwrap().step == 3, "step {step}");
        let mut device = Small::fresh();
        (0..9).for_each(|_| device.learn());
        block_on(open(&mut flash, Small::KIND, &mut [0; 5300]).save(&device)).unwrap();
        for _ in 0..20 {
            flash.start();
            assert_eq!(load::<Small>(&mut flash, &mut [0; 5300]).unwrap().unwrap().step, 9, "step {step}");
        }
        assert_eq!(flash.violation, None);
    }
}

/// Checks that the store loads the saved snapshot, or the snapshot before it, after bits were changed anywhere.
#[test]
fn damage_falls_back_to_the_snapshot_before() {
    let sound = saved(3);
    let end = sound.clone().bytes_mut().iter().rposition(|&byte| byte != 0xFF).unwrap();
    let (mut last, mut before) = (0, 0);
    for bit in 0..8 * (end + 1) {
        let mut flash = sound.clone();
        flash.bytes_mut()[bit / 8] ^= 1 << (bit % 8);
        let loaded: Option<Small> = block_on(open(&mut flash, Small::KIND, &mut [0; 5300]).load()).unwrap();
        match loaded.expect("a device").step {
            3 => last += 1,
            2 => before += 1,
            step => panic!("bit {bit}: as of step {step}"),
        }
    }
    println!("{last} flipped bits leave the last snapshot, {before} the one before");
    assert!(last > 2 * before && before > 500);
}

#[test]
fn worn_flash_is_named_and_the_last_snapshot_stays() {
    /// Flash that ignores writes from a certain address on.
    struct Worn(Nrf, u32);

    impl embedded_storage::nor_flash::ErrorType for Worn {
        type Error = Failure;
    }
    impl ReadNorFlash for Worn {
        const READ_SIZE: usize = 1;
        fn read(&mut self, offset: u32, bytes: &mut [u8]) -> Result<(), Self::Error> {
            self.0.read(offset, bytes)
        }
        fn capacity(&self) -> usize {
            self.0.capacity()
        }
    }
    impl NorFlash for Worn {
        const WRITE_SIZE: usize = 4;
        const ERASE_SIZE: usize = 4096;
        fn erase(&mut self, from: u32, to: u32) -> Result<(), Self::Error> {
            self.0.erase(from, to)
        }
        fn write(&mut self, offset: u32, bytes: &[u8]) -> Result<(), Self::Error> {
            if offset < self.1 { self.0.write(offset, bytes) } else { Ok(()) }
        }
    }

    // The upper half is worn, and the lower half is full after one large snapshot.
    let (mut flash, mut device) = (Worn(Nrf::used(4), 8192), Large::fresh());
    let buffer = &mut [0; 5300];
    let mut store = block_on(Store::open(Blocking(&mut flash), 0..16384, Large::KIND, buffer)).unwrap();
    assert_eq!(block_on(store.save(&device)), Ok(1));
    let first = device.clone();
    device.learn();
    assert_eq!(block_on(store.save(&device)), Err(StoreError::NotKept));
    assert_eq!(block_on(store.load::<Large>()), Ok(Some(first)));
    assert_eq!(store.generation(), Some(1));
    assert!(format!("{}", StoreError::<NorFlashErrorKind>::NotKept).contains("worn out"));
}
