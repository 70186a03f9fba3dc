//! Straight-through Gumbel-softmax over batches.

use samplegrad_core::{Temperature, relaxed_race::RelaxedRace};

use crate::{
    batch::{
        engine::{
            relaxed::relax_drawn,
            relaxed_race::{self, Also},
            scratch::Room,
            split::{Table, TableMut, for_each_drawn_chunk},
            tile,
        },
        logits::Logits,
    },
    error::Error,
    lanes::{kernel::Kernel, vector::Vector},
    streams::{streams::Streams, streams_mut::StreamsMut},
};

/// Draws as [`samplegrad_core::StraightThrough::sample`] does. Writes the class of each row and the relaxed sample of
/// the same draw, row-major. The gradient is [`gumbel_softmax::vjp`](crate::batch::gumbel_softmax::vjp) of the relaxed
/// sample.
///
/// ```
/// use samplegrad_core::Temperature;
/// use samplegrad_host::{Streams, batch::{self, Logits}};
///
/// let (mut classes, mut soft) = ([0; 2], [0.0; 4]);
/// let logits = Logits::new(&[0.0, 1.0, 1.0, 0.0], 2)?;
/// batch::straight_through::sample(&logits, Temperature::ONE, &mut Streams::new(7, 2)?, &mut classes, &mut soft)?;
/// assert_eq!(classes[0] == 1, soft[1] > soft[0]);
/// # Ok::<(), samplegrad_host::Error>(())
/// ```
///
/// # Errors
/// [`Error::Length`] unless `classes` has one element per row and `soft` has one element per row and class.
pub fn sample(
    logits: &Logits<'_>,
    tau: Temperature,
    streams: &mut Streams,
    classes: &mut [u32],
    soft: &mut [f32],
) -> Result<(), Error> {
    logits.check_column("classes", classes.len())?;
    logits.check_values("soft", soft.len())?;
    let k = logits.classes();
    let parts = (logits.table(), TableMut::new(classes, 1), TableMut::new(soft, k));
    if let Some(race) = RelaxedRace::at(tau) {
        for_each_drawn_chunk(streams, parts, k, |(of, classes, soft), streams| {
            logits.lanes().run(Race { race, of, streams, classes, soft });
        });
        return Ok(());
    }
    for_each_drawn_chunk(streams, parts, k, |(of, classes, soft), streams| {
        logits.lanes().run(Relax { tau, of, streams, classes, soft });
    });
    Ok(())
}

/// The kernel of [`sample`] for a chunk, at a temperature for which there is a [`RelaxedRace`].
struct Race<'a> {
    race: RelaxedRace,
    of: Table<'a>,
    streams: StreamsMut<'a>,
    classes: TableMut<'a, u32>,
    soft: TableMut<'a>,
}

impl Kernel for Race<'_> {
    type Output = ();

    #[inline(always)]
    fn run<L: Vector>(mut self) {
        relaxed_race::relax::<L>(self.race, self.of, &mut self.streams, self.soft, Also::First(self.classes));
    }
}

/// The kernel of [`sample`] for a chunk, at any temperature.
struct Relax<'a> {
    tau: Temperature,
    of: Table<'a>,
    streams: StreamsMut<'a>,
    classes: TableMut<'a, u32>,
    soft: TableMut<'a>,
}

impl Kernel for Relax<'_> {
    type Output = ();

    #[inline(always)]
    fn run<L: Vector>(mut self) {
        let room = &mut Room::<L, 2>::new(self.of.columns, L::ZERO);
        let [z, y] = room.slices();
        for rows in tile::tiles::<L>(self.streams.count()) {
            let class = relax_drawn(rows, self.of, self.tau, &mut self.streams, z, y);
            rows.store_words::<L>(class, self.classes.values);
            rows.store(y, self.soft.values);
        }
    }
}
