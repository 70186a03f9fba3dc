//! Instructions per element, exactly: the server is taken through a call one instruction at a time.
//!
//! It needs no counters of the processor, which virtual machines often lack, and knows every instruction that the
//! processor does.

use anyhow::Result;

use super::{figures::Counted, progress::bar, servers::Server, shapes::WITH_PEERS};

/// Rows and classes, for each of the page's numbers of classes one that is alike but smaller: a
/// step takes microseconds.
#[cfg(target_os = "linux")]
const SHAPES: [(usize, usize); 4] = [(512, 2), (128, 10), (32, 64), (16, 1024)];

/// Counts every operation; none, with a word about it, where this system does not allow it.
#[cfg(target_os = "linux")]
pub fn count(server: &mut Server) -> Result<Vec<Counted>> {
    use nix::{
        sys::{ptrace, wait::waitpid},
        unistd::Pid,
    };

    let process = Pid::from_raw(server.id().cast_signed());
    if let Err(error) = ptrace::attach(process) {
        println!("instructions are not counted: this system does not allow to trace a process ({error})");
        return Ok(Vec::new());
    }
    waitpid(process, None)?;
    ptrace::cont(process, None)?;
    let mut counts = Vec::new();
    let bar = bar((WITH_PEERS.len() * SHAPES.len()) as u64);
    for operation in WITH_PEERS {
        for (rows, classes) in SHAPES {
            bar.set_message(format!("instructions of {operation} {rows}×{classes}"));
            server.say(&format!("count {operation} {rows} {classes}"))?;
            let instructions = between_marks(process)?;
            server.hear()?;
            let elements = (rows * classes) as f64;
            let operation = operation.to_owned();
            bar.inc(1);
            counts.push(Counted { operation, rows, classes, instructions: instructions as f64 / elements });
        }
    }
    bar.finish_and_clear();
    Ok(counts)
}

/// Instructions between its two signals, neither of which reaches it.
#[cfg(target_os = "linux")]
fn between_marks(process: nix::unistd::Pid) -> Result<u64> {
    use anyhow::bail;
    use nix::sys::{
        ptrace,
        signal::Signal,
        wait::{WaitStatus, waitpid},
    };

    let mut counted = None;
    loop {
        match (waitpid(process, None)?, &mut counted) {
            (WaitStatus::Stopped(_, Signal::SIGUSR1), counted) => *counted = Some(0),
            (WaitStatus::Stopped(_, Signal::SIGUSR2), &mut Some(instructions)) => {
                ptrace::cont(process, None)?;
                return Ok(instructions);
            }
            (WaitStatus::Stopped(_, Signal::SIGTRAP), Some(instructions)) => *instructions += 1,
            (status, _) => bail!("the server that is counted came to {status:?}"),
        }
        ptrace::step(process, None)?;
    }
}

/// Nothing: processes can be traced like this on Linux only.
#[cfg(not(target_os = "linux"))]
pub fn count(_server: &mut Server) -> Result<Vec<Counted>> {
    println!("instructions are not counted: that needs Linux");
    Ok(Vec::new())
}
