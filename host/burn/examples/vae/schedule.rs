//! Temperature schedules on the command line.

use samplegrad_core::{Error, Schedule, Temperature};

/// Creates a schedule of one constant temperature.
pub fn constant(tau: f32) -> Result<Schedule, Error> {
    Temperature::new(tau).map(Schedule::constant)
}

/// Parses `T`, `exponential:START,FLOOR,RATE`, `linear:START,END,STEPS` or `cosine:START,END,STEPS`.
pub fn parse(text: &str) -> Result<Schedule, String> {
    let refused = || {
        format!(
            "`{text}` is none of `T`, `exponential:START,FLOOR,RATE`, `linear:START,END,STEPS`, `cosine:START,END,STEPS`"
        )
    };
    let number = |text: &str| text.parse::<f32>().map_err(|_| refused());
    let Some((shape, numbers)) = text.split_once(':') else {
        return constant(number(text)?).map_err(|error| error.to_string());
    };
    let [start, end, last] = <[&str; 3]>::try_from(numbers.split(',').collect::<Vec<_>>()).map_err(|_| refused())?;
    let tau = |text: &str| Temperature::new(number(text)?).map_err(|error| error.to_string());
    let (start, end) = (tau(start)?, tau(end)?);
    let steps = || last.parse::<u32>().map_err(|_| refused());
    let schedule = match shape {
        "exponential" => Schedule::exponential(start, end, number(last)?),
        "linear" => Schedule::linear(start, end, steps()?),
        "cosine" => Schedule::cosine(start, end, steps()?),
        _ => return Err(refused()),
    };
    schedule.map_err(|error| error.to_string())
}
