//! Bad input to batches: the documented error is returned, and every output and stream is unchanged.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use samplegrad_core::{Error as Refused, Temperature};
use samplegrad_host::{
    Error, Streams, Threads,
    batch::{
        self, Logits,
        bernoulli::Bernoullis,
        binary_concrete::{BinaryConcretes, Density, Relaxed},
        log_std_normal::LogStdNormals,
    },
};

const TAU: Temperature = Temperature::ONE;
/// The initial value of outputs: no operation writes it.
const UNTOUCHED: f32 = -123.5;

fn length(what: &'static str, expected: usize, found: usize) -> Error {
    Error::Length { what, expected, found }
}

/// Runs an operation that must fail, with three outputs and with streams. Checks that outputs and streams are
/// unchanged.
#[track_caller]
fn refuses(
    expected: Error,
    sizes: [usize; 3],
    operation: impl FnOnce(&mut Streams, [&mut [f32]; 2], &mut [u32]) -> Result<(), Error>,
) {
    let mut streams = Streams::new(1, 3).unwrap();
    let before = streams.clone();
    let (mut one, mut other) = (vec![UNTOUCHED; sizes[0]], vec![UNTOUCHED; sizes[1]]);
    let mut words = vec![u32::MAX; sizes[2]];
    let found = operation(&mut streams, [&mut one, &mut other], &mut words).unwrap_err();
    assert_eq!(found, expected);
    assert_eq!(streams, before, "{found}: the streams moved on");
    assert!(one.iter().chain(&other).all(|&x| x == UNTOUCHED), "{found}: something was written");
    assert!(words.iter().all(|&word| word == u32::MAX), "{found}: something was written");
    let named = match found {
        Error::Empty { what } | Error::NotRows { what, .. } | Error::Length { what, .. } => what.to_owned(),
        Error::Row { row, .. } => format!("row {row}"),
        other => panic!("no test knows {other:?}"),
    };
    assert!(found.to_string().starts_with(&named), "`{found}` does not begin with `{named}`");
}

#[test]
fn logits() {
    let refused = |values: &[f32], classes| Logits::new(values, classes).unwrap_err();
    let row = |row, source| Error::Row { row, source };
    assert_eq!(refused(&[], 2), Error::Empty { what: "rows of logits" });
    assert_eq!(refused(&[0.0], 0), Error::Empty { what: "classes" });
    assert_eq!(refused(&[], 0), Error::Empty { what: "classes" });
    assert_eq!(refused(&[0.0; 5], 2), Error::NotRows { what: "logits", columns: 2, found: 5 });
    assert_eq!(refused(&[0.0; 5], usize::MAX), Error::NotRows { what: "logits", columns: usize::MAX, found: 5 });
    let nan = Refused::NotANumber { what: "logits", index: 1 };
    assert_eq!(refused(&[0.0, 0.0, 0.0, f32::NAN], 2), row(1, nan));
    let infinite = Refused::PositiveInfinity { what: "logits", index: 0 };
    assert_eq!(refused(&[0.0, 0.0, f32::INFINITY, 0.0], 2), row(1, infinite));
    let masked = Refused::AllMasked { what: "logits" };
    assert_eq!(refused(&[0.0, f32::NEG_INFINITY, f32::NEG_INFINITY, f32::NEG_INFINITY], 2), row(1, masked));
    assert_eq!(
        refused(&[f32::NEG_INFINITY], 1).to_string(),
        "row 0: logits: every class is masked, at least one must be possible"
    );
}

#[test]
fn streams() {
    assert_eq!(Streams::new(1, 0).unwrap_err(), Error::Empty { what: "streams" });
    assert_eq!(Streams::new(1, usize::MAX).unwrap_err(), Error::TooLarge { what: "streams" });
    assert!(Streams::new(1, 2).unwrap().device(2).is_none());
}

#[test]
fn classes_and_samples() {
    let values = [0.0; 6];
    let l = Logits::new(&values, 3).unwrap();
    let no_class = Error::Row { row: 1, source: Refused::NoSuchIndex { what: "class", index: 3, len: 3 } };

    refuses(length("classes", 2, 3), [0, 0, 3], |s, _, c| batch::gumbel_max::sample(&l, s, c));
    refuses(length("classes", 2, 1), [0, 0, 1], |s, _, c| batch::inverse_cdf::sample(&l, s, c));
    refuses(length("classes", 2, 0), [0, 0, 0], |s, _, c| batch::inverse_cdf::race(&l, s, c));
    refuses(length("classes", 2, 3), [6, 0, 3], |s, [y, _], c| batch::straight_through::sample(&l, TAU, s, c, y));
    refuses(length("soft", 6, 2), [2, 0, 2], |s, [y, _], c| batch::straight_through::sample(&l, TAU, s, c, y));

    refuses(length("p", 6, 5), [5, 6, 0], |_, [p, q], _| batch::categorical::probabilities(&l, p, q));
    refuses(length("log p", 6, 5), [6, 5, 0], |_, [p, q], _| batch::categorical::probabilities(&l, p, q));
    refuses(length("classes", 2, 6), [0, 0, 6], |_, _, c| batch::categorical::modes(&l, c));
    refuses(length("classes", 2, 1), [2, 0, 0], |_, [x, _], _| batch::categorical::log_prob(&l, &[0], x));
    refuses(length("log-probabilities", 2, 3), [3, 0, 0], |_, [x, _], _| batch::categorical::log_prob(&l, &[0, 0], x));
    refuses(no_class, [2, 0, 0], |_, [x, _], _| batch::categorical::log_prob(&l, &[2, 3], x));
    refuses(length("entropy", 2, 6), [6, 0, 0], |_, [x, _], _| batch::categorical::entropy(&l, x));
    refuses(length("gradient", 6, 2), [2, 0, 0], |_, [x, _], _| batch::categorical::entropy_gradient(&l, x));
    refuses(length("classes", 2, 1), [6, 0, 0], |_, [x, _], _| batch::categorical::score(&l, &[0], x));
    refuses(length("score", 6, 2), [2, 0, 0], |_, [x, _], _| batch::categorical::score(&l, &[0, 0], x));
    refuses(no_class, [6, 0, 0], |_, [x, _], _| batch::categorical::score(&l, &[0, 3], x));
    let (wider, longer) = (Logits::new(&values, 6).unwrap(), Logits::new(&values[..3], 3).unwrap());
    refuses(length("classes of q", 3, 6), [2, 0, 0], |_, [x, _], _| batch::categorical::kl(&l, &wider, x));
    refuses(length("rows of q", 2, 1), [2, 0, 0], |_, [x, _], _| batch::categorical::kl(&l, &longer, x));
    refuses(length("gradient of q", 6, 5), [6, 5, 0], |_, [a, b], _| batch::categorical::kl_gradients(&l, &l, a, b));
    refuses(length("rows of q", 2, 1), [6, 6, 0], |_, [a, b], _| batch::categorical::kl_gradients(&l, &longer, a, b));
    refuses(length("kl", 2, 6), [6, 0, 0], |_, [x, _], _| batch::categorical::kl_to_uniform(&l, x));
    refuses(length("kl", 2, 1), [1, 0, 0], |_, [x, _], _| batch::categorical::kl(&l, &l, x));

    use batch::score_function::{estimate, leave_one_out, self_critical};
    refuses(Error::Empty { what: "samples" }, [6, 0, 0], |_, [g, _], _| estimate(&l, 0, &[], &[], g));
    refuses(length("classes", 4, 2), [6, 0, 0], |_, [g, _], _| estimate(&l, 2, &[0; 2], &[0.0; 4], g));
    refuses(length("advantages", 4, 2), [6, 0, 0], |_, [g, _], _| estimate(&l, 2, &[0; 4], &[0.0; 2], g));
    refuses(length("gradient", 6, 4), [4, 0, 0], |_, [g, _], _| estimate(&l, 2, &[0; 4], &[0.0; 4], g));
    refuses(no_class, [6, 0, 0], |_, [g, _], _| estimate(&l, 2, &[0, 0, 3, 0], &[0.0; 4], g));
    let alone = Error::Row { row: 0, source: Refused::Empty { what: "other samples" } };
    refuses(alone, [2, 0, 0], |_, [a, _], _| leave_one_out(&[1.0, 2.0], 1, a));
    refuses(Error::NotRows { what: "costs", columns: 2, found: 3 }, [3, 0, 0], |_, [a, _], _| {
        leave_one_out(&[1.0; 3], 2, a)
    });
    refuses(length("costs of the modes", 2, 1), [4, 0, 0], |_, [a, _], _| self_critical(&[1.0; 4], &[0.0], 2, a));
    refuses(length("advantages", 4, 3), [3, 0, 0], |_, [a, _], _| leave_one_out(&[1.0; 4], 2, a));

    // One number that is not finite would make all of its row not finite.
    let (nan, infinite) = ([1.0, 2.0, 3.0, f32::NAN], [1.0, 2.0, f32::NEG_INFINITY, 4.0]);
    let not_a_number = |what| Error::Row { row: 1, source: Refused::NotANumber { what, index: 1 } };
    let not_finite = |what| Error::Row { row: 1, source: Refused::Infinite { what, index: 0 } };
    refuses(not_a_number("costs"), [4, 0, 0], |_, [a, _], _| leave_one_out(&nan, 2, a));
    refuses(not_finite("costs"), [4, 0, 0], |_, [a, _], _| leave_one_out(&infinite, 2, a));
    refuses(not_a_number("costs"), [4, 0, 0], |_, [a, _], _| self_critical(&nan, &[0.0; 2], 2, a));
    let of_mode = Error::Row { row: 1, source: Refused::NotANumber { what: "costs of the modes", index: 0 } };
    refuses(of_mode, [4, 0, 0], |_, [a, _], _| self_critical(&[1.0; 4], &[0.0, f32::NAN], 2, a));
    refuses(not_a_number("advantages"), [6, 0, 0], |_, [g, _], _| estimate(&l, 2, &[0; 4], &nan, g));
    refuses(not_finite("advantages"), [6, 0, 0], |_, [g, _], _| estimate(&l, 2, &[0; 4], &infinite, g));
}

/// Checks that a stopped batch has no partly written row. Either a row is complete and its stream has advanced, or the
/// row and its stream are unchanged.
#[test]
fn batches_that_are_stopped() {
    // One run, and a few rows more.
    const ROWS: usize = (1 << 10) + 16;
    const COLUMNS: usize = 1 << 10;
    for (threads, streams) in [(None, 3), (Some(Threads::new(2).unwrap()), ROWS)] {
        let asked = Arc::new(AtomicUsize::new(0));
        let stop: batch::Stop = {
            let asked = Arc::clone(&asked);
            Arc::new(move || asked.fetch_add(1, Ordering::Relaxed) == 0)
        };
        let (mut whole, mut part) = (vec![UNTOUCHED; ROWS * COLUMNS], vec![UNTOUCHED; ROWS * COLUMNS]);
        let mut drawn = Streams::new(1, streams).unwrap();
        let (before, mut after) = (drawn.clone(), drawn.clone());
        batch::noise::uniform(&mut after, COLUMNS, &mut whole).unwrap();
        let work = || batch::interruptible(stop, || batch::noise::uniform(&mut drawn, COLUMNS, &mut part));
        let found = match &threads {
            Some(threads) => threads.run(work),
            None => work(),
        };
        assert_eq!(found, Err(Error::Interrupted));
        let done = part.chunks(COLUMNS).position(|row| row[0] == UNTOUCHED).unwrap();
        assert!(done > 0 && done < ROWS);
        assert!(part[..done * COLUMNS] == whole[..done * COLUMNS], "rows that were done are others");
        assert!(part[done * COLUMNS..].iter().all(|&x| x == UNTOUCHED));
        if streams == ROWS {
            assert_eq!(drawn.device(done - 1), after.device(done - 1));
            assert_eq!(drawn.device(done), before.device(done));
        }
        // `stop` is not called again after it returned true.
        assert_eq!(asked.load(Ordering::Relaxed), 1);
    }
    // The next batch is not affected.
    let (logits, mut entropy) = (vec![0.0; 1030 << 10], vec![UNTOUCHED; 1030]);
    let logits = Logits::new(&logits, 1024).unwrap();
    let stopped = batch::interruptible(Arc::new(|| true), || batch::categorical::entropy(&logits, &mut entropy));
    assert_eq!((stopped, entropy[1029]), (Err(Error::Interrupted), UNTOUCHED));
    batch::categorical::entropy(&logits, &mut entropy).unwrap();
    assert!(entropy.iter().all(|&h| h == entropy[0] && h > 6.9));
}

#[test]
fn relaxations() {
    let values = [0.0; 6];
    let l = Logits::new(&values, 3).unwrap();
    let with = |place: usize, x: f32| -> Vec<f32> { (0..6).map(|i| if i == place { x } else { 0.5 }).collect() };
    let (good, nan, infinite) = (with(0, 0.5), with(4, f32::NAN), with(5, f32::NEG_INFINITY));
    let not_a_number = |what| Error::Row { row: 1, source: Refused::NotANumber { what, index: 1 } };
    let not_finite = |what| Error::Row { row: 1, source: Refused::Infinite { what, index: 2 } };

    use batch::gumbel_softmax as relax;
    refuses(length("y", 6, 5), [5, 0, 0], |s, [y, _], _| relax::sample(&l, TAU, s, y));
    let never = |_, _: &[f32], _: &mut [f32]| panic!("nothing was drawn");
    refuses(length("y", 6, 5), [5, 6, 0], |s, [y, g], _| relax::sample_and_vjp(&l, TAU, s, y, g, never));
    refuses(length("gradient", 6, 7), [6, 7, 0], |s, [y, g], _| relax::sample_and_vjp(&l, TAU, s, y, g, never));
    refuses(length("noise", 6, 5), [6, 0, 0], |_, [y, _], _| relax::with_noise(&l, TAU, &good[1..], y));
    refuses(length("y", 6, 5), [5, 0, 0], |_, [y, _], _| relax::with_noise(&l, TAU, &good, y));
    refuses(not_a_number("noise"), [6, 0, 0], |_, [y, _], _| relax::with_noise(&l, TAU, &nan, y));
    refuses(not_finite("noise"), [6, 0, 0], |_, [y, _], _| relax::with_noise(&l, TAU, &infinite, y));
    refuses(length("log y", 6, 5), [5, 0, 0], |_, [y, _], _| relax::log_with_noise(&l, TAU, &good, y));
    refuses(Error::Empty { what: "classes" }, [6, 0, 0], |_, [g, _], _| relax::vjp(&good, &good, 0, TAU, g));
    refuses(Error::NotRows { what: "y", columns: 4, found: 6 }, [6, 0, 0], |_, [g, _], _| {
        relax::vjp(&good, &good, 4, TAU, g)
    });
    refuses(length("cotangent", 6, 5), [6, 0, 0], |_, [g, _], _| relax::vjp(&good, &good[1..], 3, TAU, g));
    refuses(length("gradient", 6, 5), [5, 0, 0], |_, [g, _], _| relax::vjp(&good, &good, 3, TAU, g));
    refuses(length("cotangent", 6, 5), [2, 0, 0], |_, [g, _], _| relax::vjp_temperature(&l, TAU, &good, &good[1..], g));
    refuses(length("gradient", 2, 6), [6, 0, 0], |_, [g, _], _| relax::vjp_temperature(&l, TAU, &good, &good, g));
    refuses(not_a_number("noise"), [2, 0, 0], |_, [g, _], _| relax::vjp_temperature(&l, TAU, &nan, &good, g));
    refuses(length("classes", 2, 3), [0, 0, 3], |_, _, c| relax::hard(&l, &good, c));

    use batch::concrete::{gradient, gradient_exp, log_density, log_density_exp};
    refuses(length("point", 6, 5), [2, 0, 0], |_, [d, _], _| log_density_exp(&l, TAU, &good[1..], d));
    refuses(length("density", 2, 3), [3, 0, 0], |_, [d, _], _| log_density_exp(&l, TAU, &good, d));
    refuses(not_a_number("point"), [2, 0, 0], |_, [d, _], _| log_density_exp(&l, TAU, &nan, d));
    refuses(not_finite("point"), [2, 0, 0], |_, [d, _], _| log_density_exp(&l, TAU, &infinite, d));
    let zero = with(3, 0.0);
    let outside = Refused::OutOfRange { what: "point", value: 0.0, requirement: "above 0 and finite" };
    refuses(Error::Row { row: 1, source: outside }, [2, 0, 0], |_, [d, _], _| log_density(&l, TAU, &zero, d));
    refuses(Error::Row { row: 1, source: outside }, [6, 6, 0], |_, [a, b], _| {
        gradient(&l, TAU, &zero, a, b, &mut [0.0; 2])
    });
    refuses(length("gradient in the point", 6, 5), [6, 5, 0], |_, [a, b], _| {
        gradient_exp(&l, TAU, &good, a, b, &mut [0.0; 2])
    });
    refuses(length("gradient in the temperature", 2, 3), [6, 6, 0], |_, [a, b], _| {
        gradient_exp(&l, TAU, &good, a, b, &mut [0.0; 3])
    });
}

#[test]
fn scalars() {
    let (good, bad) = ([0.0, 1.0], [0.0, f32::INFINITY]);
    let infinite = Refused::OutOfRange { what: "logit", value: f32::INFINITY, requirement: "finite" };
    let infinite = Error::Row { row: 1, source: infinite };
    assert_eq!(Bernoullis::new(&bad), Err(infinite));
    assert_eq!(BinaryConcretes::new(&bad, TAU), Err(infinite));
    let bits = Bernoullis::new(&good).unwrap();
    refuses(length("b", 2, 1), [0, 0, 1], |s, _, b| bits.sample(s, b));
    refuses(length("score", 2, 1), [2, 1, 0], |_, [x, y], _| bits.log_prob(&[0, 1], x, y));
    refuses(length("derivative", 2, 1), [2, 1, 0], |_, [x, y], _| bits.entropy(x, y));
    let relaxed = BinaryConcretes::new(&good, TAU).unwrap();
    refuses(length("hard", 2, 3), [2, 2, 3], |s, [y, derivative], hard| {
        relaxed.sample(s, Relaxed { y, derivative, temperature_derivative: &mut [0.0; 2], hard })
    });
    let outside = Refused::OutOfRange { what: "point", value: 1.0, requirement: "above 0 and below 1" };
    refuses(Error::Row { row: 1, source: outside }, [2, 2, 0], |_, [log_density, logit], _| {
        let (temperature, point) = (&mut [0.0; 2], &mut [0.0; 2]);
        relaxed.log_density(&[0.5, 1.0], Density { log_density, logit, temperature, point })
    });
    refuses(length("other logits", 2, 1), [2, 2, 0], |_, [kl, x], _| {
        bits.kl(&Bernoullis::new(&[0.0]).unwrap(), kl, x, &mut [0.0; 2])
    });

    let wide = Refused::OutOfRange { what: "log standard deviation", value: 41.0, requirement: "from -40 to 40" };
    assert_eq!(LogStdNormals::new(&good, &[0.0, 41.0]).unwrap_err(), Error::Row { row: 1, source: wide });
    assert_eq!(LogStdNormals::new(&good, &[0.0]).unwrap_err(), length("log standard deviations", 2, 1));
    let gaussians = LogStdNormals::new(&good, &good).unwrap();
    refuses(length("x", 2, 1), [1, 2, 0], |s, [x, noise], _| gaussians.sample(s, x, noise));
    refuses(length("noise", 2, 1), [2, 1, 0], |s, [x, noise], _| gaussians.sample(s, x, noise));
    refuses(length("score in the mean", 2, 1), [2, 1, 0], |_, [x, a], _| {
        gaussians.log_prob(&good, x, a, &mut [0.0; 2])
    });
    refuses(length("other variables", 2, 1), [2, 2, 0], |_, [kl, x], _| {
        let one = LogStdNormals::new(&good[..1], &good[..1]).unwrap();
        gaussians.kl(Some(&one), kl, x, &mut [0.0; 2])
    });
    refuses(length("cotangent", 2, 1), [2, 2, 0], |_, [a, b], _| gaussians.pathwise(&good, &good[..1], a, b));
    refuses(length("entropy", 2, 1), [1, 0, 0], |_, [x, _], _| gaussians.entropy(x));
    refuses(Error::Empty { what: "columns" }, [2, 0, 0], |s, [x, _], _| batch::noise::normal(s, 0, x));
    refuses(Error::NotRows { what: "noise", columns: 2, found: 3 }, [3, 0, 0], |s, [x, _], _| {
        batch::noise::gumbel(s, 2, x)
    });
}

#[test]
fn a_stream_of_zeros_is_refused() {
    let error = Streams::from_states(&[[1, 2, 3, 4], [0; 4]]).expect_err("a state of zeros");
    assert!(error.to_string().starts_with("row 1: generator state"), "{error}");
    assert!(Streams::from_states(&[]).is_err());
}
