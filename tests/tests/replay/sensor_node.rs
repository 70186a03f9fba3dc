//! The sensor node: a lane against a device, and the promised quality of its choices over 256 seeds. The learning rates
//! were chosen on the first 16 seeds.

use samplegrad_core::{EntropyBonus, LearningRate, lane::Lane, stream};
use samplegrad_host::{F32x16, LaneRng};
use samplegrad_tasks::sensor_node::{LEVELS, PACKETS, SEED, Trial};

type L = F32x16;

fn lanes<L: Lane>() {
    let packets = if cfg!(debug_assertions) { 200 } else { 5000 };
    let mut fleet = Trial::<L>::new().unwrap();
    fleet.send(packets, &mut LaneRng::<L>::new(SEED, 0)).unwrap();
    for lane in 0..L::LANES {
        let mut device = Trial::<f32>::new().unwrap();
        device.send(packets, &mut stream::xorshift(SEED, lane as u64)).unwrap();
        assert_eq!(device.fingerprint(0), fleet.fingerprint(lane), "lane {lane}");
        let bits = |x: f32| x.to_bits();
        assert_eq!(bits(device.node().charge()), bits(fleet.node().charge().extract(lane)));
        assert_eq!(bits(device.regret()), bits(fleet.regret().extract(lane)));
        assert_eq!(bits(device.regret_of_not_knowing()), bits(fleet.regret_of_not_knowing().extract(lane)));
    }
}

crate::in_every_width!(lanes);

fn mean(x: L) -> f32 {
    x.to_array().into_iter().sum::<f32>() / 16.0
}

/// Runs sixteen nodes to their last packet.
fn run(first: u64, rates: Option<(f32, f32)>) -> Trial<L> {
    let mut trial = match rates {
        Some((rate, model)) => {
            let [rate, model] = [rate, model].map(|rate| LearningRate::new(rate).unwrap());
            Trial::with_rates(rate, model, EntropyBonus::NONE).unwrap()
        }
        None => Trial::new().unwrap(),
    };
    trial.send(PACKETS, &mut LaneRng::<L>::new(SEED, first)).unwrap();
    trial
}

#[test]
#[cfg_attr(debug_assertions, ignore = "learning: release builds run it")]
fn every_node_beats_the_best_level() {
    for first in (0..256).step_by(16) {
        let trial = run(first, None);
        let a_packet = |x: L| mean(x) / PACKETS as f32;
        println!(
            "nodes {first} to {}: a packet earns {:.4}, the levels {:?}, knowing the loss {:.4}",
            first + 15,
            a_packet(trial.node().earned()),
            trial.fixed().map(|node| (a_packet(node.earned()) * 1e4).round() / 1e4),
            a_packet(trial.informed().earned()),
        );
        println!(
            "  regret a packet, learning included: {:.4} against the best level, {:.4} against knowing",
            a_packet(trial.regret()),
            a_packet(trial.regret_of_not_knowing())
        );
        assert!(trial.regret().to_array().iter().all(|&regret| regret < 0.0), "{:?}", trial.regret());
        // The node knows less than the informed node and comes near the informed node's reward.
        assert!(trial.regret_of_not_knowing().to_array().iter().all(|&regret| regret > 0.0));
        assert!(a_packet(trial.regret_of_not_knowing()) < 0.1);
        for level in 0..LEVELS {
            assert!(mean(trial.informed().earned() - trial.fixed()[level].earned()) > 0.0);
        }
    }
}

/// Checks the control: a node that learns nothing is worse than the best fixed level.
#[test]
#[cfg_attr(debug_assertions, ignore = "learning: release builds run it")]
fn steps_too_short_do_not() {
    let regret = run(0, Some((1e-6, 1e-6))).regret();
    println!("{regret:?}");
    assert!(regret.to_array().iter().all(|&regret| regret > 0.0), "{regret:?}");
}
