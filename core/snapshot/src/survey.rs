//! Which half of a store may be erased.
//!
//! A word whose writing was cut short may read as written at one start and as blank at the next. So nothing is concluded
//! from how the end of a half reads, except through its seal:
//!
//! * Only a half that was erased and written since the store was opened is appended to.
//! * The first snapshot of a half is followed by a seal, a word of zeros, written once the snapshot has been read back. A
//!   seal that reads as begun proves that the snapshot before it was written to its end; a seal that was written to its end
//!   always reads as begun.
//! * A half is erased only when the other one has a seal that was written to its end: a seal found at a start is written
//!   again before that. While the half with the newest snapshot has no seal, the other half still has what was
//!   acknowledged, and it is the one with the newest snapshot that is erased.
//! * The first save after a start skips a generation: a save cut short at the end of the half that is kept has the one
//!   that is skipped, so that it never counts as newer than what is saved now, whatever it reads as later.

use core::ops::Range;

use embedded_storage_async::nor_flash::NorFlash;

use crate::{
    form::{Error, Header, Kind},
    log::{self, Frame},
};

/// The first bytes of a snapshot and its length, from its frames.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Found {
    pub generation: u32,
    /// Bytes of the snapshot; none for the mark of a store that was cleared.
    pub length: usize,
    start: [u8; Header::START],
}

impl Found {
    /// Takes up a frame.
    pub(crate) fn add(&mut self, frame: &Frame<'_>) {
        if frame.offset == 0 {
            *self = Self { generation: frame.generation, ..Self::default() };
        }
        if let Some(rest) = self.start.get_mut(frame.offset..) {
            rest.iter_mut().zip(frame.bytes).for_each(|(to, from)| *to = *from);
        }
        self.length = frame.offset + frame.bytes.len();
    }

    /// The kind that a snapshot names; nothing if it is too short or names something else.
    pub(crate) fn header(&self) -> Option<Header> {
        Header::read(&self.start).filter(|_| self.length >= Header::START)
    }

    /// Why a store of this kind passes it over.
    pub(crate) fn refused(&self, kind: Kind) -> Option<Error> {
        self.header().and_then(|header| header.refused(kind))
    }

    /// The number of the bits that it was learned with.
    pub(crate) fn bits(&self) -> Option<u32> {
        self.header().map(|header| header.bits)
    }

    pub(crate) fn is_cleared(&self) -> bool {
        self.length == 0
    }

    /// Whether a store of this kind loads it, or it says that there is nothing to load.
    pub(crate) fn is_of(&self, kind: Kind) -> bool {
        self.is_cleared() || self.header().is_some_and(|header| header.refused(kind).is_none())
    }
}

/// The contents of a half, as they read at this start.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Survey {
    /// The oldest complete snapshot.
    pub first: Option<Found>,
    /// The newest complete snapshot, of whatever kind.
    pub newest: Option<Found>,
    /// The newest complete snapshot of the store's kind.
    pub own: Option<Found>,
}

impl Survey {
    /// Reads a half; only what is older than a generation counts, if one is given.
    pub(crate) async fn of<F: NorFlash>(
        flash: &mut F,
        pages: Range<u32>,
        kind: Kind,
        before: Option<u32>,
    ) -> Result<Self, F::Error> {
        let (mut survey, mut found) = (Self::default(), Found::default());
        let mut visit = |frame: Frame<'_>| {
            found.add(&frame);
            if !frame.is_last || before.is_some_and(|before| frame.generation >= before) {
                return;
            }
            survey.first = survey.first.or(Some(found));
            survey.newest = newer(survey.newest, Some(found));
            if found.is_of(kind) {
                survey.own = newer(survey.own, Some(found));
            }
        };
        log::walk(flash, pages, &mut visit).await?;
        Ok(survey)
    }
}

/// The newer of two; the first of two that are of one generation.
pub(crate) fn newer(a: Option<Found>, b: Option<Found>) -> Option<Found> {
    match (a, b) {
        (Some(a), Some(b)) if a.generation < b.generation => Some(b),
        (Some(a), _) => Some(a),
        (None, b) => b,
    }
}
