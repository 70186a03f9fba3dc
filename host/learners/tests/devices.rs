//! Test that every learner of a fleet has bit for bit the results of a device with the same number and exactly the same
//! size, at every capacity.

use samplegrad_core::{
    ActionMask, ActionModel, Decay, EntropyBonus, Features, LearningRate, MovingAverage, Reinforce, Reward,
    baseline::ControlVariate,
    noise::{Uniform, normal},
    stream,
};
use samplegrad_host::Error as Refused;
use samplegrad_learners::{Baseline, Error, Learners, Settings};

const SEED: u64 = 2026;
const FIRST: u64 = 1000;
const COUNT: usize = 11;
const STEPS: usize = 60;

/// The features, allowed actions and rewards of a learner at one step.
struct World<const D: usize, const K: usize> {
    features: [f32; D],
    allowed: [bool; K],
    pays: [f32; K],
}

impl<const D: usize, const K: usize> World<D, K> {
    fn at(number: usize, step: usize) -> Self {
        let mut rng = stream::xorshift(7, (number * STEPS + step) as u64);
        let mut normal = || normal::quantile(Uniform::<f32>::sample(&mut rng));
        let (features, pays) = ([(); D].map(|()| normal()), [(); K].map(|()| normal()));
        // The last action remains possible.
        let allowed = std::array::from_fn(|k| k + 1 == K || normal() > -1.0);
        Self { features, allowed, pays }
    }
}

fn compare<const D: usize, const K: usize, C: ControlVariate<D, K>>(
    baseline: Baseline,
    make: impl Fn() -> C,
    masks: bool,
) {
    let (rate, entropy_bonus) = (LearningRate::new(0.2).unwrap(), EntropyBonus::new(0.05).unwrap());
    let settings = Settings { features: D, actions: K, rate, entropy_bonus, baseline };
    let mut fleet = Learners::new(settings, COUNT, SEED, FIRST).unwrap();
    assert_eq!((fleet.count(), fleet.features(), fleet.actions()), (COUNT, D, K));
    let mut devices: Vec<_> = (0..COUNT)
        .map(|number| {
            (Reinforce::<D, K, C>::new(make(), rate, entropy_bonus), stream::xorshift(SEED, FIRST + number as u64))
        })
        .collect();
    for step in 0..STEPS {
        let worlds: Vec<_> = (0..COUNT).map(|number| World::<D, K>::at(number, step)).collect();
        let features: Vec<f32> = worlds.iter().flat_map(|world| world.features).collect();
        let allowed: Vec<u8> = worlds.iter().flat_map(|world| world.allowed.map(u8::from)).collect();
        let mut actions = [0; COUNT];
        fleet.act(&features, if masks { &allowed } else { &[] }, &mut actions).unwrap();
        let mut rewards = [0.0; COUNT];
        for (number, (learner, rng)) in devices.iter_mut().enumerate() {
            let world = &worlds[number];
            let seen = Features::new(world.features).unwrap();
            let mask = if masks { ActionMask::new(world.allowed).unwrap() } else { ActionMask::all() };
            let decision = learner.act(&seen, &mask, rng);
            assert_eq!(actions[number], decision.action(), "{D} features, {K} actions, learner {number}, step {step}");
            rewards[number] = world.pays[decision.action() as usize];
            learner.learn(&seen, &decision, Reward::new(rewards[number]).unwrap());
        }
        fleet.learn(&rewards).unwrap();
    }
    for (number, (learner, _)) in devices.iter().enumerate() {
        let (mut weights, mut bias) = (vec![0.0; D * K], vec![0.0; K]);
        fleet.policy(number, &mut weights, &mut bias).unwrap();
        let bits = |x: &[f32]| x.iter().map(|x| x.to_bits()).collect::<Vec<_>>();
        assert_eq!(bits(&weights), bits(learner.policy().weights().as_flattened()), "{D} by {K}, learner {number}");
        assert_eq!(bits(&bias), bits(learner.policy().bias()), "{D} by {K}, learner {number}");
    }
}

fn both<const D: usize, const K: usize>() {
    let (decay, rate) = (Decay::new(0.9).unwrap(), LearningRate::new(0.1).unwrap());
    for masks in [false, true] {
        compare::<D, K, _>(Baseline::MovingAverage(decay), || MovingAverage::new(decay), masks);
        compare::<D, K, _>(Baseline::ActionModel(rate), || ActionModel::new(rate), masks);
    }
}

#[test]
fn of_every_capacity() {
    both::<1, 1>();
    both::<3, 2>();
    both::<4, 4>();
    both::<10, 3>();
    both::<17, 4>();
    both::<2, 5>();
    both::<16, 16>();
    both::<63, 9>();
    both::<64, 16>();
}

#[test]
fn what_is_refused_changes_nothing() {
    let (rate, entropy_bonus) = (LearningRate::new(0.2).unwrap(), EntropyBonus::NONE);
    let settings = Settings { features: 2, actions: 3, rate, entropy_bonus, baseline: Baseline::ActionModel(rate) };
    let refused = |settings, count| Learners::new(settings, count, SEED, 0).map(drop).unwrap_err();
    assert_eq!(refused(settings, 0), Error::Empty { what: "learners" });
    assert_eq!(refused(Settings { features: 0, ..settings }, 1), Error::Empty { what: "features" });
    assert_eq!(
        refused(Settings { actions: 17, ..settings }, 1),
        Error::Capacity { what: "actions", found: 17, most: 16 }
    );
    assert_eq!(refused(settings, isize::MAX as usize / 512), Error::Host(Refused::TooLarge { what: "learners" }));

    let (mut one, mut other) =
        (Learners::new(settings, 9, SEED, 0).unwrap(), Learners::new(settings, 9, SEED, 0).unwrap());
    let (seen, mut actions, mut due) = ([0.5; 18], [0; 9], [0; 9]);
    let mut infinite = seen;
    infinite[17] = f32::INFINITY;
    let mut nothing = [1; 27];
    nothing[12..15].fill(0);
    assert_eq!(one.learn(&[0.0; 9]), Err(Error::NothingWaits));
    assert!(matches!(
        one.act(&seen[..17], &[], &mut actions),
        Err(Error::Host(Refused::Length { what: "features", .. }))
    ));
    assert!(matches!(one.act(&seen, &[1; 26], &mut actions), Err(Error::Host(Refused::Length { .. }))));
    assert!(matches!(one.act(&infinite, &[], &mut actions), Err(Error::Host(Refused::Row { row: 8, .. }))));
    assert!(matches!(one.act(&seen, &nothing, &mut actions), Err(Error::Host(Refused::Row { row: 4, .. }))));
    assert_eq!(one.policy(9, &mut [0.0; 6], &mut [0.0; 3]), Err(Error::NoSuchLearner { number: 9, count: 9 }));
    for _ in 0..20 {
        one.act(&seen, &[], &mut actions).unwrap();
        assert!(matches!(one.learn(&[f32::NAN; 9]), Err(Error::Host(Refused::Row { row: 0, .. }))));
        assert!(one.learn(&[1.0; 8]).is_err());
        one.learn(&actions.map(|action| action as f32)).unwrap();
        assert_eq!(one.learn(&[0.0; 9]), Err(Error::NothingWaits));
        other.act(&seen, &[], &mut due).unwrap();
        other.learn(&due.map(|action| action as f32)).unwrap();
        assert_eq!(actions, due);
    }
}
