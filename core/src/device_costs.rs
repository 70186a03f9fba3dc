#![doc = include_str!("device_costs.md")]
