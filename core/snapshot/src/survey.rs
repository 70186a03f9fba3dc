//! The rules that decide which half of a store may be erased.
//!
//! A word whose writing was cut short may read as written at one start and as blank at the next. The end of a half
//! therefore decides nothing; only the seal of the half does. The rules are:
//!
//! * Snapshots are appended only to a half that was erased and written since the store was opened.
//! * The first snapshot of a half is followed by a seal: a word of zeros, written after the snapshot has been read
//!   back. A seal that reads as begun proves that the snapshot before it was written to its end. A seal that was
//!   written to its end always reads as begun.
//! * A half is erased only when the other half has a seal that was written to its end: a seal found at a start is first
//!   written again. While the half with the newest snapshot has no seal, the other half still holds the last
//!   acknowledged snapshot, and the half with the newest snapshot is erased.
//! * The first save after a start skips a generation. A save cut short at the end of the kept half has the skipped
//!   generation, so it never counts as newer than the present save, even if it reads differently later.

use core::ops::Range;

use embedded_storage_async::nor_flash::NorFlash;

use crate::{
    form::{Error, Header, Kind},
    log::{self, Frame},
};

/// The first bytes of a snapshot and its length, collected from its frames.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Found {
    pub generation: u32,
    /// Bytes of the snapshot; 0 for the mark of a cleared store.
    pub length: usize,
    start: [u8; Header::START],
}

impl Found {
    /// Adds a frame.
    pub(crate) fn add(&mut self, frame: &Frame<'_>) {
        if frame.offset == 0 {
            *self = Self { generation: frame.generation, ..Self::default() };
        }
        if let Some(rest) = self.start.get_mut(frame.offset..) {
            rest.iter_mut().zip(frame.bytes).for_each(|(to, from)| *to = *from);
        }
        self.length = frame.offset + frame.bytes.len();
    }

    /// Returns the snapshot's header; `None` if the snapshot is too short or does not begin with the magic bytes.
    pub(crate) fn header(&self) -> Option<Header> {
        Header::read(&self.start).filter(|_| self.length >= Header::START)
    }

    /// Returns the error with which a store of this kind skips the snapshot; `None` if the store accepts it.
    pub(crate) fn refused(&self, kind: Kind) -> Option<Error> {
        self.header().and_then(|header| header.refused(kind))
    }

    /// Returns the number of the bits of the program that wrote the snapshot.
    pub(crate) fn bits(&self) -> Option<u32> {
        self.header().map(|header| header.bits)
    }

    pub(crate) fn is_cleared(&self) -> bool {
        self.length == 0
    }

    /// Returns whether a store of this kind loads the snapshot, or the snapshot is the mark of a cleared store.
    pub(crate) fn is_of(&self, kind: Kind) -> bool {
        self.is_cleared() || self.header().is_some_and(|header| header.refused(kind).is_none())
    }
}

/// The contents of a half, as read at this start.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Survey {
    /// The oldest complete snapshot.
    pub first: Option<Found>,
    /// The newest complete snapshot, of any kind.
    pub newest: Option<Found>,
    /// The newest complete snapshot of the store's kind.
    pub own: Option<Found>,
}

impl Survey {
    /// Reads a half. Only snapshots older than `before` count, if it is given.
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

/// Returns the newer of two snapshots; the first one if both have the same generation.
pub(crate) fn newer(a: Option<Found>, b: Option<Found>) -> Option<Found> {
    match (a, b) {
        (Some(a), Some(b)) if a.generation < b.generation => Some(b),
        (Some(a), _) => Some(a),
        (None, b) => b,
    }
}
