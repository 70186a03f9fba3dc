//! Policies that learn; one draw is one step.

use samplegrad_core::{
    ActionMask, ActionModel, Constant, Decay, EntropyBonus, Features, LearningRate, LinearCritic, MovingAverage,
    Reinforce, Reward, SoftmaxPolicy, Source,
    baseline::ControlVariate,
    lane::{Lane, Mask, Word},
};

use super::{Digest, spread};

/// State that a learning run keeps between draws.
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

pub(super) fn digest<L: Lane, S: Source<L>>(
    draws: u32,
    mut source: impl FnMut(u64) -> S,
    report: &mut dyn FnMut(&'static str, Digest<L>),
) {
    let rate = LearningRate::new(0.05).ok();
    let constant = Reward::new(L::splat(0.25)).ok().map(Constant::new);
    report("learning, constant", learn(constant, draws, &mut source(0)));
    let average = Decay::new(0.9).ok().map(MovingAverage::<L>::new);
    report("learning, moving average", learn(average, draws, &mut source(1)));
    report("learning, linear critic", learn(rate.map(LinearCritic::<3, L>::new), draws, &mut source(2)));
    report("learning, action model", learn(rate.map(ActionModel::<3, 4, L>::new), draws, &mut source(3)));
}
