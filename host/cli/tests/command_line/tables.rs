//! Tests of `samplegrad sample` and `samplegrad relax`: their bits are the library's, from CSV and from `.npy`.

use std::{fs, path::Path};

use npyz::{WriteOptions, WriterBuilder};
use samplegrad_core::Temperature;
use samplegrad_host::{
    Streams,
    batch::{self, Logits, gumbel_softmax, straight_through},
};
use serde_json::Value;

use crate::{fails, folder, samplegrad, succeeds};

const ROWS: usize = 21;
const CLASSES: usize = 3;
const SEED: u64 = 7;

/// Returns logits without short decimals, some of them masked.
fn logits() -> Vec<f32> {
    let mut values = vec![0.0; ROWS * CLASSES];
    batch::noise::normal(&mut Streams::new(99, ROWS).unwrap(), CLASSES, &mut values).unwrap();
    values.iter_mut().skip(5).step_by(7).for_each(|l| *l = f32::NEG_INFINITY);
    values
}

fn npy<T: npyz::AutoSerialize + Copy>(file: &Path, values: &[T], shape: &[u64], order: npyz::Order) {
    let out = fs::File::create(file).unwrap();
    let mut writer = WriteOptions::new().default_dtype().shape(shape).order(order).writer(out).begin_nd().unwrap();
    writer.extend(values.iter().copied()).unwrap();
    writer.finish().unwrap();
}

fn read_npy<T: npyz::Deserialize>(file: &Path) -> (Vec<u64>, Vec<T>) {
    let file = npyz::NpyFile::new(fs::File::open(file).unwrap()).unwrap();
    (file.shape().to_vec(), file.into_vec().unwrap())
}

fn csv(values: &[f32], columns: usize) -> String {
    let line = |row: &[f32]| row.iter().map(|x| format!("{x:?}")).collect::<Vec<_>>().join(",") + "\n";
    values.chunks(columns).map(line).collect()
}

fn bits(values: &[f32]) -> Vec<u32> {
    values.iter().map(|x| x.to_bits()).collect()
}

fn real(text: &str) -> Vec<u32> {
    text.split([',', '\n']).filter(|field| !field.is_empty()).map(|x| x.parse::<f32>().unwrap().to_bits()).collect()
}

#[test]
fn classes_are_the_library_s() {
    let (folder, values) = (folder("sample"), logits());
    let (text, binary, wide) = (folder.join("logits.csv"), folder.join("logits.npy"), folder.join("wide.npy"));
    // A head, and blanks, as in handwritten files.
    fs::write(&text, format!("a,b,c\n{}", csv(&values, CLASSES).replace(',', " , "))).unwrap();
    let shape = [ROWS as u64, CLASSES as u64];
    npy(&binary, &values, &shape, npyz::Order::C);
    npy(&wide, &values.iter().map(|&x| f64::from(x)).collect::<Vec<_>>(), &shape, npyz::Order::C);

    let logits = Logits::new(&values, CLASSES).unwrap();
    type Draw = fn(&Logits<'_>, &mut Streams, &mut [u32]) -> Result<(), samplegrad_host::Error>;
    let methods: [(&str, Draw); 3] = [
        ("gumbel-max", batch::gumbel_max::sample),
        ("inverse-cdf", batch::inverse_cdf::sample),
        ("exponential-race", batch::inverse_cdf::race),
    ];
    for (method, draw) in methods {
        let mut streams = Streams::new(SEED, ROWS).unwrap();
        let (mut first, mut second) = (vec![0; ROWS], vec![0; ROWS]);
        draw(&logits, &mut streams, &mut first).unwrap();
        draw(&logits, &mut streams, &mut second).unwrap();
        let expected: String = first.iter().zip(&second).map(|(a, b)| format!("{a},{b}\n")).collect();
        for (file, threads) in [(&text, "1"), (&binary, "2"), (&wide, "1")] {
            let file = file.to_str().unwrap();
            let words = ["sample", file, "--method", method, "--draws", "2", "--seed", "7", "--threads", threads];
            assert_eq!(succeeds(&words), expected, "{method} of {file}");
        }
        let out = folder.join("classes.npy");
        let words = ["sample", text.to_str().unwrap(), "--method", method, "--draws", "2", "--seed", "7"];
        assert_eq!(succeeds(&[&words[..], &["--out", out.to_str().unwrap()]].concat()), "");
        let (shape, classes) = read_npy::<u32>(&out);
        assert_eq!(shape, [ROWS as u64, 2]);
        assert!(classes.chunks(2).zip(first.iter().zip(&second)).all(|(row, (&a, &b))| row == [a, b]));
        let value: Value = serde_json::from_str(&succeeds(&[&words[..], &["--json"]].concat())).unwrap();
        assert_eq!((&value["method"], &value["samples"][3][1]), (&method.into(), &second[3].into()));
    }
}

#[test]
fn noise_is_the_library_s() {
    let mut expected = vec![0.0; 12];
    batch::noise::laplace(&mut Streams::new(SEED, 4).unwrap(), 3, &mut expected).unwrap();
    let words = ["sample", "--noise", "laplace", "--rows", "4", "--columns", "3", "--seed", "7"];
    assert_eq!(real(&succeeds(&words)), bits(&expected));
    let value: Value = serde_json::from_str(&succeeds(&[&words[..], &["--json"]].concat())).unwrap();
    let read: Vec<f32> = (0..12).map(|i| value["values"][i / 3][i % 3].as_f64().unwrap() as f32).collect();
    assert_eq!(bits(&read), bits(&expected));
}

#[test]
fn relaxed_samples_and_gradients_are_the_library_s() {
    let (folder, values) = (folder("relax"), logits());
    let (text, out) = (folder.join("logits.csv"), folder.join("y.npy"));
    let (cotangent, gradient) = (folder.join("cotangent.npy"), folder.join("gradient.npy"));
    fs::write(&text, csv(&values, CLASSES)).unwrap();
    let ones: Vec<f32> = (0..values.len()).map(|i| i as f32 / 8.0 - 3.0).collect();
    let shape = [ROWS as u64, CLASSES as u64];
    npy(&cotangent, &ones, &shape, npyz::Order::C);

    let (logits, tau) = (Logits::new(&values, CLASSES).unwrap(), Temperature::new(0.5).unwrap());
    let (mut y, mut by_logits) = (vec![0.0; values.len()], vec![0.0; values.len()]);
    gumbel_softmax::sample(&logits, tau, &mut Streams::new(SEED, ROWS).unwrap(), &mut y).unwrap();
    gumbel_softmax::vjp(&y, &ones, CLASSES, tau, &mut by_logits).unwrap();
    let base = ["relax", text.to_str().unwrap(), "--tau", "0.5"];
    let seeded = [&base[..], &["--seed", "7"]].concat();
    assert_eq!(real(&succeeds(&seeded)), bits(&y));
    let words = ["--cotangent", cotangent.to_str().unwrap(), "--gradient", gradient.to_str().unwrap()];
    let words = [&seeded[..], &words, &["--hard", "--out", out.to_str().unwrap()]].concat();
    succeeds(&words);
    assert_eq!(bits(&read_npy::<f32>(&gradient).1), bits(&by_logits));
    let (mut classes, mut soft) = (vec![0; ROWS], vec![0.0; values.len()]);
    straight_through::sample(&logits, tau, &mut Streams::new(SEED, ROWS).unwrap(), &mut classes, &mut soft).unwrap();
    let (found, hard) = read_npy::<f32>(&out);
    assert_eq!(found, shape);
    for (row, &class) in hard.chunks(CLASSES).zip(&classes) {
        assert!(row.iter().enumerate().all(|(k, &x)| x == f32::from(u8::from(k == class as usize))));
    }
    // Noise from a file is used as given; a masked class has no logarithm.
    let noise = folder.join("noise.npy");
    let words =
        ["sample", text.to_str().unwrap(), "--noise", "gumbel", "--seed", "7", "--out", noise.to_str().unwrap()];
    succeeds(&words);
    let given = [&base[..], &["--noise", noise.to_str().unwrap()]].concat();
    let mut of_noise = vec![0.0; values.len()];
    gumbel_softmax::with_noise(&logits, tau, &read_npy::<f32>(&noise).1, &mut of_noise).unwrap();
    assert_eq!(real(&succeeds(&given)), bits(&of_noise));
    let mut log = vec![0.0; values.len()];
    gumbel_softmax::log_with_noise(&logits, tau, &read_npy::<f32>(&noise).1, &mut log).unwrap();
    assert_eq!(real(&succeeds(&[&given[..], &["--log"]].concat())), bits(&log));
    assert_eq!(real(&succeeds(&[&seeded[..], &["--log"]].concat())), bits(&log));
    let value: Value = serde_json::from_str(&succeeds(&[&given[..], &["--log", "--json"]].concat())).unwrap();
    assert!(value["samples"][1][2].is_null() && value["seed"].is_null());
}

#[test]
fn damaged_csv_is_refused_with_the_place() {
    let folder = folder("damaged-csv");
    let file = folder.join("logits.csv");
    for (text, said) in [
        (&b"0,1\n2\n"[..], "logits.csv: line 2, column 2: missing, the lines before have 2 columns"),
        (b"a,b\n0,1\n\n2,3,4", "line 4, column 3: too much"),
        (b"a,b\r\n0,1\r\n\r\n2,3\r\n2,3,4\r\n", "line 5, column 3: too much"),
        (b"0,1\n2,x\n", "line 2, column 2: `x` is not a number in single precision"),
        (b"0,1\n2,1e39\n", "`1e39` is not a number"),
        (b"0,1\n2,\n", "line 2, column 2: `` is not"),
        (b"1\n\n2\nx\n", "line 4, column 1: `x` is not"),
        (b"0,1\n2,\xff\n", "line 2, column 2"),
        (b"0,1\nnan,3\n", "line 2, column 1: NaN, a logit must be finite, or -inf"),
        (b"0,inf\n", "line 1, column 2: inf"),
        (b"0,1\n-inf,-inf\n", "line 2: every class is masked"),
        (b"a,b\n", "no line of numbers"),
        (b"", "no line of numbers"),
    ] {
        fs::write(&file, text).unwrap();
        fails(&["sample", file.to_str().unwrap()], &[said]);
        fails(&["relax", file.to_str().unwrap()], &[said]);
    }
    fails(&["sample", folder.join("missing.csv").to_str().unwrap()], &["cannot read", "No such file"]);
    fails(&["sample", folder.to_str().unwrap()], &["it is a folder"]);
}

#[test]
fn damaged_npy_is_refused_with_the_place() {
    let folder = folder("damaged-npy");
    let file = folder.join("logits.npy");
    let word = file.to_str().unwrap();
    let (c, shape) = (npyz::Order::C, [2, 3]);
    npy(&file, &[0_f32, 1.0, 2.0, 3.0, f32::NAN, 5.0], &shape, c);
    fails(&["sample", word], &["logits.npy: row 1, column 1: NaN, a logit must be finite"]);
    npy(&file, &[0_f64, 1.0, 2.0, 3.0, 4.0, 1e300], &shape, c);
    fails(&["sample", word], &["row 1, column 2: 1", "is not a number in single precision"]);
    npy(&file, &[0_f32; 6], &shape, npyz::Order::Fortran);
    fails(&["sample", word], &["in Fortran order", "ascontiguousarray"]);
    npy(&file, &[false; 6], &shape, c);
    fails(&["sample", word], &["dtype '|b1', it must be '<f4'", "astype"]);
    npy(&file, &[0_f32; 8], &[2, 2, 2], c);
    fails(&["sample", word], &["3 dimensions", "one or two"]);
    npy::<f32>(&file, &[], &[0, 3], c);
    fails(&["sample", word], &["0 rows of 3"]);
    npy(&file, &[0_f32; 6], &shape, c);
    let whole = fs::read(&file).unwrap();
    fs::write(&file, &whole[..whole.len() - 5]).unwrap();
    fails(&["sample", word], &["ends before row 1, column 1, after 4 of 6 numbers"]);
    fs::write(&file, [&whole[..], b"x"].concat()).unwrap();
    fails(&["sample", word], &["more bytes follow after the last number"]);
    fs::write(&file, &whole[..40]).unwrap();
    fails(&["sample", word], &["the head of the .npy file cannot be read", "it ends too early"]);
    let swapped = String::from_utf8_lossy(&whole[..128]).find("<f4").unwrap() - 2;
    let mut big = whole.clone();
    big[swapped..].iter_mut().find(|byte| **byte == b'<').map(|byte| *byte = b'>').unwrap();
    fs::write(&file, big).unwrap();
    fails(&["sample", word], &["dtype '>f4', it must be '<f4'"]);
    fs::write(&file, "0,1\n").unwrap();
    fails(&["sample", word], &["is no .npy file"]);
}

#[test]
fn words_that_mean_nothing() {
    let folder = folder("words");
    let (logits, other) = (folder.join("logits.csv"), folder.join("other.csv"));
    fs::write(&logits, "0,1\n2,3\n").unwrap();
    fs::write(&other, "0,1\n").unwrap();
    let (logits, other) = (logits.to_str().unwrap(), other.to_str().unwrap());
    fails(&["sample"], &["<LOGITS>"]);
    fails(&["sample", logits, "--threads", "0"], &["--threads: threads: there are none"]);
    fails(&["sample", logits, "--draws", "0"], &["--draws"]);
    fails(&["sample", logits, "--noise", "pink"], &["pink", "gumbel"]);
    fails(&["sample", "--noise", "normal", "--rows", "4294967295", "--columns", "4294967295"], &["no room"]);
    fails(&["relax", logits, "--tau", "0"], &["--tau", "temperature"]);
    fails(&["relax", logits, "--noise", other], &["other.csv: 1 rows of 2, there must be 2 rows of 2"]);
    fails(&["relax", logits, "--cotangent", other], &["--gradient"]);
}

#[test]
fn help_and_completions() {
    for command in ["sample", "relax"] {
        assert!(succeeds(&[command, "--help"]).contains("Examples:"));
    }
    assert!(succeeds(&["--help"]).contains("Examples:"));
    for (shell, word) in [("bash", "complete -F"), ("zsh", "#compdef samplegrad"), ("fish", "complete -c samplegrad")] {
        let script = succeeds(&["completions", shell]);
        assert!(script.contains(word) && script.contains("exponential-race"), "{shell}");
    }
    assert!(!samplegrad(&["completions", "cmd"]).status.success());
    let page = succeeds(&["man"]);
    assert!(page.contains(".TH samplegrad") && page.contains("exponential\\-race"));
}
