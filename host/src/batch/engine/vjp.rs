//! The gradient of relaxed samples.

use samplegrad_core::{Temperature, gumbel_softmax};

use crate::{
    batch::engine::{
        row::{self, Strides},
        scratch::FEW,
        split::{Splittable, Table, TableMut},
        tile,
    },
    lanes::{
        kernel::Kernel,
        vector::{MOST_LANES, Vector},
    },
};

/// The kernel of the vector–Jacobian product for a chunk. Without `cotangent`, the values in `gradient` are the
/// cotangent.
pub(crate) struct Vjp<'a> {
    pub(crate) tau: Temperature,
    pub(crate) y: Table<'a>,
    pub(crate) cotangent: Option<Table<'a>>,
    pub(crate) gradient: TableMut<'a>,
}

impl Kernel for Vjp<'_> {
    type Output = ();

    #[inline(always)]
    fn run<L: Vector>(self) {
        let Vjp { tau, y, cotangent, gradient } = self;
        let columns = y.columns;
        if columns <= FEW / 2 {
            let [mut a, mut b, mut g] = [[L::ZERO; FEW / 2]; 3];
            let (a, b, g) = (&mut a[..columns], &mut b[..columns], &mut g[..columns]);
            for rows in tile::tiles::<L>(y.rows()) {
                rows.load(y.values, a);
                rows.load(cotangent.map_or(&*gradient.values, |c| c.values), b);
                gumbel_softmax::vjp(a, b, tau, g);
                rows.store(g, gradient.values);
            }
            return;
        }
        for rows in tile::tiles::<L>(y.rows()) {
            let of = rows.of(columns);
            let (y, c, g) = (&y.values[of.clone()], cotangent.map(|c| &c.values[of.clone()]), &mut gradient.values[of]);
            let mut dots = Strides::new();
            for (lane, (y, c)) in y.chunks_exact(columns).zip(c.unwrap_or(&*g).chunks_exact(columns)).enumerate() {
                row::dot::<L>(y, c, dots.row(lane));
            }
            let mut means = [0.0; MOST_LANES];
            dots.sums::<L>(rows.active).store(&mut means);
            for (lane, (y, g)) in y.chunks_exact(columns).zip(g.chunks_exact_mut(columns)).enumerate() {
                let c = c.map(|c| &c[lane * columns..][..columns]);
                row::centre::<L>(y, c, means[lane], tau.recip(), g);
            }
        }
    }
}
