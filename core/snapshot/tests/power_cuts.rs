//! Tests with a power cut at every step of every save. The device always loads the last saved snapshot or the one that
//! was being saved, bit for bit, and goes on learning as if no cut had happened.

mod common;

use common::{
    device::{Episodic, Fresh, Large, Small},
    flash::{Flash, Tear},
};
use embedded_storage::nor_flash::{NorFlash, ReadNorFlash};
use samplegrad_snapshot::{Blocking, Store, block_on, decode, encode};
use sequential_storage::{
    cache::{Cache, Uncached},
    map::{MapConfig, MapStorage},
};

/// A method of keeping a snapshot in flash.
trait Keeper<D: Fresh, const PAGE: usize, const WORD: usize, const READ: usize> {
    fn save(flash: &mut Flash<PAGE, WORD, READ>, device: &D) -> Result<(), String>;
    fn load(flash: &mut Flash<PAGE, WORD, READ>) -> Result<Option<D>, String>;
}

/// The store of this crate.
struct Kept<const N: usize>;

impl<D: Fresh, const N: usize, const PAGE: usize, const WORD: usize, const READ: usize> Keeper<D, PAGE, WORD, READ>
    for Kept<N>
{
    fn save(flash: &mut Flash<PAGE, WORD, READ>, device: &D) -> Result<(), String> {
        let range = 0..flash_len(flash);
        block_on(async {
            let buffer = &mut [0; N];
            let mut store = Store::open(Blocking(flash), range, D::KIND, buffer).await?;
            store.save(device).await.map(|_| ())
        })
        .map_err(|error| format!("{error:?}"))
    }
    fn load(flash: &mut Flash<PAGE, WORD, READ>) -> Result<Option<D>, String> {
        let range = 0..flash_len(flash);
        block_on(async { Store::open(Blocking(flash), range, D::KIND, &mut [0; N]).await?.load().await })
            .map_err(|error| format!("{error:?}"))
    }
}

fn flash_len<const PAGE: usize, const WORD: usize, const READ: usize>(flash: &Flash<PAGE, WORD, READ>) -> u32 {
    flash.capacity() as u32
}

fn bits<D: Fresh>(device: &D) -> Vec<u8> {
    let mut buffer = vec![0; 8192];
    encode(D::KIND, device, &mut buffer).unwrap().to_vec()
}

/// The settings of a simulated device.
struct Life {
    pages: usize,
    /// True if the flash starts erased; false if it starts with contents left by another program.
    erased: bool,
    /// The number of saves.
    saves: usize,
    /// Steps of learning before each save.
    learns: usize,
    /// The stride between tried cuts, and the number of tears tried at each cut.
    stride: usize,
    tears: u64,
}

/// Counts of the tried cases.
#[derive(Debug, Default)]
struct Tried {
    cuts: u64,
    starts: u64,
    kept_last: u64,
    kept_before: u64,
    erasures: u32,
}

/// Runs a device without a cut, then once for every cut; returns an error that names a lost snapshot.
fn every_cut<D: Fresh, M, const PAGE: usize, const WORD: usize, const READ: usize>(life: &Life) -> Result<Tried, String>
where
    M: Keeper<D, PAGE, WORD, READ>,
{
    let mut flash = Flash::<PAGE, WORD, READ>::used(life.pages);
    if life.erased {
        flash = Flash::erased(life.pages);
    }
    let mut device = D::fresh();
    let mut befores = Vec::new();
    let mut devices = vec![device.clone()];
    for _ in 0..life.saves {
        (0..life.learns).for_each(|_| device.learn());
        befores.push(flash.clone());
        M::save(&mut flash, &device)?;
        devices.push(device.clone());
    }
    let saved: Vec<Vec<u8>> = devices.iter().map(bits).collect();
    let last = bits(&M::load(&mut flash)?.ok_or("nothing was kept")?);
    assert_eq!(last, saved[life.saves], "without a cut");
    let mut tried = Tried { erasures: flash.erasures.iter().sum(), ..Tried::default() };

    for (save, before) in befores.iter().enumerate() {
        let mut whole = before.clone();
        M::save(&mut whole, &devices[save + 1])?;
        // The last steps are tried first, because the commit is among them.
        for step in (0..whole.steps - before.steps).rev().step_by(life.stride) {
            tried.cuts += 1;
            let is_last = step + 1 == whole.steps - before.steps;
            for tear in 0..life.tears {
                let seed = (save as u64) << 40 | step << 8 | tear;
                let tear = match tear {
                    0 => Tear::Clean,
                    1 if is_last => Tear::Whole,
                    _ => Tear::Torn(seed),
                };
                let at = format!("save {save}, step {step}, {tear:?}");
                let mut flash = before.clone();
                flash.cut_after(step, tear);
                if M::save(&mut flash, &devices[save + 1]).is_ok() || !flash.is_dead() {
                    return Err(format!("{at}: a save succeeded without power"));
                }
                let mut complete =
                    come_back::<D, M, PAGE, WORD, READ>(&mut flash, &saved, [save, save], &at, &mut tried)?;
                // Power fails again while the device recovers.
                if seed.is_multiple_of(5) && complete < life.saves {
                    let mut device = resumed::<D, M, PAGE, WORD, READ>(&mut flash)?;
                    (0..life.learns).for_each(|_| device.learn());
                    flash.cut_after(step * 7 % 97, Tear::Torn(!seed));
                    complete = match M::save(&mut flash, &device) {
                        Ok(()) => complete + 1,
                        Err(_) => {
                            come_back::<D, M, PAGE, WORD, READ>(&mut flash, &saved, [save, complete], &at, &mut tried)?
                        }
                    };
                    flash.start();
                }
                // The device continues.
                let mut device = resumed::<D, M, PAGE, WORD, READ>(&mut flash)?;
                for save in complete..life.saves.min(complete + 3) {
                    (0..life.learns).for_each(|_| device.learn());
                    M::save(&mut flash, &device).map_err(|error| format!("{at}: afterwards {error}"))?;
                    if bits(&device) != saved[save + 1] {
                        return Err(format!("{at}: learning did not go on as it would have"));
                    }
                    if M::load(&mut flash)?.as_ref().map(bits).as_ref() != Some(&saved[save + 1]) {
                        return Err(format!("{at}: a later save was lost"));
                    }
                }
                if let Some(violation) = flash.violation {
                    return Err(format!("{at}: {violation}"));
                }
            }
        }
    }
    Ok(tried)
}

/// Starts the device again and returns the number of complete saves. It is the number before the cut, or one more, or
/// the number of saves that had returned. The last case is possible because a save that was cut short, but loaded once,
/// may be missing after a cut in the next save.
fn come_back<D: Fresh, M, const PAGE: usize, const WORD: usize, const READ: usize>(
    flash: &mut Flash<PAGE, WORD, READ>,
    saved: &[Vec<u8>],
    [returned, before]: [usize; 2],
    at: &str,
    tried: &mut Tried,
) -> Result<usize, String>
where
    M: Keeper<D, PAGE, WORD, READ>,
{
    flash.start();
    tried.starts += 1;
    let device = M::load(flash).map_err(|error| format!("{at}: {error}"))?;
    let found = device.as_ref().map(bits);
    let is = |save: usize| match (&found, save) {
        // Before the first save there is no snapshot.
        (None, 0) => true,
        (Some(found), save) => saved.get(save) == Some(found),
        (None, _) => false,
    };
    if is(before + 1) {
        tried.kept_last += 1;
        Ok(before + 1)
    } else if is(before) {
        tried.kept_before += 1;
        Ok(before)
    } else if is(returned) {
        tried.kept_before += 1;
        Ok(returned)
    } else {
        Err(format!("{at}: neither the last snapshot nor the one before it came back"))
    }
}

fn resumed<D: Fresh, M, const PAGE: usize, const WORD: usize, const READ: usize>(
    flash: &mut Flash<PAGE, WORD, READ>,
) -> Result<D, String>
where
    M: Keeper<D, PAGE, WORD, READ>,
{
    Ok(M::load(flash)?.unwrap_or_else(D::fresh))
}

/// Returns the stride between tried cuts: `debug` in a debug build, 1 otherwise.
const fn stride(debug: usize) -> usize {
    if cfg!(debug_assertions) { debug } else { 1 }
}

#[track_caller]
fn survives<D: Fresh, M, const PAGE: usize, const WORD: usize, const READ: usize>(life: Life, cuts: u64)
where
    M: Keeper<D, PAGE, WORD, READ>,
{
    let tried = every_cut::<D, M, PAGE, WORD, READ>(&life).unwrap_or_else(|lost| panic!("{lost}"));
    println!("pages of {PAGE}, words of {WORD}: {tried:?}");
    assert!(tried.kept_last > 0 && tried.kept_before > 0 && tried.erasures >= 4 * life.pages as u32 / 2, "{tried:?}");
    assert!(tried.cuts * life.stride as u64 >= cuts, "only {tried:?}");
}

/// Checks the nRF52's pages and words, with a snapshot of several frames and two pages.
#[test]
fn large_policy_in_pages_of_4096_and_words_of_4() {
    let life = Life { pages: 4, erased: false, saves: 8, learns: 3, stride: stride(301), tears: 2 };
    survives::<Large, Kept<5300>, 4096, 4, 1>(life, 10_000);
}

/// Checks several snapshots per page, with double words.
#[test]
fn small_policy_in_pages_of_1024_and_words_of_8() {
    let life = Life { pages: 2, erased: false, saves: 40, learns: 3, stride: stride(41), tears: 3 };
    survives::<Small, Kept<128>, 1024, 8, 8>(life, 700);
}

/// Checks bytes that are written one at a time, in pages smaller than the largest frame.
#[test]
fn small_policy_in_pages_of_128_and_words_of_1() {
    let life = Life { pages: 6, erased: true, saves: 30, learns: 3, stride: stride(97), tears: 3 };
    survives::<Small, Kept<128>, 128, 1, 1>(life, 5500);
}

#[test]
fn small_policy_in_pages_of_512_and_words_of_4() {
    let life = Life { pages: 4, erased: false, saves: 60, learns: 3, stride: stride(97), tears: 3 };
    survives::<Small, Kept<128>, 512, 4, 4>(life, 2000);
}

/// Checks a learner of whole episodes with Adam, saved in the middle of episodes.
#[test]
fn episodic_learner_in_pages_of_1024_and_words_of_8() {
    let life = Life { pages: 4, erased: false, saves: 30, learns: 3, stride: stride(41), tears: 3 };
    survives::<Episodic, Kept<320>, 1024, 8, 8>(life, 500);
}

/// A method with one place for a snapshot, erased and then written.
struct InPlace;

impl<D: Fresh, const PAGE: usize, const WORD: usize, const READ: usize> Keeper<D, PAGE, WORD, READ> for InPlace {
    fn save(flash: &mut Flash<PAGE, WORD, READ>, device: &D) -> Result<(), String> {
        write_slot(flash, 0, &padded(bits(device))).map_err(|error| format!("{error:?}"))
    }
    fn load(flash: &mut Flash<PAGE, WORD, READ>) -> Result<Option<D>, String> {
        read_slot(flash, 0)
    }
}

/// A method that alternates between two places, and first writes a head that names the current place.
struct HeadFirst;

impl<D: Fresh, const PAGE: usize, const WORD: usize, const READ: usize> Keeper<D, PAGE, WORD, READ> for HeadFirst {
    fn save(flash: &mut Flash<PAGE, WORD, READ>, device: &D) -> Result<(), String> {
        let (heads, slots) = (0, [1, 2]);
        let written = heads_written(flash);
        if written == 0 {
            flash.erase(0, PAGE as u32).map_err(|error| format!("{error:?}"))?;
        }
        let head = (heads * PAGE + written * WORD) as u32;
        flash.write(head, &[0; WORD]).map_err(|error| format!("{error:?}"))?;
        write_slot(flash, slots[written % 2], &padded(bits(device))).map_err(|error| format!("{error:?}"))
    }
    fn load(flash: &mut Flash<PAGE, WORD, READ>) -> Result<Option<D>, String> {
        match heads_written(flash) {
            0 => Ok(None),
            written => read_slot(flash, [1, 2][(written - 1) % 2]),
        }
    }
}

fn heads_written<const PAGE: usize, const WORD: usize, const READ: usize>(
    flash: &mut Flash<PAGE, WORD, READ>,
) -> usize {
    flash.bytes_mut()[..PAGE].chunks(WORD).take_while(|word| word.iter().all(|&byte| byte == 0)).count()
}

fn padded(mut bytes: Vec<u8>) -> Vec<u8> {
    bytes.resize(bytes.len().next_multiple_of(8), 0);
    bytes
}

fn write_slot<F: NorFlash>(flash: &mut F, page: usize, bytes: &[u8]) -> Result<(), F::Error> {
    let start = (page * F::ERASE_SIZE) as u32;
    flash.erase(start, start + F::ERASE_SIZE as u32)?;
    flash.write(start, bytes)
}

fn read_slot<D: Fresh, const PAGE: usize, const WORD: usize, const READ: usize>(
    flash: &mut Flash<PAGE, WORD, READ>,
    page: usize,
) -> Result<Option<D>, String> {
    let length = bits(&D::fresh()).len();
    let bytes = &flash.bytes_mut()[page * PAGE..][..length];
    // A damaged snapshot counts as none.
    Ok(decode(D::KIND, bytes).ok())
}

/// A method with one map that holds chunks under alternating keys, and moves valid items from page to page. It loses
/// nothing if pages are erased from the first word to the last; real pages are erased in any order.
struct OneMap;

impl<D: Fresh, const PAGE: usize, const WORD: usize, const READ: usize> Keeper<D, PAGE, WORD, READ> for OneMap {
    fn save(flash: &mut Flash<PAGE, WORD, READ>, device: &D) -> Result<(), String> {
        let (range, bytes) = (0..flash_len(flash), bits(device));
        block_on(async {
            let mut map = map(flash, range);
            let mut buffer = [0; 512];
            let generation: u32 = map.fetch_item(&mut buffer, &HEAD).await?.unwrap_or(0) + 1;
            for (number, chunk) in (0_u8..).zip(bytes.chunks(64)) {
                let key = number << 1 | (generation & 1) as u8;
                map.store_item(&mut buffer, &key, &chunk).await?;
            }
            map.store_item(&mut buffer, &HEAD, &generation).await
        })
        .map_err(|error| format!("{error:?}"))
    }
    fn load(flash: &mut Flash<PAGE, WORD, READ>) -> Result<Option<D>, String> {
        let (range, length) = (0..flash_len(flash), bits(&D::fresh()).len());
        let bytes = block_on(async {
            let mut map = map(flash, range);
            let mut buffer = [0; 512];
            let Some(generation) = map.fetch_item::<u32>(&mut buffer, &HEAD).await? else { return Ok(None) };
            let mut bytes = Vec::new();
            for number in 0..length.div_ceil(64) as u8 {
                let key = number << 1 | (generation & 1) as u8;
                bytes.extend_from_slice(map.fetch_item::<&[u8]>(&mut buffer, &key).await?.unwrap_or_default());
            }
            Ok(Some(bytes))
        })
        .map_err(|error: sequential_storage::Error<_>| format!("{error:?}"))?;
        bytes.map(|bytes| decode(D::KIND, &bytes)).transpose().map_err(|error| error.to_string())
    }
}

const HEAD: u8 = 0xFF;

fn map<F: NorFlash>(
    flash: F,
    range: std::ops::Range<u32>,
) -> MapStorage<u8, Blocking<F>, Cache<Uncached, Uncached, Uncached, u8>> {
    MapStorage::new(Blocking(flash), MapConfig::try_new(range).unwrap(), Cache::new_uncached())
}

/// Checks that a method that loses snapshots is detected.
#[track_caller]
fn is_caught<M: Keeper<Small, 512, 4, 4>>(how: &str) {
    let life = Life { pages: 4, erased: true, saves: 30, learns: 3, stride: 1, tears: 3 };
    let lost = every_cut::<Small, M, 512, 4, 4>(&life).expect_err("nothing was lost");
    assert!(lost.contains(how), "{lost}");
    println!("{lost}");
}

#[test]
fn a_single_place_is_caught() {
    is_caught::<InPlace>("save 1");
}

#[test]
fn a_head_written_first_is_caught() {
    is_caught::<HeadFirst>("save 1");
}

#[test]
fn a_map_that_moves_its_items_is_caught() {
    is_caught::<OneMap>("save");
}
