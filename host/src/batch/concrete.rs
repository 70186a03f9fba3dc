//! Log-densities of relaxed samples over batches.

use samplegrad_core::{
    Temperature,
    check::log_point,
    concrete::{self, DensityNormalizer},
    lane::Lane,
};

use crate::{
    batch::{
        check,
        engine::{
            scratch::Room,
            split::{Splittable, Table, TableMut, for_each_chunk},
            tile,
        },
        logits::Logits,
    },
    error::Error,
    lanes::{kernel::Kernel, vector::Vector},
};

/// Writes the log-density of the ExpConcrete distribution at `x = ln y` of each row.
///
/// ```
/// use samplegrad_core::Temperature;
/// use samplegrad_host::batch::{self, Logits};
///
/// let mut density = [0.0];
/// let x = [0.5_f32.ln(), 0.5_f32.ln()];
/// batch::concrete::log_density_exp(&Logits::new(&[0.0, 0.0], 2)?, Temperature::ONE, &x, &mut density)?;
/// assert!((density[0] - (x[0] + x[1])).abs() < 1e-6);
/// # Ok::<(), samplegrad_host::Error>(())
/// ```
///
/// # Errors
/// [`Error::Length`] unless there is one coordinate per row and class, and room for one number per row; [`Error::Row`]
/// with a coordinate that is not finite, except that the coordinate of a masked class may be −∞.
pub fn log_density_exp(logits: &Logits<'_>, tau: Temperature, x: &[f32], density: &mut [f32]) -> Result<(), Error> {
    logits.check_values("point", x.len())?;
    logits.check_column("density", density.len())?;
    check_log_point(logits, x)?;
    let k = logits.classes();
    let parts = (logits.table(), Table::new(x, k), TableMut::new(density, 1));
    for_each_chunk(parts, k, |(of, point, density)| logits.lanes().run(LogDensityExp { tau, of, point, density }));
    Ok(())
}

/// Writes the log-density of the Concrete distribution at the point `y` of the simplex, for each row.
///
/// # Errors
/// As [`log_density_exp`]; [`Error::Row`] if a coordinate of a possible class is not above 0 or not finite.
pub fn log_density(logits: &Logits<'_>, tau: Temperature, y: &[f32], density: &mut [f32]) -> Result<(), Error> {
    logits.check_values("point", y.len())?;
    logits.check_column("density", density.len())?;
    check_point(logits, y)?;
    let k = logits.classes();
    let parts = (logits.table(), Table::new(y, k), TableMut::new(density, 1));
    for_each_chunk(parts, k, |(of, point, density)| logits.lanes().run(LogDensity { tau, of, point, density }));
    Ok(())
}

/// Writes the gradients of [`log_density_exp`] with respect to the logits, to `x` and to the temperature. The first two
/// gradients are row-major; the third is one number per row.
///
/// # Errors
/// As [`log_density_exp`], with room for each gradient.
pub fn gradient_exp(
    logits: &Logits<'_>,
    tau: Temperature,
    x: &[f32],
    by_logits: &mut [f32],
    by_point: &mut [f32],
    by_temperature: &mut [f32],
) -> Result<(), Error> {
    check_gradients(logits, x, by_logits, by_point, by_temperature)?;
    check_log_point(logits, x)?;
    let k = logits.classes();
    let (by_logits, by_point) = (TableMut::new(by_logits, k), TableMut::new(by_point, k));
    let parts = (logits.table(), Table::new(x, k), by_logits, by_point, TableMut::new(by_temperature, 1));
    for_each_chunk(parts, k, |(of, point, by_logits, by_point, by_temperature)| {
        logits.lanes().run(GradientExp { tau, of, point, by_logits, by_point, by_temperature });
    });
    Ok(())
}

/// Writes the gradients of [`log_density`] with respect to the logits, to the point `y` and to the temperature. The
/// first two gradients are row-major; the third is one number per row.
///
/// # Errors
/// As [`log_density`], with room for each gradient.
pub fn gradient(
    logits: &Logits<'_>,
    tau: Temperature,
    y: &[f32],
    by_logits: &mut [f32],
    by_point: &mut [f32],
    by_temperature: &mut [f32],
) -> Result<(), Error> {
    check_gradients(logits, y, by_logits, by_point, by_temperature)?;
    check_point(logits, y)?;
    let k = logits.classes();
    let (by_logits, by_point) = (TableMut::new(by_logits, k), TableMut::new(by_point, k));
    let parts = (logits.table(), Table::new(y, k), by_logits, by_point, TableMut::new(by_temperature, 1));
    for_each_chunk(parts, k, |(of, point, by_logits, by_point, by_temperature)| {
        logits.lanes().run(Gradient { tau, of, point, by_logits, by_point, by_temperature });
    });
    Ok(())
}

fn check_gradients(
    logits: &Logits<'_>,
    point: &[f32],
    by_logits: &[f32],
    by_point: &[f32],
    by_temperature: &[f32],
) -> Result<(), Error> {
    logits.check_values("point", point.len())?;
    logits.check_values("gradient in the logits", by_logits.len())?;
    logits.check_values("gradient in the point", by_point.len())?;
    logits.check_column("gradient in the temperature", by_temperature.len())
}

/// The kernel of [`log_density_exp`] for a chunk.
struct LogDensityExp<'a> {
    tau: Temperature,
    of: Table<'a>,
    point: Table<'a>,
    density: TableMut<'a>,
}

impl Kernel for LogDensityExp<'_> {
    type Output = ();

    #[inline(always)]
    fn run<L: Vector>(self) {
        let room = &mut Room::<L, 3>::new(self.of.columns, L::ZERO);
        let [l, x, scratch] = room.slices();
        for rows in tile::tiles::<L>(self.of.rows()) {
            rows.load(self.of.values, l);
            rows.load(self.point.values, x);
            let at = concrete::log_density_exp(l, DensityNormalizer::new(l, self.tau), x, scratch);
            rows.store_column(at, self.density.values);
        }
    }
}

/// The kernel of [`log_density`] for a chunk.
struct LogDensity<'a> {
    tau: Temperature,
    of: Table<'a>,
    point: Table<'a>,
    density: TableMut<'a>,
}

impl Kernel for LogDensity<'_> {
    type Output = ();

    #[inline(always)]
    fn run<L: Vector>(self) {
        let room = &mut Room::<L, 4>::new(self.of.columns, L::ZERO);
        let [l, x, scratch, y] = room.slices();
        for rows in tile::tiles::<L>(self.of.rows()) {
            rows.load(self.of.values, l);
            rows.load(self.point.values, y);
            logarithm(l, y, x);
            let of_logarithm = concrete::log_density_exp(l, DensityNormalizer::new(l, self.tau), x, scratch);
            rows.store_column(of_logarithm - concrete::sum_possible(l, x), self.density.values);
        }
    }
}

/// The kernel of [`gradient_exp`] for a chunk.
struct GradientExp<'a> {
    tau: Temperature,
    of: Table<'a>,
    point: Table<'a>,
    by_logits: TableMut<'a>,
    by_point: TableMut<'a>,
    by_temperature: TableMut<'a>,
}

impl Kernel for GradientExp<'_> {
    type Output = ();

    #[inline(always)]
    fn run<L: Vector>(self) {
        let room = &mut Room::<L, 4>::new(self.of.columns, L::ZERO);
        let [l, x, a, b] = room.slices();
        for rows in tile::tiles::<L>(self.of.rows()) {
            rows.load(self.of.values, l);
            rows.load(self.point.values, x);
            let t = concrete::gradient_exp(l, DensityNormalizer::new(l, self.tau), x, a, b);
            rows.store(a, self.by_logits.values);
            rows.store(b, self.by_point.values);
            rows.store_column(t, self.by_temperature.values);
        }
    }
}

/// The kernel of [`gradient`] for a chunk.
struct Gradient<'a> {
    tau: Temperature,
    of: Table<'a>,
    point: Table<'a>,
    by_logits: TableMut<'a>,
    by_point: TableMut<'a>,
    by_temperature: TableMut<'a>,
}

impl Kernel for Gradient<'_> {
    type Output = ();

    #[inline(always)]
    fn run<L: Vector>(self) {
        let room = &mut Room::<L, 5>::new(self.of.columns, L::ZERO);
        let [l, x, a, b, y] = room.slices();
        for rows in tile::tiles::<L>(self.of.rows()) {
            rows.load(self.of.values, l);
            rows.load(self.point.values, y);
            logarithm(l, y, x);
            let t = concrete::gradient(l, DensityNormalizer::new(l, self.tau), y, x, a, b);
            rows.store(a, self.by_logits.values);
            rows.store(b, self.by_point.values);
            rows.store_column(t, self.by_temperature.values);
        }
    }
}

/// Writes `ln y`, and 0 for masked classes.
#[inline(always)]
fn logarithm<L: Lane>(logits: &[L], y: &[L], x: &mut [L]) {
    for ((x, &y), &l) in x.iter_mut().zip(y).zip(logits) {
        *x = L::select(l.equals(L::NEG_INFINITY), L::ZERO, y.ln());
    }
}

/// Checks that every logarithm is finite, or −∞ for a masked class.
fn check_log_point(logits: &Logits<'_>, x: &[f32]) -> Result<(), Error> {
    let k = logits.classes();
    check::check_numbered_rows(x, k, |row, x| log_point("point", &logits.as_slice()[row * k..][..k], x))
}

/// Checks that every coordinate of a possible class is above 0 and finite.
fn check_point(logits: &Logits<'_>, y: &[f32]) -> Result<(), Error> {
    for (place, (&y, &l)) in y.iter().zip(logits.as_slice()).enumerate() {
        if l > f32::NEG_INFINITY && !(y > 0.0 && y < f32::INFINITY) {
            let source =
                samplegrad_core::Error::OutOfRange { what: "point", value: y, requirement: "above 0 and finite" };
            return Err(Error::Row { row: place / logits.classes(), source });
        }
    }
    Ok(())
}
