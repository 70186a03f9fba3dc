//! Tests of the laboratory. They compare exact gradients with differences and figures with published figures, and check
//! that only times change from run to run.

use samplegrad_core::lane::Lane;
use samplegrad_lab::{
    self as lab, Bits, Classes, Comparison, Error, L, LearnSettings, Normals, Objective, Problem, Registered, Row,
    Settings, csv,
    problems::{self, NormalCost, Table},
};

fn quick() -> Settings {
    Settings { draws: Some(1 << 18), repeats: 0, ..Settings::default() }
}

fn compare<K: Registered>(problem: &Problem<K>) -> Comparison {
    lab::compare(problem, &quick(), &mut |_| ()).expect("finite costs")
}

fn row<'a>(comparison: &'a Comparison, name: &str) -> &'a Row {
    comparison.rows.iter().find(|row| row.name == name).unwrap_or_else(|| panic!("no row of {name}"))
}

/// Compares the exact gradient with central differences of the exact mean, and the slope of the cost with its value.
fn gradients<K: Registered>(problem: &Problem<K>) {
    let parameters = problem.parameters();
    let exact = problem.exact();
    let h = 1e-5;
    for j in (0..parameters.len()).filter(|&j| parameters[j].is_finite()) {
        let at = |shift: f64| {
            let mut moved = parameters.clone();
            moved[j] += shift;
            problem.mean_at(&moved)
        };
        let difference = (at(h) - at(-h)) / (2.0 * h);
        assert!((difference - exact.gradient[j]).abs() < 1e-8 * (1.0 + difference.abs()), "{} in {j}", problem.name());
    }
}

/// Compares the slope of a cost at a point between its values with differences.
fn slopes(name: &str, count: usize, f: &dyn Fn(&[L], &mut [L]) -> L) {
    let y: Vec<f32> = (0..count).map(|j| 0.3 + 0.05 * j as f32).collect();
    let value = |y: &[f32], gradient: &mut Vec<L>| {
        let y: Vec<L> = y.iter().map(|&y| L::splat(y)).collect();
        f64::from(f(&y, gradient).extract(0))
    };
    let mut gradient = vec![L::ZERO; count];
    value(&y, &mut gradient);
    for j in 0..count {
        let at = |shift: f32| {
            let mut moved = y.clone();
            moved[j] += shift;
            (f64::from(moved[j]), value(&moved, &mut vec![L::ZERO; count]))
        };
        let ((right, above), (left, below)) = (at(1e-2), at(-1e-2));
        let (difference, slope) = ((above - below) / (right - left), f64::from(gradient[j].extract(0)));
        assert!((difference - slope).abs() < 2e-3 * (1.0 + slope.abs()), "{name} in {j}: {difference} {slope}");
    }
}

const TABLE: &str = "x0,x1,f\n0,0,1\n1,0,-2\n2,0,0.5\n0,1,4\n1,1,0\n2,1,3\n";

#[test]
fn exact_gradients_are_those_of_the_exact_means() {
    gradients(&problems::toy(0.45, 2.0).unwrap());
    gradients(&problems::bernoullis(&[0.5, -1.0, 2.0, 0.0, 0.25, -0.5, 1.0]).unwrap());
    gradients(&problems::quadratic(0.4, 12).unwrap());
    gradients(&problems::bandit(&[1.0, 0.0, 3.0, 9.0], &[0.5, -0.5, 0.0, f32::NEG_INFINITY]).unwrap());
    gradients(&Table::parse(TABLE).unwrap().classes("table", &[0.1, 0.2, 0.3, -0.4, 0.0]).unwrap());
    for cost in [NormalCost::Quadratic, NormalCost::Exponential, NormalCost::Cosine] {
        gradients(&problems::normal(cost, 0.75, 0.5, 1.5).unwrap());
    }
}

/// Compares means in closed form with sums over all values.
#[test]
fn closed_forms_are_sums_over_all_values() {
    fn check(problem: &Problem<Bits>) {
        let logits = problem.parameters();
        let total: f64 = (0..1_usize << logits.len())
            .map(|index| {
                let bit = |j: usize| index >> j & 1 == 1;
                let x: Vec<L> = (0..logits.len()).map(|j| if bit(j) { L::ONE } else { L::ZERO }).collect();
                let p: f64 = (0..logits.len())
                    .map(|j| 1.0 / (1.0 + (if bit(j) { -1.0 } else { 1.0 } * logits[j]).exp()))
                    .product();
                p * f64::from(problem.objective().value(&x).extract(0))
            })
            .sum();
        assert!((total - problem.exact().mean).abs() < 1e-6, "{}: {total}", problem.name());
    }
    check(&problems::bernoullis(&[0.5, -1.0, 2.0, 0.0, 0.25, -0.5, 1.0]).unwrap());
    check(&problems::quadratic(0.4, 7).unwrap());
}

#[test]
fn slopes_are_those_of_the_costs() {
    let of = |problem: Problem<Bits>, count| {
        let objective = problem.objective();
        slopes(problem.name(), count, &|y, g| objective.value_and_gradient(y, g));
    };
    of(problems::toy(0.45, 0.0).unwrap(), 1);
    of(problems::bernoullis(&[0.0; 6]).unwrap(), 6);
    of(problems::quadratic(0.4, 4).unwrap(), 4);
    of(Table::parse("a,b,f\n0,0,1\n1,0,2\n0,1,3\n1,1,7\n").unwrap().bits("table", &[0.0; 2]).unwrap(), 2);
    let classes = Table::parse(TABLE).unwrap().classes("table", &[0.0; 5]).unwrap().objective();
    slopes("table", 5, &|y, g| classes.value_and_gradient(y, g));
    for cost in [NormalCost::Quadratic, NormalCost::Exponential, NormalCost::Cosine] {
        let objective = problems::normal(cost, 0.75, 0.0, 1.0).unwrap().objective();
        slopes(&cost.to_string(), 1, &|y, g| objective.value_and_gradient(y, g));
    }
}

/// Compares with the toy's exact variances, computed independently, at the logits 0 and 2.
#[test]
#[cfg_attr(debug_assertions, ignore = "statistics: release builds run it")]
fn the_toy_has_its_figures() {
    for (logit, gradient, figures) in [
        (0.0, 2.5e-2, [1.593906e-2, 6.25e-4, 2.083333e-4, 0.0, 2.265312e-2]),
        (2.0, 1.049936e-2, [4.827192e-3, 4.147314e-4, 3.549767e-4, 3.521537e-4, 1.131859e-2]),
    ] {
        let comparison = compare(&problems::toy(0.45, logit).unwrap());
        assert!((comparison.exact_along() - gradient).abs() < 1e-8);
        let names = ["score function", "leave-one-out of 2", "ARM", "DisARM", "REBAR"];
        for (name, exact) in names.into_iter().zip(figures) {
            let row = row(&comparison, name);
            let off = (row.variance - exact).abs();
            assert!(off <= 5.0 * row.variance_error + 2e-6 * exact + 1e-14, "{name}: {} for {exact}", row.variance);
            assert!(!row.biased, "{name} is off by {} standard errors", row.worst);
        }
    }
}

/// Compares with the toy's exact means and variances of relaxed estimators at τ = ½, which are biased and must be
/// reported as such.
#[test]
#[cfg_attr(debug_assertions, ignore = "statistics: release builds run it")]
fn the_toy_has_its_relaxed_figures() {
    for (logit, mean, [concrete, straight]) in
        [(0.0, 2.146018e-2, [1.424446e-2, 7.793369e-2]), (2.0, 4.517627e-2, [7.357994e-3, 3.569666e-2])]
    {
        let comparison = compare(&problems::toy(0.45, logit).unwrap());
        let relaxed = row(&comparison, "Concrete relaxation");
        assert!((relaxed.mean - mean).abs() < 5.0 * relaxed.bias_error, "{} for {mean}", relaxed.mean);
        for (row, exact) in [(relaxed, concrete), (row(&comparison, "straight-through Gumbel"), straight)] {
            assert!(row.biased, "{}: {} standard errors", row.name, row.worst);
            let off = (row.variance - exact).abs();
            assert!(off < 5.0 * row.variance_error, "{}: {} for {exact}", row.name, row.variance);
        }
    }
}

/// Checks the variances of the score function and of the pathwise estimator of the gradient in `μ`, for the cost `(x −
/// k)²` of `N(1, 1)`.
#[test]
#[cfg_attr(debug_assertions, ignore = "statistics: release builds run it")]
fn the_normal_has_its_figures() {
    for (k, [score, pathwise]) in [(0.0, [30.0, 4.0]), (-3.0, [495.0, 4.0])] {
        let comparison = compare(&problems::normal(NormalCost::Quadratic, k, 1.0, 1.0).unwrap());
        for (name, exact) in [("score function", score), ("pathwise", pathwise)] {
            let by_mean = row(&comparison, name).coordinates[0];
            assert!((by_mean.variance - exact).abs() < 5.0 * by_mean.variance_error, "{name}: {by_mean:?} for {exact}");
        }
    }
}

/// Checks on every problem that unbiased estimators are not reported as biased.
#[test]
#[cfg_attr(debug_assertions, ignore = "statistics: release builds run it")]
fn nothing_right_is_called_biased() {
    fn check(comparison: &Comparison) {
        let unbiased =
            ["score function", "leave-one-out", "ARM", "DisARM", "REBAR", "RELAX", "pathwise", "enumeration"];
        for row in &comparison.rows {
            if unbiased.iter().any(|name| row.name.starts_with(name)) {
                assert!(!row.biased, "{} of {}: {} standard errors", row.name, comparison.problem, row.worst);
            }
        }
    }
    check(&compare(&problems::bernoullis(&problems::default_logits(5)).unwrap()));
    check(&compare(&problems::bandit(&[0.1, 0.5, 3.0, 1.0], &[0.0, 1.0, f32::NEG_INFINITY, -1.0]).unwrap()));
    check(&compare(&Table::parse(TABLE).unwrap().classes("table", &[0.1, 0.2, 0.3, -0.4, 0.0]).unwrap()));
    for cost in [NormalCost::Quadratic, NormalCost::Exponential, NormalCost::Cosine] {
        check(&compare(&problems::normal(cost, 0.5, 1.0, 1.0).unwrap()));
    }
}

/// Checks that one seed gives one CSV, and another seed another CSV.
#[test]
fn a_seed_decides_every_figure() {
    let problem = problems::bernoullis(&[0.0, 1.0]).unwrap();
    let of = |seed| {
        let settings = Settings { draws: Some(1 << 10), seed, repeats: 0, ..Settings::default() };
        let comparison = lab::compare(&problem, &settings, &mut |_| ()).unwrap();
        let steps = LearnSettings { steps: 20, ..LearnSettings::default() };
        let learning = lab::learn(&problem, &settings, &steps, &mut |_| ()).unwrap();
        csv::comparisons(std::slice::from_ref(&comparison))
            + &csv::coordinates(&[comparison])
            + &csv::learnings(&[learning])
    };
    assert_eq!(of(1), of(1));
    assert_ne!(of(1), of(2));
}

/// Checks that learning reduces the objective, and that too long a step is reported without a panic.
#[test]
#[cfg_attr(debug_assertions, ignore = "statistics: release builds run it")]
fn learning_goes_down_or_says_that_it_diverged() {
    let steps = LearnSettings { steps: 300, ..LearnSettings::default() };
    let problem = problems::bandit(&[0.0, 1.0, 0.5], &[0.0; 3]).unwrap();
    let learning = lab::learn(&problem, &quick(), &steps, &mut |_| ()).unwrap();
    assert_eq!(learning.best, Some(-1.0));
    for curve in &learning.curves {
        assert!(curve.means().last().unwrap() < &-0.9, "{}", curve.name);
    }
    let steps = LearnSettings { steps: 300, rate: Some(1000.0), ..LearnSettings::default() };
    let problem = problems::normal(NormalCost::Quadratic, 0.0, 1.0, 1.0).unwrap();
    let learning = lab::learn(&problem, &quick(), &steps, &mut |_| ()).unwrap();
    assert!(learning.curves.iter().all(|curve| curve.diverged.is_some() && !curve.objectives.is_empty()));
}

/// Checks that a written table reads back, in any order of lines.
#[test]
fn a_table_comes_back() {
    let table = Table::parse(TABLE).unwrap();
    assert_eq!(table.to_csv(), TABLE);
    let mut lines: Vec<&str> = TABLE.lines().collect();
    lines[1..].reverse();
    assert_eq!(Table::parse(&lines.join("\n")).unwrap(), table);
    // x_0 + 3 x_1
    assert_eq!(table.values(), [1.0, -2.0, 0.5, 4.0, 0.0, 3.0]);
}

/// Checks that a table of two-class variables gives equal results whether its variables are classes or bits.
#[test]
fn bits_and_classes_of_a_table_agree() {
    let table = Table::parse("a,b,f\n0,0,1\n1,0,2\n0,1,3\n1,1,7\n").unwrap();
    let bits = table.bits("bits", &[0.5, -1.0]).unwrap().exact();
    let classes = table.classes("classes", &[0.0, 0.5, 0.0, -1.0]).unwrap().exact();
    assert!((bits.mean - classes.mean).abs() < 1e-12);
    assert!((bits.gradient[0] - classes.gradient[1]).abs() < 1e-12);
    assert!((bits.gradient[1] - classes.gradient[3]).abs() < 1e-12);
}

#[test]
fn damaged_tables_are_refused_with_their_place() {
    for (text, said) in [
        ("", "line 1: a head line"),
        ("x,f\n", "line 1: no values"),
        ("0,1\n1,2\n", "line 1, column 1: a name is missing"),
        ("x,f\n0,1\n1,one\n", "line 3, column 2: `one` is no number"),
        ("x,f\n0,1\n-1,2\n", "line 3, column 1: `-1` is no class of x"),
        ("x,f\n0,1\n1\n", "line 3: 1 columns, there must be 2"),
        ("x,f\n0,1\n1,2,3\n", "line 3: 3 columns, there must be 2"),
        ("x,f\n0,1\n1,inf\n", "line 3, column 2: the cost at the sample x = 1 is inf"),
        ("x,y,f\n0,0,1\n1,0,NaN\n", "line 3, column 3: the cost at the sample x = 1, y = 0 is NaN"),
        ("x,f\n0,1\n1,1e99\n", "line 3, column 2: the cost at the sample x = 1 is inf"),
        ("x,f\n0,1\n0,2\n", "line 3: the sample x = 0 is there twice, first in line 2"),
        ("x,f\n0,1\n2,2\n", "line 3: the table ends without the sample x = 1: 2 of 3 values"),
        ("x,y,f\n0,0,1\n4000,4000,1\n", "the table ends without the sample x = 1, y = 0"),
    ] {
        let error = Table::parse(text).unwrap_err().to_string();
        assert!(error.starts_with(said) || error.contains(said), "{text:?}: {error}");
    }
}

/// A cost that is infinite at one value.
struct Infinite;

impl Objective<Bits> for Infinite {
    fn value(&self, b: &[L]) -> L {
        L::ONE / b[1]
    }
    fn value_and_gradient(&self, y: &[L], gradient: &mut [L]) -> L {
        gradient.fill(L::ZERO);
        Objective::<Bits>::value(self, y)
    }
}

impl Objective<Normals> for Infinite {
    fn value(&self, x: &[L]) -> L {
        L::select(L::ZERO.lt(x[0]), L::ONE / L::ZERO, L::ONE)
    }
    fn value_and_gradient(&self, x: &[L], gradient: &mut [L]) -> L {
        gradient.fill(L::ZERO);
        Objective::<Normals>::value(self, x)
    }
    fn closed_form(&self, _: &[f64]) -> Option<lab::Exact> {
        Some(lab::Exact { mean: 0.0, gradient: vec![0.0; 2] })
    }
}

#[test]
fn costs_that_are_not_finite_name_the_sample() {
    let error = Problem::<Bits>::new("one over", "E[1/b₁]", &[2, 2], &[0.0, 0.0], Infinite).err().unwrap();
    assert_eq!(error.to_string(), "one over: the cost is inf at the sample [0, 0], it must be finite at every sample");
    let problem = Problem::<Normals>::new("half", "E[f]", &[1], &[0.0, 0.0], Infinite).unwrap();
    let error = lab::compare(&problem, &quick(), &mut |_| ()).unwrap_err();
    assert!(matches!(error, Error::Cost { value: f32::INFINITY, .. }), "{error}");
}

#[test]
fn bad_problems_and_settings_are_refused() {
    assert!(matches!(problems::toy(0.45, f32::NAN), Err(Error::Core { .. })));
    assert!(matches!(problems::bernoullis(&[0.0; 257]), Err(Error::Core { .. })));
    assert!(matches!(problems::bandit(&[1.0, f32::NAN], &[0.0; 2]), Err(Error::Cost { .. })));
    assert!(matches!(problems::bandit(&[1.0, 2.0], &[0.0; 3]), Err(Error::Setting { .. })));
    assert!(matches!(problems::normal(NormalCost::Exponential, -1.0, 0.0, 1.0), Err(Error::Setting { .. })));
    assert!(matches!(problems::normal(NormalCost::Cosine, 1.0, 0.0, 0.0), Err(Error::Setting { .. })));
    let problem = problems::toy(0.45, 0.0).unwrap();
    let with = |settings: Settings| lab::compare(&problem, &settings, &mut |_| ()).map(|_| ());
    assert!(matches!(with(Settings { eta: f32::NAN, ..quick() }), Err(Error::Setting { .. })));
    assert!(matches!(with(Settings { only: vec!["nothing".to_owned()], ..quick() }), Err(Error::NoEstimator { .. })));
    let too_long = LearnSettings { rate: Some(f32::INFINITY), ..LearnSettings::default() };
    assert!(matches!(lab::learn(&problem, &quick(), &too_long, &mut |_| ()), Err(Error::Core { .. })));
    // A masked class is never drawn and has no gradient.
    let masked = problems::bandit(&[0.0, 1.0, 5.0], &[0.0, 0.0, f32::NEG_INFINITY]).unwrap();
    let few = Settings { draws: Some(1 << 10), ..quick() };
    for row in &lab::compare::<Classes>(&masked, &few, &mut |_| ()).unwrap().rows {
        assert_eq!(row.coordinates[2].mean, 0.0, "{}", row.name);
    }
}
