//! Tools shared by `cargo xtask` and its tasks: other programs, files, boards and their emulators, compilers, installation,
//! generated pages.

pub mod board;
pub mod emulator;
pub mod files;
pub mod firmware;
pub mod page;
pub mod python;
pub mod setup;
pub mod shell;
pub mod toolchain;
pub mod tools;
