//! The laboratory's own problems. Each has a cost to minimise.

mod bandit;
mod bernoullis;
mod finite;
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
