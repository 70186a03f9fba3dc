//! A server that times single runs of this crate. `peers/peers.py` is such a server for other libraries, and `cargo
//! xtask bench` interleaves the runs of all. Requests come on standard input and replies go to standard output, one
//! line each:
//!
//! ```text
//! CONTESTANT OPERATION B K REPEAT   ->  nanoseconds per element (B*K of them) of that many calls, timed together
//! clock                             ->  cycles per nanosecond
//! features                          ->  instructions that this build may use
//! count OPERATION B K               ->  nothing: runs once between two signals, for a tracer that counts instructions
//! ```
//!
//! Contestants: `ours`; `ours_2` on two threads; `write`, which only fills the output of the operation.

mod operations;

use std::{
    hint::black_box,
    io::{self, BufRead, Write},
    time::Instant,
};

use operations::{THREADS, Work, on_threads};

fn main() -> io::Result<()> {
    let mut ready = None;
    for line in io::stdin().lock().lines() {
        let answer = answer(&line?, &mut ready).unwrap_or_else(|| "none".to_owned());
        let mut out = io::stdout().lock();
        writeln!(out, "{answer}")?;
        out.flush()?;
    }
    Ok(())
}

/// A prepared operation and its name.
type Ready = Option<(String, Work)>;

fn answer(request: &str, ready: &mut Ready) -> Option<String> {
    let words: Vec<&str> = request.split(' ').collect();
    match words[..] {
        ["clock"] => Some(clock().to_string()),
        ["features"] => Some(features()),
        ["count", operation, rows, classes] => {
            let work = prepare(operation, rows, classes, ready)?;
            marks::begin();
            work.run();
            marks::end();
            Some("counted".to_owned())
        }
        [contestant, operation, rows, classes, repeat] => {
            let work = prepare(operation, rows, classes, ready)?;
            let repeat: usize = repeat.parse().ok()?;
            let elements = (repeat * work.rows * work.classes) as f64;
            Some((time(contestant, work, repeat)? / elements).to_string())
        }
        _ => None,
    }
}

/// Prepares the operation with its buffers, and runs it twice before it is timed.
fn prepare<'a>(operation: &str, rows: &str, classes: &str, ready: &'a mut Ready) -> Option<&'a mut Work> {
    let name = format!("{operation} {rows} {classes}");
    if ready.as_ref().is_none_or(|(of, _)| *of != name) {
        // The buffers of the previous operation are freed first.
        *ready = None;
        let mut work = Work::new(operation, rows.parse().ok()?, classes.parse().ok()?)?;
        let warm = if work.rows * work.classes < 10_000_000 { 2 } else { 0 };
        (0..warm).for_each(|_| work.run());
        *ready = Some((name, work));
    }
    ready.as_mut().map(|(_, work)| work)
}

/// Measures the nanoseconds of `repeat` runs.
fn time(contestant: &str, work: &mut Work, repeat: usize) -> Option<f64> {
    let timed = |once: &mut dyn FnMut()| {
        let start = Instant::now();
        (0..repeat).for_each(|_| once());
        start.elapsed().as_nanos() as f64
    };
    match contestant {
        "ours" => Some(on_threads(1, || work.with_logits(timed))),
        "ours_2" if THREADS.contains(&2) => Some(on_threads(2, || work.with_logits(timed))),
        "write" => {
            let mut out = vec![1.0_f32; work.writes];
            Some(timed(&mut || {
                let x = black_box(0.5);
                black_box(&mut out).fill(x);
                black_box(&mut out);
            }))
        }
        _ => None,
    }
}

/// Measures the cycles per nanosecond now, from a chain of exclusive ors (one cycle each) and products (three cycles
/// each). Each operation waits for the result of the previous operation.
fn clock() -> f64 {
    const LINKS: u64 = 20_000_000;
    let start = Instant::now();
    let mut x = black_box(1_u64);
    for link in 0..LINKS {
        x = (x ^ link).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    }
    black_box(x);
    4.0 * LINKS as f64 / start.elapsed().as_nanos() as f64
}

fn features() -> String {
    let mut names = Vec::new();
    for (name, has) in [
        ("avx512f", cfg!(target_feature = "avx512f")),
        ("avx2", cfg!(target_feature = "avx2")),
        ("sse2", cfg!(target_feature = "sse2")),
        ("neon", cfg!(target_feature = "neon")),
    ] {
        if has {
            names.push(name);
        }
    }
    names.join(" ")
}

/// Signals around a run. A tracer of this process intercepts them; without a tracer they would end the process.
#[cfg(target_os = "linux")]
mod marks {
    use nix::sys::signal::{Signal, raise};

    pub fn begin() {
        raise(Signal::SIGUSR1).expect("a signal to this process");
    }

    pub fn end() {
        raise(Signal::SIGUSR2).expect("a signal to this process");
    }
}

#[cfg(not(target_os = "linux"))]
mod marks {
    pub fn begin() {}
    pub fn end() {}
}
