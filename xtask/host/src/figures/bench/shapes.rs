//! Measured shapes: operations, and numbers of rows and classes.

/// Shapes: rows and classes.
pub const SHAPES: [(usize, usize); 5] = [(4096, 10), (4096, 64), (1024, 1024), (64, 32_768), (1_000_000, 2)];

/// Operations that the peers have too.
pub const WITH_PEERS: [&str; 8] = [
    "gumbel_noise",
    "normal_noise",
    "gumbel_softmax",
    "gumbel_softmax_half",
    "gumbel_softmax_vjp",
    "gumbel_softmax_vjp_half",
    "straight_through",
    "gumbel_max",
];

/// Operations that no peer has.
pub const OURS_ALONE: [&str; 5] =
    ["logits_check", "gumbel_softmax_then_vjp", "inverse_cdf", "concrete_log_density", "score_function"];

/// Shapes for the comparison over numbers of classes; the rows make about a million numbers each.
pub const CLASSES: [(usize, usize); 6] =
    [(500_000, 2), (100_000, 10), (10_000, 100), (1000, 1000), (100, 10_000), (10, 100_000)];

/// Operations measured at every number of classes.
pub const OF_CLASSES: [&str; 3] = ["gumbel_softmax", "gumbel_softmax_vjp", "gumbel_max"];

/// Rows of ten classes: from 10^3 draws to 10^9.
pub const DRAWS: [usize; 7] = [100, 1000, 10_000, 100_000, 1_000_000, 10_000_000, 100_000_000];

/// Returns whether an operation writes a number for each element. The comparison with plain writes is meaningful only
/// for such operations.
pub fn writes_all(operation: &str) -> bool {
    !["gumbel_max", "inverse_cdf", "concrete_log_density"].contains(&operation)
}
