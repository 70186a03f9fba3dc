//! The conformance suite as firmware.
//!
//! Semihosting arguments: `golden IN OUT` computes every case of a file, `digest DRAWS` prints a hash for every
//! operation. The features `golden` and `digest` select the commands that the firmware contains; in place of `digest`,
//! `first-half` and `second-half` select a half of the operations.

#![cfg_attr(target_os = "none", no_std, no_main)]

#[cfg(not(target_os = "none"))]
fn main() {
    println!("This is firmware: `cargo xtask test device` builds it and runs it on emulated boards.");
}

#[cfg(target_os = "none")]
mod device {
    #[cfg(target_arch = "arm")]
    use cortex_m as _;
    use samplegrad_conformance::{
        digest::{self, Digest},
        suites::{self, MAX_WORDS},
    };
    use semihosting::{
        experimental::env,
        fs::File,
        io::{self, Read, Write},
        println, process,
    };

    #[cfg_attr(target_arch = "arm", cortex_m_rt::entry)]
    #[cfg_attr(target_arch = "riscv32", riscv_rt::entry)]
    fn main() -> ! {
        match run() {
            Ok(()) => process::exit(0),
            Err(reason) => {
                println!("error: {reason}");
                process::exit(1)
            }
        }
    }

    fn run() -> Result<(), &'static str> {
        let arguments = env::args::<256>().map_err(|_| "the arguments cannot be read")?;
        let mut words = (&arguments).skip(1).filter_map(Result::ok);
        match (words.next(), words.next(), words.next()) {
            (Some("golden"), Some(input), Some(output)) if cfg!(feature = "golden") => golden(input, output),
            (Some("digest"), Some(draws), None) => {
                let draws = draws.parse().map_err(|_| "the number of draws is no number")?;
                let mut report = |name, digest: Digest| println!("{:016x} {name}", digest.hash(0));
                if cfg!(feature = "digest") {
                    digest::digest_stream(draws, 0, &mut report);
                } else if cfg!(feature = "first-half") {
                    digest::half_of_digest_stream::<false>(draws, 0, &mut report);
                } else if cfg!(feature = "second-half") {
                    digest::half_of_digest_stream::<true>(draws, 0, &mut report);
                } else {
                    return Err("this firmware has no digest");
                }
                Ok(())
            }
            // Two deliberate failures, for tests of the failure paths.
            (Some("panic"), ..) => panic!("as asked"),
            (Some("fault"), ..) => fault(),
            _ => Err("arguments: golden IN OUT | digest DRAWS | panic | fault, as far as the features go"),
        }
    }

    fn golden(input: &str, output: &str) -> Result<(), &'static str> {
        let (mut path, mut other) = ([0; 128], [0; 128]);
        let mut input = File::open(c_path(input, &mut path)?).map_err(|_| "the cases cannot be opened")?;
        let mut output = File::create(c_path(output, &mut other)?).map_err(|_| "the results cannot be created")?;
        let (mut case, mut results) = ([0; MAX_WORDS], [0; MAX_WORDS]);
        while let Some([suite, length]) = header(&mut input)? {
            let case = case.get_mut(..length as usize).ok_or("a case is too long")?;
            read_words(&mut input, case)?;
            let length = suites::run(suite, case, &mut results).map_err(|refusal| {
                println!("suite {suite}: {refusal}");
                "a case was refused"
            })?;
            write_words(&mut output, &[length as u32])?;
            write_words(&mut output, results.get(..length).ok_or("a result is too long")?)?;
        }
        Ok(())
    }

    /// Reads the suite and the length of the next case; returns `None` at the end of the file.
    fn header(file: &mut File) -> Result<Option<[u32; 2]>, &'static str> {
        let mut bytes = [0; 8];
        match file.read(&mut bytes) {
            Ok(0) => Ok(None),
            Ok(8) => {
                let [a, b, c, d, e, f, g, h] = bytes;
                Ok(Some([u32::from_le_bytes([a, b, c, d]), u32::from_le_bytes([e, f, g, h])]))
            }
            _ => Err("a case's head cannot be read"),
        }
    }

    /// Number of words read or written at once.
    const BLOCK: usize = 16;

    fn read_words(file: &mut File, words: &mut [u32]) -> Result<(), &'static str> {
        for words in words.chunks_mut(BLOCK) {
            let mut bytes = [0; BLOCK * 4];
            let bytes = bytes.get_mut(..words.len() * 4).ok_or("a case is too long")?;
            file.read_exact(bytes).map_err(|_: io::Error| "a case cannot be read")?;
            for (word, bytes) in words.iter_mut().zip(bytes.as_chunks::<4>().0) {
                *word = u32::from_le_bytes(*bytes);
            }
        }
        Ok(())
    }

    fn write_words(file: &mut File, words: &[u32]) -> Result<(), &'static str> {
        for words in words.chunks(BLOCK) {
            let mut bytes = [0; BLOCK * 4];
            for (bytes, word) in bytes.as_chunks_mut::<4>().0.iter_mut().zip(words) {
                *bytes = word.to_le_bytes();
            }
            let bytes = bytes.get(..words.len() * 4).ok_or("a result is too long")?;
            file.write_all(bytes).map_err(|_: io::Error| "a result cannot be written")?;
        }
        Ok(())
    }

    fn c_path<'a>(path: &str, buffer: &'a mut [u8; 128]) -> Result<&'a core::ffi::CStr, &'static str> {
        // The last byte stays zero.
        let bytes = buffer.get_mut(..path.len()).filter(|bytes| bytes.len() < 128).ok_or("a path is too long")?;
        bytes.copy_from_slice(path.as_bytes());
        core::ffi::CStr::from_bytes_until_nul(buffer).map_err(|_| "a path is too long")
    }

    /// Executes an undefined instruction.
    fn fault() -> ! {
        // SAFETY: the instruction only raises the fault, whose handler ends the program. It is the only way to show
        // that a fault ends the program with failure.
        unsafe {
            #[cfg(target_arch = "arm")]
            core::arch::asm!("udf #0", options(noreturn));
            #[cfg(target_arch = "riscv32")]
            core::arch::asm!("unimp", options(noreturn));
        }
    }

    #[cfg(target_arch = "arm")]
    #[cortex_m_rt::exception]
    unsafe fn HardFault(_frame: &cortex_m_rt::ExceptionFrame) -> ! {
        process::exit(101)
    }

    #[cfg(target_arch = "riscv32")]
    #[unsafe(export_name = "ExceptionHandler")]
    fn exception(_frame: &riscv_rt::TrapFrame) -> ! {
        process::exit(101)
    }

    #[panic_handler]
    fn panic(_info: &core::panic::PanicInfo<'_>) -> ! {
        process::exit(102)
    }
}
