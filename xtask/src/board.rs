//! Emulated boards.

/// A processor core, its Rust target and its QEMU machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Board {
    /// Name of the core for users.
    pub core: &'static str,
    /// Rust's target.
    pub target: &'static str,
    /// Program of the emulator.
    pub qemu: &'static str,
    /// Machine and further options of the emulator.
    pub machine: &'static [&'static str],
}

const ARM: &str = "qemu-system-arm";

/// Every core that the product is tested on, smallest first.
pub const BOARDS: [Board; 6] = [
    Board { core: "Cortex-M0", target: "thumbv6m-none-eabi", qemu: ARM, machine: &["microbit"] },
    Board { core: "Cortex-M3", target: "thumbv7m-none-eabi", qemu: ARM, machine: &["mps2-an385"] },
    CORTEX_M4F,
    Board { core: "Cortex-M7", target: "thumbv7em-none-eabihf", qemu: ARM, machine: &["mps2-an500"] },
    Board { core: "Cortex-M33", target: "thumbv8m.main-none-eabihf", qemu: ARM, machine: &["mps2-an505"] },
    Board {
        core: "RISC-V",
        target: "riscv32imac-unknown-none-elf",
        qemu: "qemu-system-riscv32",
        machine: &["virt", "-bios", "none"],
    },
];

/// The core of the demo.
pub const CORTEX_M4F: Board =
    Board { core: "Cortex-M4F", target: "thumbv7em-none-eabihf", qemu: ARM, machine: &["mps2-an386"] };
