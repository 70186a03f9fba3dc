//! Whole runs of the learners that devices have: a lane is a device in every bit, and each learns what is promised of it.

mod cart_pole;
mod digits;
mod integer;
mod sensor_node;
