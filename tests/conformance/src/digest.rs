//! Long seeded runs of every operation, each folded into one hash per lane.
//!
//! A draw of an operation takes fresh logits, noise and whatever else it needs from its own generator and hashes the bits
//! of every result. Logits go up to ±1e4 and may be masked, the number of classes goes from 1 to 8, temperatures from
//! 1e−3 to 1e3. Operation number `i` of stream `s` draws from stream `s` of seed `i`.

use heapless::Vec;
use samplegrad_core::{
    ActionMask, AliasTable, Bernoulli, Bernoullis, BinaryConcrete, Categorical, Categoricals, Cdf, Concrete, Decay,
    EntropyBonus, ExponentialRace, Features, Gaussian, Gumbel, GumbelSoftmax, LearningRate, Logits, Rebar, Reinforce,
    Reward, Schedule, SoftmaxPolicy, Source, StraightThrough, Temperature,
    arm::Arm,
    baseline::{ActionModel, Constant, ControlVariate, LinearCritic, MovingAverage, leave_one_out, self_critical},
    cost::Smooth,
    disarm::DisArm,
    elementary,
    enumeration::{self, Enumeration},
    estimator::{Estimate, Estimator},
    gumbel_max, inverse_cdf,
    lane::{Lane, Mask, Word},
    noise::{self, Uniform},
    reduce,
    score_function::{self, LeaveOneOut, ScoreFunction},
    softmax, stream,
};

const N: usize = 8;

/// What one operation came to: a hash per lane, and how many results were not finite where they must be.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Digest<L: Lane = f32> {
    low: L::Word,
    high: L::Word,
    not_finite: u32,
}

impl<L: Lane> Digest<L> {
    fn new() -> Self {
        Self { low: L::Word::splat(0x811c_9dc5), high: L::Word::splat(0x9e37_79b9), not_finite: 0 }
    }

    /// The hash of a lane: two 32-bit multiplicative hashes of the words, one in each half.
    pub fn hash(&self, lane: usize) -> u64 {
        u64::from(self.high.extract(lane)) << 32 | u64::from(self.low.extract(lane))
    }

    /// Results that were NaN or infinite where they must be finite, over all lanes.
    pub fn not_finite(&self) -> u32 {
        self.not_finite
    }

    fn word(&mut self, word: L::Word) {
        self.low = self.low.xor(word).wrapping_mul(L::Word::splat(0x0100_0193));
        let mixed = self.high.wrapping_add(word).wrapping_mul(L::Word::splat(0x85eb_ca6b));
        self.high = mixed.xor(mixed.shr(15));
    }

    /// A number that may be infinite: the log-probability of a masked class.
    fn any(&mut self, x: L) {
        self.word(x.to_bits());
    }

    fn number(&mut self, x: L) {
        if !x.abs().lt(L::splat(f32::INFINITY)).all() {
            self.not_finite += 1;
        }
        self.any(x);
    }

    fn numbers(&mut self, x: &[L]) {
        x.iter().for_each(|&x| self.number(x));
    }
}

/// A uniform number in (−scale, scale).
fn spread<L: Lane, S: Source<L>>(source: &mut S, scale: f32) -> L {
    (Uniform::sample(source).value() - 0.5) * (2.0 * scale)
}

/// Logits of `1 + round mod 8` classes; classes but the first are masked once in eight times.
fn logits<L: Lane, S: Source<L>>(source: &mut S, round: u32) -> Option<Logits<N, L>> {
    let scale = [1.0, 10.0, 100.0, 1e4][(round / 8) as usize % 4];
    logits_within(source, round, scale)
}

fn logits_within<L: Lane, S: Source<L>>(source: &mut S, round: u32, scale: f32) -> Option<Logits<N, L>> {
    let mut values = Vec::<L, N>::new();
    for class in 0..=round % N as u32 {
        let masked = source.next_word().shr(29).equals(L::Word::splat(0)).and(L::Mask::splat(class > 0));
        let l = L::select(masked, L::NEG_INFINITY, spread(source, scale));
        // There is room: at most eight classes.
        let _ = values.push(l);
    }
    Logits::new(&values).ok()
}

fn numbers<L: Lane, S: Source<L>>(source: &mut S, count: usize, scale: f32) -> Vec<L, N> {
    (0..count).map(|_| spread(source, scale)).collect()
}

fn temperature(round: u32) -> Temperature {
    let tau = [0.5, 1.0, 0.1, 10.0, 1e-3, 1e3, 2.0][round as usize % 7];
    Temperature::new(tau).unwrap_or(Temperature::ONE)
}

/// One draw of an operation. Nothing if a value was refused, which the digest counts.
type Operation<L, S> = fn(&mut S, u32, &mut Digest<L>) -> Option<()>;

fn noises<L: Lane, S: Source<L>>(source: &mut S, _: u32, out: &mut Digest<L>) -> Option<()> {
    let u = Uniform::sample(source);
    out.numbers(&[u.tail(), u.value(), u.neg_ln(), u.logit(), u.complement().value()]);
    out.numbers(&[noise::exponential::sample(source), noise::gumbel::sample(source)]);
    out.numbers(&[noise::logistic::sample(source), noise::normal::sample(source)]);
    Some(())
}

fn functions<L: Lane, S: Source<L>>(source: &mut S, round: u32, out: &mut Digest<L>) -> Option<()> {
    let scale = [1.0, 30.0, 1e4][round as usize % 3];
    let (x, y) = (spread(source, scale), spread(source, scale));
    out.numbers(&[elementary::sigmoid(x), elementary::softplus(x), elementary::log_add_exp(x, y)]);
    out.numbers(&[softmax::log_sum_exp(&[x, y]), reduce::dot(&[x, y], &[y, y]), x.abs().sqrt()]);
    Some(())
}

fn exact_samples<L: Lane, S: Source<L>>(source: &mut S, round: u32, out: &mut Digest<L>) -> Option<()> {
    let l = logits(source, round)?;
    out.word(gumbel_max::sample(&l, source));
    out.word(inverse_cdf::sample(&l, source));
    out.word(ExponentialRace::new(&l).sample(source));
    Some(())
}

/// Tables are built of scalar logits; a table of lane 0's logits would mix lanes, so these are the same for all.
fn tables<L: Lane, S: Source<L>>(source: &mut S, round: u32, out: &mut Digest<L>) -> Option<()> {
    let mut shared = stream::xorshift(u64::from(round / 64), 77);
    let l = logits::<f32, _>(&mut shared, round / 64)?;
    out.word(Cdf::new(&l).sample::<L, S>(source));
    out.word(AliasTable::new(&l).sample::<L, S>(source));
    Some(())
}

fn categorical<L: Lane, S: Source<L>>(source: &mut S, round: u32, out: &mut Digest<L>) -> Option<()> {
    let p = Categorical::new(&logits(source, round)?);
    let class = p.mode();
    out.numbers(p.probabilities());
    p.log_probabilities().iter().for_each(|&x| out.any(x));
    out.numbers(&[p.log_prob(class), p.entropy(), p.kl_to_uniform()]);
    out.numbers(&p.entropy_gradient());
    out.numbers(&p.score(class).ok()?);
    // Where both hold every class the divergence is finite.
    let full = Categorical::<N, L>::new(&Logits::new(&numbers(source, p.probabilities().len(), 20.0)).ok()?);
    out.number(p.kl(&full).ok()?);
    let (by_p, by_q) = p.kl_gradients(&full).ok()?;
    out.numbers(&by_p);
    out.numbers(&by_q);
    Some(())
}

fn relaxed<L: Lane, S: Source<L>>(source: &mut S, round: u32, out: &mut Digest<L>) -> Option<()> {
    let l = logits(source, round)?;
    let y = GumbelSoftmax::sample(&l, temperature(round), source);
    let cotangent = numbers(source, y.values().len(), 3.0);
    out.numbers(y.values());
    y.log_values().iter().for_each(|&x| out.any(x));
    out.numbers(&y.vjp(&cotangent).ok()?);
    out.number(y.vjp_temperature(&cotangent).ok()?);
    Some(())
}

fn straight_through<L: Lane, S: Source<L>>(source: &mut S, round: u32, out: &mut Digest<L>) -> Option<()> {
    let sample = StraightThrough::sample(&logits(source, round)?, temperature(round), source);
    let cotangent = numbers(source, sample.soft().values().len(), 3.0);
    out.word(sample.class());
    out.numbers(&sample.one_hot());
    out.numbers(&sample.vjp(&cotangent).ok()?);
    Some(())
}

fn concrete<L: Lane, S: Source<L>>(source: &mut S, round: u32, out: &mut Digest<L>) -> Option<()> {
    let l = logits_within(source, round, 10.0)?;
    let p = Concrete::new(&l, temperature(round));
    let x = numbers(source, l.as_slice().len(), 20.0);
    out.number(p.log_density_exp(&x).ok()?);
    let gradient = p.log_density_exp_gradient(&x).ok()?;
    out.numbers(&gradient.logits);
    out.numbers(&gradient.point);
    out.number(gradient.temperature);
    let y: Vec<L, N> = x.iter().map(|x| x.exp()).collect();
    out.number(p.log_density(&y).ok()?);
    out.numbers(&p.log_density_gradient(&y).ok()?.point);
    Some(())
}

fn bernoulli<L: Lane, S: Source<L>>(source: &mut S, round: u32, out: &mut Digest<L>) -> Option<()> {
    let scale = [1.0, 30.0, 1e4][round as usize % 3];
    let (p, q) = (Bernoulli::new(spread(source, scale)).ok()?, Bernoulli::new(spread(source, scale)).ok()?);
    let b = p.sample(source);
    out.word(L::Word::select(b, L::Word::splat(1), L::Word::splat(0)));
    let (by_p, by_q) = p.kl_derivatives(q);
    out.numbers(&[p.probability(), p.complement(), p.log_prob(b), p.score(b)]);
    out.numbers(&[p.entropy(), p.entropy_derivative(), p.kl(q), by_p, by_q]);
    Some(())
}

fn binary_concrete<L: Lane, S: Source<L>>(source: &mut S, round: u32, out: &mut Digest<L>) -> Option<()> {
    let p = BinaryConcrete::new(spread(source, [1.0, 30.0][round as usize % 2]), temperature(round)).ok()?;
    let y = p.sample(source);
    out.numbers(&[y.perturbed(), y.value(), y.complement(), y.derivative(), y.temperature_derivative()]);
    out.word(L::Word::select(y.hard(), L::Word::splat(1), L::Word::splat(0)));
    let at = p.log_density(Uniform::sample(source).value()).ok()?;
    out.numbers(&[at.log_density, at.logit, at.temperature, at.point]);
    out.number(p.log_density_logit(spread(source, 10.0)));
    Some(())
}

fn gumbel<L: Lane, S: Source<L>>(source: &mut S, _: u32, out: &mut Digest<L>) -> Option<()> {
    let p = Gumbel::new(spread(source, 100.0), spread::<L, S>(source, 5.0).abs() + 0.01).ok()?;
    let x = p.sample(source);
    let (by_location, by_scale) = p.score(x);
    out.numbers(&[x, p.log_prob(x), p.cdf(x), p.log_cdf(x), p.survival(x), p.log_survival(x)]);
    out.numbers(&[by_location, by_scale, p.derivative(x), p.mean(), p.variance(), p.entropy()]);
    Some(())
}

fn gaussian<L: Lane, S: Source<L>>(source: &mut S, _: u32, out: &mut Digest<L>) -> Option<()> {
    let p = Gaussian::new(spread(source, 10.0), spread(source, 5.0)).ok()?;
    let q = Gaussian::new(spread(source, 10.0), spread(source, 5.0)).ok()?;
    let (x, epsilon) = p.sample(source);
    let (by_mean, by_log_std) = p.pathwise(epsilon, x);
    let (score_mean, score_log_std) = p.score(x);
    let (kl_mean, kl_log_std) = p.kl_to_standard_derivatives();
    out.numbers(&[x, epsilon, by_mean, by_log_std, score_mean, score_log_std, kl_mean, kl_log_std]);
    out.numbers(&[p.log_prob(x), p.entropy(), p.kl_to_standard(), p.kl(q)]);
    out.numbers(&p.kl_derivatives(q));
    Some(())
}

fn score_functions<L: Lane, S: Source<L>>(source: &mut S, round: u32, out: &mut Digest<L>) -> Option<()> {
    let l = logits(source, round)?;
    let p = Categorical::new(&l);
    let classes: [L::Word; 4] = core::array::from_fn(|_| inverse_cdf::sample(&l, source));
    let values = numbers(source, 4, 10.0);
    let mut advantages = [L::ZERO; 4];
    leave_one_out::advantages(&values, &mut advantages).ok()?;
    out.numbers(&score_function::estimate(&p, &classes, &advantages).ok()?);
    self_critical::advantages(&values, L::gather(&values, p.mode()), &mut advantages).ok()?;
    out.numbers(&score_function::estimate(&p, &classes, &advantages).ok()?);
    Some(())
}

/// Estimators of a quadratic cost of one to three Bernoulli variables, and of a product of two categorical ones.
fn estimators<L: Lane, S: Source<L>>(source: &mut S, round: u32, out: &mut Digest<L>) -> Option<()> {
    let scale = [1.0, 10.0][(round / 4) as usize % 2];
    let b = Bernoullis::<N, L>::new(&numbers(source, 1 + round as usize % 3, scale)).ok()?;
    let weights = numbers(source, 3, 4.0);
    let quadratic = |b: &[L]| {
        let sum = reduce::dot(b, &weights);
        (sum - 0.5) * (sum - 0.5)
    };
    let mut estimate = |estimate: Option<Estimate<N, L>>| {
        let estimate = estimate?;
        out.number(estimate.mean);
        out.numbers(&estimate.gradient);
        Some(())
    };
    estimate(Enumeration.estimate(&b, &mut { quadratic }, source).ok())?;
    estimate(ScoreFunction { baseline: L::ONE }.estimate(&b, &mut { quadratic }, source).ok())?;
    estimate(LeaveOneOut::<3>.estimate(&b, &mut { quadratic }, source).ok())?;
    estimate(Arm.estimate(&b, &mut { quadratic }, source).ok())?;
    estimate(DisArm.estimate(&b, &mut { quadratic }, source).ok())?;
    let mut smooth = Smooth::<N, _>(|y: &[L], gradient: &mut [L]| {
        let excess = reduce::dot(y, &weights) - 0.5;
        for (g, &w) in gradient.iter_mut().zip(&weights) {
            *g = (excess + excess) * w;
        }
        excess * excess
    });
    let tau = [0.1, 0.5, 2.0][(round / 8) as usize % 3];
    let mut rebar = Rebar::new(Temperature::new(tau).ok()?, 0.75).ok()?;
    estimate(rebar.estimate(&b, &mut smooth, source).ok())?;

    let x = Categoricals::<N, L>::new(&[2, 3], &numbers(source, 5, scale)).ok()?;
    let mut table = |x: &[L::Word]| x.iter().fold(L::ONE, |product, &class| product * L::gather(&weights, class));
    estimate(Enumeration.estimate(&x, &mut table, source).ok())?;
    estimate(LeaveOneOut::<2>.estimate(&x, &mut table, source).ok())?;
    let law = enumeration::law(&x, &mut table).ok()?;
    let baseline = law.optimal_baseline(1);
    out.numbers(&[law.cost_variance(), baseline, law.variance(1, baseline), law.variance_leave_one_out(4)]);
    Some(())
}

fn schedules<L: Lane, S: Source<L>>(_: &mut S, round: u32, out: &mut Digest<L>) -> Option<()> {
    let (start, end) = (Temperature::new(5.0).ok()?, Temperature::new(0.25).ok()?);
    let schedules = [
        Schedule::constant(end),
        Schedule::annealed(1e-5).ok()?,
        Schedule::exponential(start, end, 3e-5).ok()?,
        Schedule::linear(start, end, 100_000).ok()?,
        Schedule::cosine(start, end, 100_000).ok()?,
    ];
    schedules.iter().for_each(|schedule| out.number(L::splat(schedule.at(round).get())));
    Some(())
}

/// What a learning run keeps from draw to draw.
struct Run<C, L: Lane> {
    learner: Reinforce<3, 4, C, L>,
    mask: ActionMask<4, L>,
}

impl<C: ControlVariate<3, 4, L>, L: Lane> Run<C, L> {
    fn new(control_variate: C) -> Option<Self> {
        let (rate, bonus) = (LearningRate::new(0.1).ok()?, EntropyBonus::new(0.01).ok()?);
        let start = SoftmaxPolicy::from_weights([[L::splat(0.25); 4]; 3], [L::ZERO; 4]).ok()?;
        let mask = ActionMask::new([true, true, false, true].map(L::Mask::splat)).ok()?;
        Some(Self { learner: Reinforce::with_policy(start, control_variate, rate, bonus), mask })
    }

    fn step<S: Source<L>>(&mut self, source: &mut S, out: &mut Digest<L>) -> Option<()> {
        let x = Features::new([spread(source, 1.0), spread(source, 1.0), L::ONE]).ok()?;
        let decision = self.learner.act(&x, &self.mask, source);
        let good = decision.action().equals(L::Word::select(
            L::ZERO.lt(*x.as_array().first()?),
            L::Word::splat(3),
            L::Word::splat(0),
        ));
        self.learner.learn(&x, &decision, Reward::new(L::select(good, L::ONE, L::splat(-0.5))).ok()?);
        out.word(decision.action());
        self.learner.policy().weights().iter().for_each(|row| out.numbers(row));
        out.numbers(self.learner.policy().bias());
        Some(())
    }
}

fn learn<C: ControlVariate<3, 4, L>, L: Lane, S: Source<L>>(
    control_variate: Option<C>,
    draws: u32,
    source: &mut S,
) -> Digest<L> {
    let mut out = Digest::new();
    let mut run = control_variate.and_then(Run::new);
    for _ in 0..draws {
        if run.as_mut().and_then(|run| run.step(source, &mut out)).is_none() {
            out.not_finite += 1;
        }
    }
    out
}

/// Runs `draws` draws of every operation; `source(i)` is the generator of operation `i`. Reports each operation's name and
/// what it came to.
pub fn digest<L: Lane, S: Source<L>>(
    draws: u32,
    mut source: impl FnMut(u64) -> S,
    report: &mut dyn FnMut(&'static str, Digest<L>),
) {
    let operations: [(&str, Operation<L, S>); 15] = [
        ("noise", noises),
        ("elementary", functions),
        ("exact samples", exact_samples),
        ("tables", tables),
        ("categorical", categorical),
        ("Gumbel-softmax", relaxed),
        ("straight-through", straight_through),
        ("Concrete density", concrete),
        ("Bernoulli", bernoulli),
        ("binary Concrete", binary_concrete),
        ("Gaussian", gaussian),
        ("score function", score_functions),
        ("schedules", schedules),
        ("estimators", estimators),
        ("Gumbel", gumbel),
    ];
    for (number, (name, operation)) in (0..).zip(operations) {
        let (mut source, mut out) = (source(number), Digest::new());
        for round in 0..draws {
            if operation(&mut source, round, &mut out).is_none() {
                out.not_finite += 1;
            }
        }
        report(name, out);
    }
    let rate = LearningRate::new(0.05).ok();
    let constant = Reward::new(L::splat(0.25)).ok().map(Constant::new);
    report("learning, constant", learn(constant, draws, &mut source(20)));
    let average = Decay::new(0.9).ok().map(MovingAverage::<L>::new);
    report("learning, moving average", learn(average, draws, &mut source(21)));
    report("learning, linear critic", learn(rate.map(LinearCritic::<3, L>::new), draws, &mut source(22)));
    report("learning, action model", learn(rate.map(ActionModel::<3, 4, L>::new), draws, &mut source(23)));
}

/// [`digest`] of one stream in scalar form: what a device computes.
pub fn digest_stream(draws: u32, number: u64, report: &mut dyn FnMut(&'static str, Digest)) {
    digest::<f32, _>(draws, |operation| stream::xorshift(operation, number), report);
}
