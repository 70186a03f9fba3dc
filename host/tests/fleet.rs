//! Tests of fleets. A device of a fleet is bit for bit the same device alone, for all lanes, threads and neighbours.
//! Nothing is allocated during the steps. Bad inputs are refused, before or during the run as documented.

#[path = "common/allocations.rs"]
mod allocations;
#[path = "../examples/fleet/digits.rs"]
mod digits;

use std::sync::{
    Mutex,
    atomic::{AtomicU64, Ordering},
};

use allocations::Count;
use digits::Digits;
use rand_xorshift::XorShiftRng;
use samplegrad_core::{Error as Refused, Reward, lane::Lane, noise::Uniform, stream};
use samplegrad_host::{
    Error, LaneRng, Lanes, Threads,
    fleet::{Device, Fleet, Numbers, Rewards},
};
use samplegrad_tasks::{
    digits_bandit::{Bandit, PASSES, SEED},
    optdigits,
};

/// Devices whose rewards round, so that their sums in another order have different bits. Some devices are refused at
/// some step.
struct Rounding {
    refused: &'static [(u64, u64)],
}

impl Device for Rounding {
    type Life<L: Lane> = (Numbers, L);
    /// The sum of the rewards, and the generator after the last step.
    type Report = (f32, XorShiftRng);

    fn start<L: Lane>(&self, devices: Numbers, rng: &mut LaneRng<L>) -> Result<(Numbers, L), Refused> {
        Ok((devices, Uniform::sample(rng).value()))
    }

    fn step<L: Lane>(&self, life: &mut (Numbers, L), step: u64, rng: &mut LaneRng<L>) -> Result<L, Refused> {
        let refused = |lane| self.refused.contains(&(life.0.of_lane(lane), step));
        let factor = L::from_fn(|lane| if refused(lane) { f32::NAN } else { 1.0 });
        let reward = (Uniform::<L>::sample(rng).value() - 0.4).exp() * factor;
        life.1 = life.1 + reward;
        Ok(Reward::new(reward)?.get())
    }

    fn report<L: Lane>(&self, life: &(Numbers, L), lane: usize, rng: &LaneRng<L>) -> (f32, XorShiftRng) {
        (life.1.extract(lane), rng.device(lane))
    }
}

const ROUNDING: Rounding = Rounding { refused: &[] };

#[test]
fn devices_are_those_alone() {
    // More than one pass over the pictures, in builds that are fast enough.
    let (devices, steps, first) = if cfg!(debug_assertions) { (19, 60, 5) } else { (37, 1500, 5) };
    let mut expected = Vec::new();
    let mut rewards = vec![0.0; steps as usize];
    for device in first..first + devices {
        let mut rng = stream::xorshift(SEED, device);
        let mut bandit = Bandit::<f32>::new().unwrap();
        let mut rewarded = rewards.iter_mut();
        'life: for pass in 0.. {
            bandit.begin(pass, PASSES).unwrap();
            for example in optdigits::training() {
                let Some(rewarded) = rewarded.next() else { break 'life };
                *rewarded += f64::from(bandit.step(example, &mut rng).unwrap());
            }
        }
        expected.push(bandit.fingerprint(0));
    }
    let fleet = Fleet::new(SEED, devices, steps).unwrap().numbered_from(first).unwrap();
    for lanes in Lanes::ALL {
        let mut found = vec![0; devices as usize];
        let rewarded = fleet.live(&Digits::new()).lanes(lanes).fill(&mut found).unwrap();
        assert_eq!(found, expected, "{lanes:?}");
        assert_eq!(rewarded.sums(), rewards, "{lanes:?}");
    }
}

#[test]
fn a_pass_is_made_of_steps() {
    let (mut rng, mut again) = (stream::xorshift(SEED, 0), stream::xorshift(SEED, 0));
    let (mut passes, mut steps) = (Bandit::<f32>::new().unwrap(), Bandit::<f32>::new().unwrap());
    for pass in 0..2 {
        let rewards = passes.pass(pass, PASSES, &mut rng).unwrap();
        steps.begin(pass, PASSES).unwrap();
        let step = |total, example| total + steps.step(example, &mut again).unwrap();
        assert_eq!(optdigits::training().fold(0.0, step), rewards);
    }
    assert_eq!(passes.fingerprint(0), steps.fingerprint(0));
}

/// Computes the sums in the order of the documentation.
fn expected_sums(rewards: &[Vec<f64>], window: usize) -> Vec<f64> {
    fn tree(blocks: &[&[Vec<f64>]], steps: core::ops::Range<usize>) -> f64 {
        if let [block] = blocks {
            let mut slots = [0.0; 16];
            for (place, device) in block.iter().enumerate() {
                device[steps.clone()].iter().for_each(|reward| slots[place % 16] += reward);
            }
            return slots.iter().sum();
        }
        let (one, other) = blocks.split_at(blocks.len().div_ceil(2));
        tree(one, steps.clone()) + tree(other, steps)
    }
    let steps = rewards[0].len();
    let blocks: Vec<&[Vec<f64>]> = rewards.chunks(64).collect();
    (0..steps).step_by(window).map(|step| tree(&blocks, step..steps.min(step + window))).collect()
}

#[test]
fn sums_have_one_order() {
    for (devices, steps, window, first) in [(1, 1, 1, 0), (64, 7, 3, 9), (65, 4, 9, 0), (1000, 10, 4, 1 << 40)] {
        let mut rewards = Vec::new();
        let mut reports = Vec::new();
        for device in first..first + devices {
            let mut rng = LaneRng::<f32>::new(7, device);
            let mut life = ROUNDING.start(Numbers::of(device), &mut rng).unwrap();
            let of_step = |step| f64::from(ROUNDING.step(&mut life, step, &mut rng).unwrap());
            rewards.push((0..steps).map(of_step).collect::<Vec<f64>>());
            reports.push(ROUNDING.report(&life, 0, &rng));
        }
        let sums = expected_sums(&rewards, window as usize);
        let fleet = Fleet::new(7, devices, steps).unwrap().windows(window).unwrap().numbered_from(first).unwrap();
        for threads in [1, 2, 3] {
            let threads = Threads::new(threads).unwrap();
            for lanes in Lanes::ALL {
                let lived = AtomicU64::new(0);
                let progress = |devices| _ = lived.fetch_add(devices, Ordering::Relaxed);
                let run = || fleet.live(&ROUNDING).on(&threads).lanes(lanes);
                let mut found = reports.clone();
                found.reverse();
                let rewarded: Rewards = run().progress(&progress).fill(&mut found).unwrap();
                assert_eq!(rewarded.sums(), sums, "{devices} devices, {threads:?}, {lanes:?}");
                assert_eq!(found, reports, "{devices} devices, {threads:?}, {lanes:?}");
                assert_eq!(lived.into_inner(), devices);
                assert_eq!(run().end().unwrap(), rewarded);

                let told = Mutex::new(Vec::new());
                assert_eq!(run().tell(|number, report| told.lock().unwrap().push((number, report))).unwrap(), rewarded);
                let mut told = told.into_inner().unwrap();
                told.sort_by_key(|(number, _)| *number);
                assert!(told.into_iter().eq((first..).zip(reports.clone())));
            }
        }
    }
}

#[test]
fn the_first_device_that_is_refused_is_named() {
    let refused = Rounding { refused: &[(70, 1), (75, 0), (901, 0)] };
    let fleet = Fleet::new(7, 1000, 3).unwrap();
    for threads in [1, 2, 3] {
        let threads = Threads::new(threads).unwrap();
        for lanes in Lanes::ALL {
            let error = fleet.live(&refused).on(&threads).lanes(lanes).end().unwrap_err();
            let Error::Device { device: 70, source: Refused::OutOfRange { what: "reward", value, .. } } = error else {
                panic!("{error:?}");
            };
            assert!(value.is_nan() && error.to_string().starts_with("device 70: reward"), "{error}");
        }
    }
    // Lanes beyond the last device repeat the last device: device 70 does not exist.
    assert!(Fleet::new(7, 70, 3).unwrap().live(&refused).end().is_ok());
}

#[test]
fn bad_input() {
    let empty = |what| Error::Empty { what };
    assert_eq!(Threads::new(0).unwrap_err(), empty("threads"));
    assert_eq!(Threads::new(usize::MAX).unwrap_err(), Error::TooLarge { what: "threads" });
    assert_eq!(Fleet::new(1, 0, 1), Err(empty("devices")));
    assert_eq!(Fleet::new(1, 1, 0), Err(empty("steps")));
    let fleet = Fleet::new(1, 2, u64::MAX).unwrap();
    assert_eq!(fleet.windows(0), Err(empty("steps of a window")));
    assert!(fleet.numbered_from(u64::MAX - 1).is_ok());
    assert_eq!(fleet.numbered_from(u64::MAX), Err(Error::TooLarge { what: "device numbers" }));
    let none = AtomicU64::new(0);
    let progress = |devices| _ = none.fetch_add(devices, Ordering::Relaxed);
    assert_eq!(fleet.live(&ROUNDING).progress(&progress).end(), Err(Error::TooLarge { what: "windows of steps" }));
    let mut reports = vec![(-1.0, stream::xorshift(0, 0)); 3];
    let before = reports.clone();
    assert_eq!(
        Fleet::new(1, 2, 2).unwrap().live(&ROUNDING).progress(&progress).fill(&mut reports),
        Err(Error::Length { what: "reports", expected: 2, found: 3 })
    );
    assert_eq!((reports, none.into_inner()), (before, 0));
}

/// Counts the allocations of the test's thread and of the threads of its pool.
#[test]
fn nothing_is_allocated_while_devices_live() {
    let threads = Threads::new(2).unwrap();
    static COUNT: Count = Count::new();
    COUNT.this_thread();
    threads.run(|| rayon::broadcast(|_| COUNT.this_thread()));
    let digits = Digits::new();
    let allocations = |devices, steps, lanes| {
        let fleet = Fleet::new(SEED, devices, steps).unwrap().windows(steps).unwrap();
        COUNT.of(|| _ = fleet.live(&digits).on(&threads).lanes(lanes).end().unwrap())
    };
    for lanes in Lanes::ALL {
        // The first allocations of the threads.
        allocations(512, 1, lanes);
        // The count is compared with the counts of ten times as many steps and of eight times as many devices. Eight
        // times as many devices are halved three times more.
        let few = allocations(512, 2, lanes);
        assert!(few > 0, "the count counts");
        assert!(few < 40, "{lanes:?}: {few}");
        let more = allocations(512, 20, lanes);
        assert!(more <= few + 4, "{lanes:?}: {few} allocations, {more} with more steps");
        let more = allocations(4096, 2, lanes);
        assert!(more <= few + 12, "{lanes:?}: {few} allocations, {more} with more devices");
    }
}
