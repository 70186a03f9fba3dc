//! A plugin of QEMU that counts the instructions between two marks.
//!
//! The marks are two Thumb hints that no processor defines, so they have no effect: `0xbf60` begins, `0xbf70` ends. For
//! every pair, the plugin writes one line with the count to the file in its argument `out=FILE`. The counts are exact:
//! they count executed instructions and are equal in every run of one program.
//!
//! Source of the interface: QEMU, *TCG Plugins*, version 1 of the API, which QEMU 7.2 and later load.

use std::{
    ffi::{CStr, c_char, c_int, c_uint, c_void},
    fs::File,
    io::Write,
    ptr,
    sync::{
        Mutex,
        atomic::{AtomicBool, AtomicU64, Ordering::Relaxed},
    },
};

const BEGIN: [u8; 2] = 0xbf60_u16.to_le_bytes();
const END: [u8; 2] = 0xbf70_u16.to_le_bytes();

/// Kind of an instruction, passed to [`executed`] in place of a pointer.
const ORDINARY: usize = 0;
const BEGINS: usize = 1;
const ENDS: usize = 2;

static COUNTING: AtomicBool = AtomicBool::new(false);
static COUNT: AtomicU64 = AtomicU64::new(0);
static OUT: Mutex<Option<File>> = Mutex::new(None);

#[repr(C)]
struct Block {
    _opaque: [u8; 0],
}

#[repr(C)]
struct Instruction {
    _opaque: [u8; 0],
}

// SAFETY: declared as in QEMU's `qemu-plugin.h`; the emulator that loads this library defines them.
unsafe extern "C" {
    fn qemu_plugin_register_vcpu_tb_trans_cb(id: u64, callback: extern "C" fn(u64, *mut Block));
    fn qemu_plugin_tb_n_insns(block: *const Block) -> usize;
    fn qemu_plugin_tb_get_insn(block: *const Block, index: usize) -> *mut Instruction;
    fn qemu_plugin_insn_data(instruction: *const Instruction) -> *const c_void;
    fn qemu_plugin_register_vcpu_insn_exec_cb(
        instruction: *mut Instruction,
        callback: extern "C" fn(c_uint, *mut c_void),
        flags: c_int,
        data: *mut c_void,
    );
}

/// Version of the plugin interface.
// `no_mangle`: the emulator looks up this name, and the one below.
#[allow(non_upper_case_globals)]
#[unsafe(no_mangle)]
pub static qemu_plugin_version: c_int = 1;

/// Registers the callbacks. The emulator calls it after loading this library and stops if the result is not 0.
///
/// # Safety
/// `argv` must point to `argc` C strings.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn qemu_plugin_install(
    id: u64,
    _info: *const c_void,
    argc: c_int,
    argv: *const *const c_char,
) -> c_int {
    let arguments = (0..argc as usize).map(|i| {
        // SAFETY: the emulator passes `argc` strings.
        unsafe { CStr::from_ptr(*argv.add(i)) }.to_string_lossy().into_owned()
    });
    let Some(path) = arguments.filter_map(|word| word.strip_prefix("out=").map(str::to_owned)).next_back() else {
        eprintln!("instruction counter: no out=FILE");
        return 1;
    };
    match (File::create(&path), OUT.lock()) {
        (Ok(file), Ok(mut out)) => *out = Some(file),
        (Err(error), _) => {
            eprintln!("instruction counter: {path}: {error}");
            return 1;
        }
        _ => return 1,
    }
    // SAFETY: `id` is the value that the emulator passed, and the callback exists as long as the program.
    unsafe { qemu_plugin_register_vcpu_tb_trans_cb(id, translated) };
    0
}

extern "C" fn translated(_id: u64, block: *mut Block) {
    // SAFETY: the emulator owns the block and its instructions, which are valid during this call; each instruction
    // holds at least two bytes.
    unsafe {
        for index in 0..qemu_plugin_tb_n_insns(block) {
            let instruction = qemu_plugin_tb_get_insn(block, index);
            // No instruction of four bytes begins with these two bytes. The size is not checked: at the end of a page,
            // the emulator adds the size of the next instruction.
            let kind = match ptr::read_unaligned(qemu_plugin_insn_data(instruction).cast::<[u8; 2]>()) {
                BEGIN => BEGINS,
                END => ENDS,
                _ => ORDINARY,
            };
            let data = ptr::without_provenance_mut(kind);
            qemu_plugin_register_vcpu_insn_exec_cb(instruction, executed, 0, data);
        }
    }
}

extern "C" fn executed(_processor: c_uint, kind: *mut c_void) {
    match kind.addr() {
        BEGINS => {
            COUNT.store(0, Relaxed);
            COUNTING.store(true, Relaxed);
        }
        ENDS => {
            if COUNTING.swap(false, Relaxed)
                && let Ok(mut out) = OUT.lock()
                && let Some(file) = out.as_mut()
                && let Err(error) = writeln!(file, "{}", COUNT.load(Relaxed))
            {
                eprintln!("instruction counter: {error}");
            }
        }
        // There is one processor, so no instruction is lost between the load and the store.
        _ if COUNTING.load(Relaxed) => COUNT.store(COUNT.load(Relaxed) + 1, Relaxed),
        _ => {}
    }
}
