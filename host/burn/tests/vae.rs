//! Tests of the discrete autoencoder. It must learn with every estimator. Repeated and resumed trainings must agree bit
//! for bit. Bad input must be refused.

use std::{
    fs,
    io::{BufRead, BufReader},
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use clap::ValueEnum;
use samplegrad_core::{Schedule, Temperature};
use tempfile::TempDir;

// These tests use only a part of this module. The example `vae` uses the other parts.
#[allow(dead_code, unused_imports)]
#[path = "../examples/vae/training/mod.rs"]
mod training;

use training::{EstimatorKind, Images, Settings, Training};

fn settings(estimator: EstimatorKind, latents: &str, steps: usize) -> Settings {
    Settings {
        latents: latents.parse().unwrap(),
        estimator,
        schedule: Schedule::constant(Temperature::new(estimator.temperature()).unwrap()),
        hidden: vec![],
        batch: 64,
        steps,
        learning_rate: 3e-3,
        seed: 7,
    }
}

fn trained<'a>(settings: Settings, images: &'a Images) -> Training<'a> {
    let mut training = Training::new(settings, images).unwrap();
    while !training.is_done() {
        training.advance().unwrap();
    }
    training
}

/// Computes the mean log-probability of a held-out picture under a model without a latent code. In this model, the
/// probability of each pixel is the frequency of ink in the pixel.
fn without_a_code(images: &Images) -> f32 {
    let odds = images.log_odds();
    let of = |(at, &x): (usize, &f32)| {
        let l = odds[at % images.pixels];
        x * l - (1.0 + l.exp()).ln()
    };
    let sum: f32 = images.held_out.iter().enumerate().map(of).sum();
    sum / (images.held_out.len() / images.pixels) as f32
}

/// Checks the bound on the log-probability against the model [`without_a_code`]. After ten epochs, the bound must be
/// more than 0.4 nats per picture higher. Before the first epoch, the bound must be more than 1.5 nats per picture
/// lower.
#[test]
fn every_estimator_teaches_the_encoder() {
    let images = Images::digits();
    assert_eq!((images.count(), images.held_out.len() / images.pixels), (1438, 359));
    for &estimator in EstimatorKind::value_variants() {
        for latents in ["bits:16", "classes:4x6"] {
            let settings = settings(estimator, latents, 220);
            if !estimator.is_for(settings.latents) {
                assert!(Training::new(settings, &images).is_err());
                continue;
            }
            let first = Training::new(settings.clone(), &images).unwrap().held_out(2).unwrap();
            let training = trained(settings, &images);
            let (bound, without) = (training.held_out(2).unwrap(), without_a_code(&images));
            assert!(first < without - 1.5, "{estimator}, {latents}: {first} nats at first");
            assert!(bound > without + 0.4, "{estimator}, {latents}: {bound} nats, {without} without a code");
            assert_eq!(training.curve().len(), 10, "once an epoch");
        }
    }
}

#[test]
fn a_deeper_network_learns_too() {
    let images = Images::digits();
    let deep = Settings { hidden: vec![48, 32], ..settings(EstimatorKind::Reinmax, "bits:16", 220) };
    let (bound, without) = (trained(deep, &images).held_out(2).unwrap(), without_a_code(&images));
    assert!(bound > without + 0.4, "{bound} nats, {without} without a code");
}

#[test]
fn trainings_repeat_bit_for_bit() {
    let images = Images::digits();
    let of = |seed| trained(Settings { seed, ..settings(EstimatorKind::Loo4, "bits:16", 30) }, &images).fingerprint();
    assert_eq!(of(1), of(1));
    assert_ne!(of(1), of(2));
}

#[test]
fn trainings_go_on_bit_for_bit() {
    let images = Images::digits();
    let folder = TempDir::new().unwrap();
    for (estimator, latents) in [
        (EstimatorKind::Reinforce, "bits:16"),
        (EstimatorKind::Disarm, "bits:16"),
        (EstimatorKind::GumbelRao, "classes:4x6"),
        (EstimatorKind::Rebar, "classes:4x6"),
        (EstimatorKind::Gumbel, "bits:16"),
    ] {
        let tau = |tau| Temperature::new(tau).unwrap();
        let settings = Settings {
            hidden: vec![20],
            schedule: Schedule::linear(tau(1.0), tau(0.3), 60).unwrap(),
            ..settings(estimator, latents, 60)
        };
        let straight = trained(settings.clone(), &images);
        let mut first = Training::new(settings.clone(), &images).unwrap();
        for _ in 0..25 {
            first.advance().unwrap();
        }
        let file = folder.path().join(format!("{estimator}.checkpoint"));
        first.save(&file).unwrap();
        let mut second = Training::resume(settings, &images, &file).unwrap();
        assert_eq!((second.step_number(), second.fingerprint()), (25, first.fingerprint()));
        while !second.is_done() {
            second.advance().unwrap();
        }
        assert_eq!(second.fingerprint(), straight.fingerprint(), "{estimator}");
        assert_eq!(second.curve(), straight.curve(), "{estimator}");
    }
}

#[test]
fn checkpoints_that_do_not_fit_are_refused() {
    let images = Images::digits();
    let folder = TempDir::new().unwrap();
    let file = folder.path().join("a.checkpoint");
    let settings = settings(EstimatorKind::Loo2, "bits:16", 10);
    let mut training = Training::new(settings.clone(), &images).unwrap();
    training.advance().unwrap();
    training.save(&file).unwrap();
    let whole = fs::read(&file).unwrap();
    let refused = |settings: Settings, part: &str| {
        let error = format!("{:#}", Training::resume(settings, &images, &file).err().expect("refused"));
        assert!(error.contains("a.checkpoint") && error.contains(part), "{error}");
    };
    refused(Settings { seed: 8, ..settings.clone() }, "of another training");
    refused(Settings { estimator: EstimatorKind::Loo4, ..settings.clone() }, "of another training");
    refused(Settings { steps: 0, ..settings.clone() }, "beyond");
    for (place, kept) in [(0, whole.len()), (whole.len() / 2, whole.len()), (0, whole.len() - 1), (0, 3)] {
        let mut bytes = whole[..kept].to_vec();
        bytes[place] ^= u8::from(kept == whole.len());
        fs::write(&file, bytes).unwrap();
        let error = format!("{:#}", Training::resume(settings.clone(), &images, &file).err().expect("refused"));
        assert!(error.contains("damaged") || error.contains("no checkpoint"), "{error}");
    }
}

#[test]
fn pictures_that_are_none_are_refused_with_their_place() {
    let folder = TempDir::new().unwrap();
    let file = folder.path().join("own.csv");
    let refused = |text: &str, part: &str| {
        fs::write(&file, text).unwrap();
        let error = format!("{:#}", Images::csv(&file).unwrap_err());
        assert!(error.contains("own.csv") && error.contains(part), "{error}");
    };
    let row = "0,1,0.5,0\n";
    refused(&format!("{row}0,1,NaN,0\n{}", row.repeat(4)), "row 2, column 3: `NaN`");
    refused(&format!("{row}{row}0,1,inf,0\n"), "row 3, column 3: `inf`");
    refused(&format!("{row}{row}0,1,x,0\n"), "row 3, column 3: `x`");
    refused(&format!("{row}0,1,2,0\n"), "row 2, column 3: `2`");
    refused(&format!("{row}0,1,0\n"), "row 2: 3 numbers, row 1 has 4");
    refused("0,1,0\n", "no square");
    refused(&row.repeat(4), "fewer than five");
    refused("", "no square");
    fs::write(&file, row.repeat(7)).unwrap();
    let images = Images::csv(&file).unwrap();
    assert_eq!((images.count(), images.width, images.held_out), (6, 2, vec![0.0, 1.0, 1.0, 0.0]));
    assert!(format!("{:#}", Images::csv(&folder.path().join("none.csv")).unwrap_err()).contains("none.csv"));

    let train = folder.path().join("train-images-idx3-ubyte.gz");
    fs::write(&train, b"no gzip").unwrap();
    assert!(format!("{:#}", Images::fashion_mnist(folder.path()).unwrap_err()).contains("gzip"));
    let packed = |bytes: &[u8]| {
        use std::io::Write;
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    };
    let header = [0, 0, 8, 3, 0, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0, 2];
    for (pixels, part) in [(&[0, 255, 200][..], "19 bytes"), (&[0; 5], "21 bytes")] {
        fs::write(&train, packed(&[&header[..], pixels].concat())).unwrap();
        let error = format!("{:#}", Images::fashion_mnist(folder.path()).unwrap_err());
        assert!(error.contains(part) && error.contains("train-images"), "{error}");
    }
    let whole = packed(&[&header[..], &[0, 255, 127, 128]].concat());
    fs::write(&train, &whole[..whole.len() - 6]).unwrap();
    assert!(format!("{:#}", Images::fashion_mnist(folder.path()).unwrap_err()).contains("gzip"));
    fs::write(&train, &whole).unwrap();
    fs::write(folder.path().join("t10k-images-idx3-ubyte.gz"), &whole).unwrap();
    assert_eq!(Images::fashion_mnist(folder.path()).unwrap().training, [0.0, 1.0, 0.0, 1.0]);
}

/// Returns the path of the program of the example. It is in the folder of the test programs.
fn program() -> PathBuf {
    let own = std::env::current_exe().unwrap();
    let program = own.parent().and_then(Path::parent).unwrap().join("examples/vae");
    assert!(program.exists(), "first: cargo build --release -p samplegrad-burn --example vae");
    program
}

/// Returns the names of the files in a folder, in sorted order.
fn names(folder: &Path) -> Vec<String> {
    let mut names: Vec<String> =
        fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

#[test]
fn the_command_compares_estimators_in_a_report() {
    let folder = TempDir::new().unwrap();
    let mut command = Command::new(program());
    command.args(["--estimator", "loo2,reinmax", "--steps", "66", "--seeds", "2", "--samples", "2", "--out"]);
    let output = command.arg(folder.path()).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let report = fs::read_to_string(folder.path().join("report.md")).unwrap();
    for part in ["| loo2 | yes | -", "| reinmax | no | -", "--estimator loo2,reinmax --steps 66", "(curves.png)"] {
        assert!(report.contains(part), "{part} is not in\n{report}");
    }
    assert!(!report.contains(folder.path().to_str().unwrap()));
    for name in ["curves", "reconstructions-loo2", "prior-reinmax"] {
        let picture = fs::read(folder.path().join(name).with_extension("png")).unwrap();
        assert!(picture.starts_with(b"\x89PNG") && picture.len() > 500, "{name}");
    }
    let trainings = fs::read_to_string(folder.path().join("trainings.csv")).unwrap();
    assert_eq!(trainings.lines().count(), 1 + 2 * 2);
    // The file has a line of names and one line for each of the three epochs of each training.
    assert_eq!(fs::read_to_string(folder.path().join("curves.csv")).unwrap().lines().count(), 1 + 2 * 2 * 3);
}

#[test]
fn the_command_says_what_is_wrong_and_leaves_nothing() {
    let folder = TempDir::new().unwrap();
    let own = folder.path().join("own.csv");
    fs::write(&own, "0,1,0,nan\n").unwrap();
    let out = folder.path().join("out");
    for (arguments, part) in [
        (["--data", own.to_str().unwrap()], "row 1, column 4: `nan`"),
        (["--data", "none.csv"], "none.csv"),
        (["--latents", "classes:8"], "classes:NxK"),
        (["--tau", "linear:1,0.5"], "linear:START,END,STEPS"),
        (["--tau", "0"], "temperature"),
        (["--learning-rate", "nan"], "above 0"),
        (["--batch", "1439"], "1 to 1438"),
    ] {
        let output = Command::new(program()).args(arguments).arg("--out").arg(&out).output().unwrap();
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(!output.status.success() && said.contains(part), "{arguments:?}: {said}");
        assert!(!out.exists() || names(&out).is_empty(), "{arguments:?}");
    }
    let disarm = ["--estimator", "disarm", "--latents", "classes:2x3"];
    let output = Command::new(program()).args(disarm).output().unwrap();
    assert!(!output.status.success() && String::from_utf8_lossy(&output.stderr).contains("bits"));
}

/// Limits the size of files to simulate a full disk. The same system call fails as on a full disk, but with another
/// error number.
#[cfg(target_os = "linux")]
#[test]
fn a_file_that_cannot_be_written_is_not_left_in_part() {
    let folder = TempDir::new().unwrap();
    let script = "ulimit -f 8; trap '' XFSZ; exec \"$0\" --steps 3 --out \"$1\"";
    let output = Command::new("sh").args(["-c", script]).arg(program()).arg(folder.path()).output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert!(said.contains(".checkpoint: not written"), "{said}");
    assert_eq!(names(folder.path()), [""; 0]);
}

#[cfg(target_os = "linux")]
#[test]
fn an_interrupted_training_goes_on_bit_for_bit() {
    use nix::{sys::signal, unistd::Pid};

    let folder = TempDir::new().unwrap();
    let mut command = Command::new(program());
    command.args(["--estimator", "loo2", "--latents", "bits:16", "--seed", "7", "--steps", "10000000"]);
    command.args(["--checkpoint", "10000000", "--out"]).arg(folder.path());
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut line = String::new();
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
    assert!(line.contains("begins"), "{line}");
    std::thread::sleep(std::time::Duration::from_millis(200));
    signal::kill(Pid::from_raw(child.id() as i32), signal::Signal::SIGINT).unwrap();
    let output = child.wait_with_output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(130), "{said}");
    assert!(said.contains("interrupted at step"), "{said}");
    assert_eq!(names(folder.path()), ["bits-16-loo2-7.checkpoint"]);

    let images = Images::digits();
    let asked = settings(EstimatorKind::Loo2, "bits:16", 10_000_000);
    let file = folder.path().join("bits-16-loo2-7.checkpoint");
    let mut resumed = Training::resume(asked.clone(), &images, &file).unwrap();
    let mut straight = Training::new(asked, &images).unwrap();
    while straight.step_number() < resumed.step_number() {
        straight.advance().unwrap();
    }
    for _ in 0..30 {
        straight.advance().unwrap();
        resumed.advance().unwrap();
    }
    assert_eq!(resumed.fingerprint(), straight.fingerprint());
    assert_eq!(resumed.curve(), straight.curve());
}
