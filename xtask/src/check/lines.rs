//! Steps side by side: those of the host in one line of work, those that build and emulate firmware in another, which leave
//! each other's products alone.

use std::{
    env,
    fs::{self, File},
    sync::{Mutex, MutexGuard, PoisonError},
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, anyhow, bail};
use xtask::shell::{clean, root};

use super::{Step, tier::Tier};

/// A line of work. Its steps run one after another, in the order of the list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Line {
    /// On this machine.
    Host,
    /// Firmware. When it has no step left it takes the last of the other line.
    Boards,
}

/// Runs the steps, each in a process of its own; its output is printed when it ends. Calls `finish` with each result.
pub fn run(
    steps: &[&'static Step],
    tier: Tier,
    finish: impl FnMut(&'static Step, Result<()>, Duration) -> Result<()> + Send,
) -> Result<()> {
    let (queue, finish) = (Mutex::new(steps.to_vec()), Mutex::new(finish));
    let work = |line| -> Result<()> {
        loop {
            // Taken here, so that the queue is free while the step runs.
            let taken = next(&mut lock(&queue), line);
            let Some(step) = taken else { return Ok(()) };
            println!("... {} begins", step.name);
            let begin = Instant::now();
            let (said, result) = alone(step, tier);
            // One step's lines stay together.
            let mut finish = lock(&finish);
            println!("\n=== {}: {}\n{}", step.name, step.shows, said.trim_end());
            finish(step, result, begin.elapsed())?;
        }
    };
    thread::scope(|scope| {
        let boards = scope.spawn(|| work(Line::Boards));
        let host = work(Line::Host);
        host.and(boards.join().map_err(|_| anyhow!("a line of work stopped"))?)
    })
}

fn lock<T>(shared: &Mutex<T>) -> MutexGuard<'_, T> {
    shared.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Takes the next step of a line.
fn next(queue: &mut Vec<&'static Step>, line: Line) -> Option<&'static Step> {
    let own = queue.iter().position(|step| step.line == line);
    let other = || queue.len().checked_sub(1).filter(|_| line == Line::Boards);
    own.or_else(other).map(|place| queue.remove(place))
}

/// Runs a step in a process of its own and returns what it said, which is kept as `target/proof/STEP.log`.
fn alone(step: &Step, tier: Tier) -> (String, Result<()>) {
    let folder = root().join("target/proof");
    let log = folder.join(step.name).with_extension("log");
    let run = || -> Result<()> {
        fs::create_dir_all(&folder).with_context(|| format!("making {}", folder.display()))?;
        let file = File::create(&log).with_context(|| format!("writing {}", log.display()))?;
        let mut command = clean(env::current_exe().context("the path of this program")?);
        command.args(["test", "--part", step.name]);
        if tier.whole() {
            command.arg("--full");
        }
        command.stdin(std::process::Stdio::null()).stdout(file.try_clone()?).stderr(file);
        let status = command.status().context("cannot start this program again")?;
        if !status.success() {
            bail!("its last lines say why; all are in {}", log.display());
        }
        Ok(())
    };
    let result = run();
    (fs::read(&log).map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).unwrap_or_default(), result)
}

#[cfg(test)]
mod tests {
    use super::{super::STEPS, *};

    #[test]
    fn every_step_is_taken_once() {
        let mut queue: Vec<&Step> = STEPS.iter().collect();
        let mut taken: Vec<_> = std::iter::from_fn(|| next(&mut queue, Line::Host)).map(|step| step.name).collect();
        assert!(queue.iter().all(|step| step.line == Line::Boards));
        taken.extend(std::iter::from_fn(|| next(&mut queue, Line::Boards)).map(|step| step.name));
        taken.sort_unstable();
        let mut all = STEPS.each_ref().map(|step| step.name);
        all.sort_unstable();
        assert_eq!(taken, all);
    }

    #[test]
    fn boards_help_the_host_from_its_end() {
        let of = |name| STEPS.iter().find(|step| step.name == name).unwrap();
        let mut queue = vec![of("lint"), of("device"), of("python")];
        let names = [0; 3].map(|_| next(&mut queue, Line::Boards).unwrap().name);
        assert_eq!(names, ["device", "python", "lint"]);
    }
}
