//! The problems that come with the laboratory. Each is a cost to be minimised.

mod bandit;
mod bernoullis;
mod normal;
mod quadratic;
mod table;
mod toy;

pub use bandit::bandit;
pub use bernoullis::{bernoullis, default_logits};
pub use normal::{NormalCost, normal};
pub use quadratic::quadratic;
pub use table::Table;
pub use toy::toy;

use super::Error;

/// A setting that must be finite.
fn finite(what: &'static str, x: f32) -> Result<f32, Error> {
    let refused = || Error::Setting { what, found: x.to_string(), requirement: "finite".to_owned() };
    if x.is_finite() { Ok(x) } else { Err(refused()) }
}
