//! NOR flash in memory, whose power can be cut at every step.
//!
//! Writing clears bits, one word at a time. A word may be written once between erasures, except that zeros may be
//! written over a written word, as most flash permits. Erasing sets the bits of a page. A step is the writing of a
//! word, or one of several stages of the erasure of a page. At a power cut, the current step is executed not at all, in
//! part or in full. A word written in part has any of its bits cleared. A page erased in part depends on the stage.
//! After the cut, every operation fails until the next start.
//!
//! In unsteady flash, a step that is cut short leaves weak bits, at least one in every word that it touched. A weak bit
//! is neither set nor cleared. It reads at random, drawn anew at each start. Clearing a weak bit or erasing its page
//! makes the bit steady again.

use embedded_storage::nor_flash::{self, ErrorType, NorFlash, NorFlashError, NorFlashErrorKind, ReadNorFlash};

/// Flash with pages and words of given sizes.
#[derive(Clone)]
pub struct Flash<const PAGE: usize, const WORD: usize, const READ: usize> {
    bytes: Vec<u8>,
    /// For each word: true if it was written since it was erased.
    written: Vec<bool>,
    /// For each page: true if its last erasure was cut short.
    undefined: Vec<bool>,
    /// The number of erasures of each page.
    pub erasures: Vec<u32>,
    /// Steps so far.
    pub steps: u64,
    cut: Option<(u64, Tear)>,
    dead: bool,
    /// The weak bits of each byte, if the flash is unsteady. Their values depend on the seed and on the number of the
    /// start.
    weak: Option<Vec<u8>>,
    seed: u64,
    starts: u64,
    /// The first forbidden request of a driver.
    pub violation: Option<&'static str>,
}

/// The part of the current step that a power cut still executes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Tear {
    /// None of the step.
    Clean,
    /// Some bits of a word, chosen by this number.
    Torn(u64),
    /// The whole step, and nothing after it.
    Whole,
}

/// The error of a failed operation.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Failure {
    PowerCut,
    Refused(NorFlashErrorKind),
}

impl NorFlashError for Failure {
    fn kind(&self) -> NorFlashErrorKind {
        NorFlashErrorKind::Other
    }
}

fn mix(mut z: u64) -> u64 {
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}

/// Returns a random byte; each bit is set with probability `set`/8.
fn noise(seed: u64, index: usize, set: u64) -> u8 {
    (0..8).fold(0, |byte, bit| {
        let word = mix(mix(seed ^ 0x5EED).wrapping_add(8 * index as u64 + bit));
        byte | u8::from(word >> 61 < set) << bit
    })
}

impl<const PAGE: usize, const WORD: usize, const READ: usize> Flash<PAGE, WORD, READ> {
    /// The number of stages in which an erasure can be cut short.
    pub const STAGES: u64 = 10;

    /// Creates flash with contents left by another program.
    pub fn used(pages: usize) -> Self {
        Self {
            bytes: (0..pages * PAGE).map(|index| noise(7, index, 4)).collect(),
            written: vec![true; pages * PAGE / WORD],
            undefined: vec![true; pages],
            erasures: vec![0; pages],
            steps: 0,
            cut: None,
            dead: false,
            weak: None,
            seed: 0,
            starts: 0,
            violation: None,
        }
    }

    /// Makes the flash unsteady: from this call on, torn words and pages have weak bits.
    pub fn unsteady(mut self, seed: u64) -> Self {
        (self.weak, self.seed) = (Some(vec![0; self.bytes.len()]), seed);
        self
    }

    /// Creates erased flash, as manufactured.
    pub fn erased(pages: usize) -> Self {
        let mut flash = Self::used(pages);
        flash.bytes.fill(0xFF);
        flash.written.fill(false);
        flash.undefined.fill(false);
        flash
    }

    /// Schedules a power cut after this many more steps.
    pub fn cut_after(&mut self, steps: u64, tear: Tear) {
        self.cut = Some((steps, tear));
    }

    /// Restores power.
    pub fn start(&mut self) {
        (self.cut, self.dead) = (None, false);
        self.starts += 1;
        let seed = mix(self.seed ^ self.starts);
        let weak = self.weak.as_ref().into_iter().flatten().enumerate();
        for ((index, &weak), byte) in weak.zip(&mut self.bytes).filter(|((_, weak), _)| **weak != 0) {
            *byte = *byte & !weak | noise(seed, index, 4) & weak;
        }
    }

    /// Makes bits of each word weak: at least one of the bits that the step was about to change, if the step changes
    /// any.
    fn weaken(&mut self, at: usize, changing: &[u8], seed: u64) {
        let Some(weak) = &mut self.weak else { return };
        // Few of the bits are weak, half of them, or most of them.
        let share = [0, 1, 4, 7][(mix(seed) >> 62) as usize];
        for (number, word) in changing.chunks(WORD).enumerate() {
            let bits: Vec<usize> = (0..8 * WORD).filter(|bit| word[bit / 8] >> (bit % 8) & 1 != 0).collect();
            let Some(&one) = bits.get(mix(seed ^ number as u64) as usize % bits.len().max(1)) else { continue };
            for bit in bits {
                let index = at + number * WORD + bit / 8;
                if bit == one || noise(seed ^ 0xBAD, index, share) >> (bit % 8) & 1 != 0 {
                    weak[index] |= 1 << (bit % 8);
                }
            }
        }
    }

    pub fn is_dead(&self) -> bool {
        self.dead
    }

    pub fn bytes_mut(&mut self) -> &mut [u8] {
        &mut self.bytes
    }

    /// Counts one step; returns the tear if power is cut in this step.
    fn step(&mut self) -> Result<(), Tear> {
        match &mut self.cut {
            Some((0, tear)) => {
                self.dead = true;
                Err(*tear)
            }
            cut => {
                if let Some((left, _)) = cut {
                    *left -= 1;
                }
                self.steps += 1;
                Ok(())
            }
        }
    }

    fn refuse(&mut self, why: &'static str) {
        self.violation = self.violation.or(Some(why));
    }

    /// Applies one stage of the erasure of a page.
    fn half_erase(&mut self, page: usize, stage: u64, seed: u64) {
        let changing: Vec<u8> = self.bytes[page * PAGE..][..PAGE].iter().map(|byte| !byte).collect();
        self.weaken(page * PAGE, &changing, seed);
        let bytes = &mut self.bytes[page * PAGE..][..PAGE];
        for (index, byte) in bytes.iter_mut().enumerate() {
            let is_first = index < WORD;
            let is_marker = is_first || index >= PAGE - WORD;
            *byte |= match stage {
                // Stage 0: the page is unchanged, except for a few bits.
                0 => u8::from(noise(seed, index, 1) == 0xFF),
                // Stages 1 and 2: only the front half, or only the back half, is erased.
                1 if index < PAGE / 2 => 0xFF,
                2 if index >= PAGE / 2 => 0xFF,
                // Stages 3 to 5: random bits are erased, with three probabilities.
                3 => noise(seed, index, 2),
                4 => noise(seed, index, 4),
                5 => noise(seed, index, 7),
                // Stages 6 to 8: the end words, all but the end words, or all but the first word are erased.
                6 if is_marker => 0xFF,
                7 if !is_marker => 0xFF,
                8 if !is_first => 0xFF,
                // Stage 9: the first half of every word is erased.
                9 if index % WORD < WORD.div_ceil(2) => 0xFF,
                _ => 0,
            };
        }
        self.undefined[page] = true;
    }
}

impl<const PAGE: usize, const WORD: usize, const READ: usize> ErrorType for Flash<PAGE, WORD, READ> {
    type Error = Failure;
}

impl<const PAGE: usize, const WORD: usize, const READ: usize> ReadNorFlash for Flash<PAGE, WORD, READ> {
    const READ_SIZE: usize = READ;

    fn read(&mut self, offset: u32, bytes: &mut [u8]) -> Result<(), Failure> {
        if self.dead {
            return Err(Failure::PowerCut);
        }
        nor_flash::check_read(self, offset, bytes.len()).map_err(Failure::Refused)?;
        bytes.copy_from_slice(&self.bytes[offset as usize..][..bytes.len()]);
        Ok(())
    }
    fn capacity(&self) -> usize {
        self.bytes.len()
    }
}

impl<const PAGE: usize, const WORD: usize, const READ: usize> NorFlash for Flash<PAGE, WORD, READ> {
    const WRITE_SIZE: usize = WORD;
    const ERASE_SIZE: usize = PAGE;

    fn erase(&mut self, from: u32, to: u32) -> Result<(), Failure> {
        if self.dead {
            return Err(Failure::PowerCut);
        }
        nor_flash::check_erase(self, from, to).map_err(Failure::Refused)?;
        for page in from as usize / PAGE..to as usize / PAGE {
            for stage in 0..Self::STAGES {
                if let Err(tear) = self.step() {
                    let seed = if let Tear::Torn(seed) = tear { seed } else { 0 };
                    self.half_erase(page, stage, seed);
                    return Err(Failure::PowerCut);
                }
            }
            self.bytes[page * PAGE..][..PAGE].fill(0xFF);
            if let Some(weak) = &mut self.weak {
                weak[page * PAGE..][..PAGE].fill(0);
            }
            self.written[page * PAGE / WORD..][..PAGE / WORD].fill(false);
            self.undefined[page] = false;
            self.erasures[page] += 1;
        }
        Ok(())
    }

    fn write(&mut self, offset: u32, bytes: &[u8]) -> Result<(), Failure> {
        if self.dead {
            return Err(Failure::PowerCut);
        }
        nor_flash::check_write(self, offset, bytes.len()).map_err(Failure::Refused)?;
        for (at, word) in (offset as usize..).step_by(WORD).zip(bytes.chunks(WORD)) {
            if self.undefined[at / PAGE] {
                self.refuse("a page was written whose erasure was cut short");
            }
            if self.written[at / WORD] && word.iter().any(|&byte| byte != 0) {
                self.refuse("a word was written twice");
            }
            let step = self.step();
            match (step, &mut self.weak) {
                (Err(Tear::Torn(seed)), Some(weak)) => {
                    let clears = |((byte, new), weak): ((&u8, &u8), &u8)| (*byte | *weak) & !new;
                    let changing: Vec<u8> =
                        self.bytes[at..][..WORD].iter().zip(word).zip(&weak[at..]).map(clears).collect();
                    self.weaken(at, &changing, mix(seed ^ at as u64));
                }
                // Cleared bits are steady.
                (Ok(()) | Err(Tear::Whole), Some(weak)) => {
                    weak[at..][..WORD].iter_mut().zip(word).for_each(|(weak, new)| *weak &= new);
                }
                _ => {}
            }
            let mut changed = false;
            for (index, (old, &new)) in self.bytes[at..][..WORD].iter_mut().zip(word).enumerate() {
                let left = match step {
                    Ok(()) => 0,
                    Err(Tear::Clean) => 0xFF,
                    Err(Tear::Whole) => 0,
                    // After a tear early in a step, only weak bits may differ; after a late tear, only weak bits may be
                    // missing.
                    Err(Tear::Torn(seed)) if self.weak.is_some() => noise(seed, index, [0, 4, 8, 8][seed as usize % 4]),
                    Err(Tear::Torn(seed)) => noise(seed, index, 4),
                };
                changed |= *old & !(new | left) != 0;
                *old &= new | left;
            }
            let weak = self.weak.as_ref().is_some_and(|weak| weak[at..][..WORD].iter().any(|&weak| weak != 0));
            self.written[at / WORD] |= changed || weak || step.is_ok();
            if step.is_err() {
                return Err(Failure::PowerCut);
            }
        }
        Ok(())
    }
}
