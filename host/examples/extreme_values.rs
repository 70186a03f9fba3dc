//! Gumbel as an extreme-value distribution: eight rain gauges, one per lane. Each gauge fits the distribution of its
//! yearly maxima online, with memory for a few numbers, and forecasts the rain that falls once in a century.
//!
//! `cargo run --release --example extreme_values`

use samplegrad_core::{
    Gumbel,
    gumbel_fit::{GumbelFit, ReturnPeriod},
    lane::Lane,
    noise,
};
use samplegrad_host::{F32x8, LaneRng};

type L = F32x8;

/// Mean daily rain in millimetres, exponentially distributed.
const MEAN: f32 = 12.0;
const DAYS: i32 = 365;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let century = ReturnPeriod::new(100.0)?;
    // The rain of a day is below x with probability 1 − e^{−x/m}; the maximum of a year is approximately Gumbel(m ln
    // 365, m).
    let (location, scale) = (MEAN * (DAYS as f32).ln(), MEAN);
    let exact = -f64::from(MEAN) * (-0.99_f64.powf(1.0 / f64::from(DAYS))).ln_1p();
    println!("truth: μ {location:.2} mm, β {scale:.2} mm, once in a century {exact:.2} mm\n");
    println!("years  gauge        μ        β  century  ± error   of all maxima at once");

    let mut rng = LaneRng::<L>::new(2026, 0);
    // The initial distribution has no weight, because the gauge has not measured any rain yet.
    let mut fit = GumbelFit::new(Gumbel::new(L::ZERO, L::ONE)?);
    let mut maxima = vec![Vec::new(); L::LANES];
    for year in 1..=10_000 {
        let mut maximum = L::ZERO;
        for _day in 0..DAYS {
            maximum = maximum.max(noise::exponential::sample::<L, _>(&mut rng) * MEAN);
        }
        fit.observe(maximum)?;
        (0..L::LANES).for_each(|gauge| maxima[gauge].push(f64::from(maximum.extract(gauge))));
        if ![30, 100, 1000, 10_000].contains(&year) {
            continue;
        }
        let (law, error) = (fit.law(), fit.level_standard_error(century));
        let levels = law.return_level(century);
        for (gauge, maxima) in maxima.iter().enumerate() {
            let of = |x: L| x.extract(gauge);
            let (location, scale) = batch(maxima);
            let level = location - scale * (-(0.99_f64.ln())).ln();
            println!(
                "{year:5}  {gauge:5}  {:7.2}  {:7.2}  {:7.2}  {:7.2}   {location:7.2}  {scale:7.2}  {level:7.2}",
                of(law.location()),
                of(law.scale()),
                of(levels),
                of(error),
            );
        }
        let mean = (0..L::LANES).map(|gauge| f64::from(levels.extract(gauge))).sum::<f64>() / L::LANES as f64;
        let square = |gauge| (f64::from(levels.extract(gauge)) - mean).powi(2);
        let spread = ((0..L::LANES).map(square).sum::<f64>() / (L::LANES - 1) as f64).sqrt();
        println!("{year:5}    all  century {mean:.2}, spread {spread:.2} mm\n");
    }
    Ok(())
}

/// Computes the maximum likelihood from all maxima, by Newton's method on `β = x̄ − Σ x w/Σ w`, `w = e^{−x/β}`.
fn batch(x: &[f64]) -> (f64, f64) {
    let n = x.len() as f64;
    let mean = x.iter().sum::<f64>() / n;
    let sums = |beta: f64| {
        x.iter().fold([0.0; 3], |[s, t, u], x| {
            let (d, w) = (x - mean, (-(x - mean) / beta).exp());
            [s + w, t + d * w, u + d * d * w]
        })
    };
    let mut beta = (x.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / n).sqrt();
    for _ in 0..50 {
        let [s, t, u] = sums(beta);
        let slope = 1.0 + (u / s - (t / s).powi(2)) / (beta * beta);
        beta = (beta - (beta + t / s) / slope).max(beta / 3.0);
    }
    (mean - beta * (sums(beta)[0] / n).ln(), beta)
}
