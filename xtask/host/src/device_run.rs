//! The learning results of a device, which are read from the log of the device.

use anyhow::{Context, Result, bail};
use samplegrad_tasks::{
    log,
    optdigits::{DIGITS, PIXELS},
};

/// A finished run of the digits bandit on a device.
#[derive(Clone, Debug, PartialEq)]
pub struct DeviceRun {
    /// Number of held-out digits read correctly before learning and after every pass.
    pub held_out: Vec<u32>,
    /// Bits of the weights, `[pixel][digit]`.
    pub weights: Box<[[u32; DIGITS]; PIXELS]>,
    /// Bits of the biases.
    pub bias: [u32; DIGITS],
    /// The hash of the weights and biases that the device computed.
    pub fingerprint: u64,
    /// Largest stack use, in bytes.
    pub stack: u64,
    /// The log, one message per line, without the weights.
    pub log: Vec<String>,
    /// The encoded log as the device sent it.
    pub frames: Vec<u8>,
}

/// Collector of log messages that builds a [`DeviceRun`].
#[derive(Debug, Default)]
pub struct Listener {
    held_out: Vec<u32>,
    weights: Vec<[u32; DIGITS]>,
    bias: Option<[u32; DIGITS]>,
    fingerprint: Option<u64>,
    stack: Option<u64>,
    log: Vec<String>,
}

impl Listener {
    /// Reads a message. If the message reports a pass, returns two numbers: the passes done so far, and the held-out
    /// digits read correctly.
    pub fn hear(&mut self, message: &str) -> Result<Option<(u64, u32)>> {
        let words: Vec<&str> = message.split_whitespace().collect();
        let mut told = None;
        match words.as_slice() {
            ["weights", pixel, ..] => {
                let pixel: usize = pixel.parse().with_context(|| format!("in `{message}`"))?;
                if pixel != self.weights.len() {
                    bail!("the device sent weights of pixel {pixel} where {} was due", self.weights.len());
                }
                self.weights.push(bits(message)?);
                return Ok(None);
            }
            ["bias", ..] => {
                self.bias = Some(bits(message)?);
                return Ok(None);
            }
            ["fingerprint", hash] => {
                self.fingerprint = Some(u64::from_str_radix(hash, 16).with_context(|| format!("in `{message}`"))?);
            }
            [.., "held", "out", right] => {
                let right = right.parse().with_context(|| format!("in `{message}`"))?;
                self.held_out.push(right);
                told = Some((self.held_out.len() as u64 - 1, right));
            }
            _ if log::stopped(message).is_some() => bail!("the device {message}"),
            _ => self.stack = log::stack(message).or(self.stack),
        }
        self.log.push(message.to_owned());
        Ok(told)
    }

    /// Returns the run, if the log is complete.
    pub fn finish(self, passes: u32) -> Result<DeviceRun> {
        let missing = |what: &str| format!("the device's log ended without its {what}");
        if self.held_out.len() != passes as usize + 1 {
            bail!("the device told of {} passes, {passes} were due", self.held_out.len().saturating_sub(1));
        }
        let weights: Box<[[u32; DIGITS]; PIXELS]> = self.weights.try_into().ok().with_context(|| missing("weights"))?;
        Ok(DeviceRun {
            held_out: self.held_out,
            weights,
            bias: self.bias.with_context(|| missing("biases"))?,
            fingerprint: self.fingerprint.with_context(|| missing("fingerprint"))?,
            stack: self.stack.with_context(|| missing("stack"))?,
            log: self.log,
            frames: Vec::new(),
        })
    }
}

/// Returns the numbers between the brackets of a message.
fn bits(message: &str) -> Result<[u32; DIGITS]> {
    let inside = message.split_once('[').and_then(|(_, rest)| rest.split_once(']'));
    let numbers: Option<Vec<u32>> =
        inside.and_then(|(list, _)| list.split(',').map(|number| number.trim().parse().ok()).collect());
    numbers.and_then(|n| n.try_into().ok()).with_context(|| format!("`{message}` does not hold {DIGITS} numbers"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn talk(listener: &mut Listener, skip: &str) {
        let mut say = |message: String| {
            if !message.starts_with(skip) {
                listener.hear(&message).unwrap();
            }
        };
        say("device 3 knows nothing: held out 36".into());
        say("pass 1 rewards 700 held out 250".into());
        for pixel in 0..PIXELS {
            say(format!("weights {pixel} [{pixel}, 1, 2, 3, 4, 5, 6, 7, 8, 9]"));
        }
        say("bias [0, 1, 2, 3, 4, 5, 6, 7, 8, 4294967295]".into());
        say("fingerprint 00000000000000ff".into());
        say("stack 6000 bytes".into());
    }

    #[test]
    fn a_whole_log_is_understood() {
        let mut listener = Listener::default();
        talk(&mut listener, "nothing is skipped");
        let run = listener.finish(1).unwrap();
        assert_eq!((run.held_out, run.fingerprint, run.stack), (vec![36, 250], 255, 6000));
        assert_eq!((run.weights[63][0], run.bias[9]), (63, u32::MAX));
    }

    #[test]
    fn a_log_that_stops_early_is_refused() {
        for part in ["pass", "bias", "fingerprint", "stack"] {
            let mut listener = Listener::default();
            talk(&mut listener, part);
            assert!(listener.finish(1).is_err(), "without {part}");
        }
        let mut listener = Listener::default();
        assert!(listener.hear("weights 1 [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]").is_err());
        assert!(listener.hear("weights 0 [0, 1, 2]").is_err());
        assert!(listener.hear("stopped: for a reason").is_err());
    }
}
