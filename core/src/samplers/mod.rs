//! Exact samples of a categorical distribution.

pub mod alias_table;
pub mod exponential_race;
pub mod gumbel_max;
pub mod gumbel_top_k;
pub mod inverse_cdf;
