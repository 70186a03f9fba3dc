//! Single steps of the control tasks against Gymnasium's, which computes in double precision. States cover the whole
//! range of each task, with every action.

use std::{f64::consts::TAU, fs};

use samplegrad_core::{Ending, Error, Features};
use samplegrad_tasks::{
    acrobot::Acrobot, cart_pole::CartPole, control::ControlTask, mountain_car::MountainCar, pendulum::Pendulum,
};
use samplegrad_tests::golden;

/// Largest difference from Gymnasium that is allowed.
const TOLERANCE: f64 = 1e-4;

/// The rows of a file, and the number of steps after which Gymnasium truncates an episode.
struct Table {
    rows: Vec<Vec<f64>>,
    max_steps: u32,
}

/// Reads a file of `make_control.py`.
fn read(task: &str) -> Table {
    let file = golden::folder().join(format!("control_{task}.csv"));
    let text = fs::read_to_string(&file).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
    let mut lines = text.lines();
    let head = lines.next().unwrap();
    let columns = lines.next().unwrap().split(',').count();
    let row = |line: &str| line.split(',').map(|number| number.parse().unwrap()).collect();
    let rows: Vec<Vec<f64>> = lines.map(row).collect();
    assert!(rows.len() >= 200 && rows.iter().all(|row| row.len() == columns), "{} rows", rows.len());
    Table { rows, max_steps: head.rsplit(' ').next().unwrap().parse().unwrap() }
}

/// A task with `N` numbers of its state.
struct Dynamics<T, const N: usize> {
    from_state: fn([f32; N]) -> Result<T, Error>,
    state: fn(&T) -> &[f32; N],
    /// Numbers of the state that are angles, which are equal modulo 2π.
    angles: [bool; N],
    /// Makes a step with the action or torque of a row.
    step: fn(&mut T, f64) -> (f32, Ending),
}

/// Compares each row's step; returns the number of terminal steps.
fn compare<T, const N: usize, const D: usize>(name: &str, dynamics: &Dynamics<T, N>) -> usize
where
    T: ControlTask<Input = Features<D>>,
{
    let table = read(name);
    assert_eq!(T::MAX_STEPS, table.max_steps);
    let (mut largest, mut terminal) = (0.0_f64, 0);
    for row in &table.rows {
        let (state, rest) = row.split_at(N);
        let (action, rest) = rest.split_first().unwrap();
        let (next, rest) = rest.split_at(N);
        let (observation, rest) = rest.split_at(D);
        let &[reward, terminated] = rest else { panic!("{row:?}") };
        let mut task = (dynamics.from_state)(std::array::from_fn(|i| state[i] as f32)).unwrap();
        let (our_reward, ending) = (dynamics.step)(&mut task, *action);
        assert_eq!(ending.ended(), terminated == 1.0, "{name}: {row:?}");
        assert_eq!(ending.is_terminal(), terminated == 1.0, "{name}: {row:?}");
        terminal += usize::from(ending.is_terminal());
        let states = (dynamics.state)(&task).iter().zip(next).zip(dynamics.angles);
        let states = states.map(|((&found, &expected), is_angle)| {
            let gap = f64::from(found) - expected;
            if is_angle { gap - (gap / TAU).round() * TAU } else { gap }
        });
        let observed = task.observation().unwrap().as_array().map(f64::from).into_iter().zip(observation);
        let observed = observed.map(|(found, &expected)| found - expected);
        for gap in states.chain(observed).chain([f64::from(our_reward) - reward]) {
            // A gap that is NaN fails.
            assert!(gap.abs() <= TOLERANCE, "{name}: {gap:.2e} from Gymnasium, {task:?}, {row:?}");
            largest = largest.max(gap.abs());
        }
    }
    println!("{name}: {} steps, {terminal} terminal, largest difference {largest:.2e}", table.rows.len());
    terminal
}

#[test]
fn cart_pole() {
    let terminal = compare(
        "cartpole",
        &Dynamics {
            from_state: CartPole::from_state,
            state: CartPole::state,
            angles: [false, false, true, false],
            step: |cart, action| cart.step(action as u32),
        },
    );
    assert!(terminal >= 10, "{terminal}");
}

#[test]
fn pendulum() {
    let terminal = compare(
        "pendulum",
        &Dynamics {
            from_state: Pendulum::from_state,
            state: Pendulum::state,
            angles: [true, false],
            step: |pendulum, torque| {
                let before = *pendulum;
                let pushed = pendulum.push(torque as f32);
                // The torques of the actions give the bits of the actions.
                if let Some(action) = [-2.0, 0.0, 2.0].iter().position(|&of_action| of_action == torque) {
                    let mut other = before;
                    assert_eq!(other.step(action as u32), pushed);
                    assert_eq!(other, *pendulum);
                }
                pushed
            },
        },
    );
    assert_eq!(terminal, 0);
}

#[test]
fn mountain_car() {
    let terminal = compare(
        "mountaincar",
        &Dynamics {
            from_state: MountainCar::from_state,
            state: MountainCar::state,
            angles: [false; 2],
            step: |car, action| car.step(action as u32),
        },
    );
    assert!(terminal >= 5, "{terminal}");
}

#[test]
fn acrobot() {
    let terminal = compare(
        "acrobot",
        &Dynamics {
            from_state: Acrobot::from_state,
            state: Acrobot::state,
            angles: [true, true, false, false],
            step: |links, action| links.step(action as u32),
        },
    );
    assert!(terminal >= 10, "{terminal}");
}
