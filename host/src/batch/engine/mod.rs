//! Parts of the operations of batches: rows divided among threads, tiles, long rows, races, working memory.

pub(crate) mod bound;
pub(crate) mod exponential_race;
pub(crate) mod gumbel;
pub(crate) mod interrupt;
pub(crate) mod long_row;
pub(crate) mod relaxed;
pub(crate) mod relaxed_race;
pub(crate) mod row;
pub(crate) mod scratch;
pub(crate) mod split;
pub(crate) mod tile;
pub(crate) mod vjp;
