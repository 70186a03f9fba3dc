//! Exact counts of instructions per element. The benchmark server is traced during a call, one instruction at a time.
//!
//! The count includes every executed instruction. It needs no hardware counters, which virtual machines often lack.

use anyhow::Result;

use super::{figures::Counted, progress::bar, servers::Server, shapes::WITH_PEERS};

/// Rows and classes of the traced calls. Tracing one instruction takes microseconds. Therefore each shape here has
/// fewer rows than the shape with the same number of classes in the performance documentation.
#[cfg(target_os = "linux")]
const SHAPES: [(usize, usize); 4] = [(512, 2), (128, 10), (32, 64), (16, 1024)];

/// Counts every operation. Prints a message and returns no counts if the system does not permit tracing.
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

/// Counts the instructions between the two signals that the server raises. The signals are not delivered to the server.
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

/// Returns no counts, because tracing needs Linux.
#[cfg(not(target_os = "linux"))]
pub fn count(_server: &mut Server) -> Result<Vec<Counted>> {
    println!("instructions are not counted: that needs Linux");
    Ok(Vec::new())
}
