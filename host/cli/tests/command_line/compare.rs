//! Tests of `samplegrad compare`.

use std::fs;

use serde_json::Value;

use crate::{fails, folder, samplegrad, succeeds};

const QUICK: [&str; 4] = ["--draws", "512", "--repeats", "0"];

fn quick<'a>(words: &[&'a str]) -> Vec<&'a str> {
    [&["compare"], words, &QUICK].concat()
}

#[test]
fn a_table_of_every_problem() {
    for problem in ["toy", "bernoullis", "normal", "bandit"] {
        let text = succeeds(&quick(&[problem]));
        for word in ["exact gradient", "needs from f", "score function", "leave-one-out of 2"] {
            assert!(text.contains(word), "{problem}: no `{word}` in\n{text}");
        }
    }
    assert!(succeeds(&quick(&["toy", "--logits", "-1,2", "--only", "arm"])).contains("toy, logit -1"));
    assert!(succeeds(&quick(&["normal", "--cost", "quadratic", "--k", "-3,0"])).contains("E[(x + 3)²]"));
    assert!(succeeds(&quick(&["quadratic", "--n", "20"])).contains("DisARM"));
}

#[test]
fn json_is_json_and_nothing_else() {
    let output = samplegrad(&quick(&["toy", "--json"]));
    let value: Value = serde_json::from_slice(&output.stdout).unwrap();
    let comparison = &value["comparisons"][0];
    assert!((comparison["exact"]["gradient"][0].as_f64().unwrap() - 0.025).abs() < 1e-7);
    assert!(comparison["rows"].as_array().unwrap().iter().any(|row| row["estimator"] == "ARM"));
    assert!(comparison["rows"][0]["ns_per_draw"].is_null());
    // Without a terminal there is no progress bar.
    assert!(output.stderr.is_empty());
    let value: Value =
        serde_json::from_str(&succeeds(&["compare", "bandit", "--learn", "--steps", "20", "--json"])).unwrap();
    let curve = &value["learnings"][0]["curves"][0];
    assert_eq!(curve["mean"].as_array().unwrap().len(), value["learnings"][0]["steps"].as_array().unwrap().len());
}

#[test]
fn a_draw_is_timed() {
    let value: Value = serde_json::from_str(&succeeds(&[
        "compare",
        "toy",
        "--draws",
        "64",
        "--repeats",
        "1",
        "--only",
        "arm",
        "--json",
    ]))
    .unwrap();
    for row in value["comparisons"][0]["rows"].as_array().unwrap() {
        assert!(row["ns_per_draw"].as_f64().unwrap() > 0.0);
        assert!(row["times_plain"].as_f64().unwrap() > 0.0);
    }
}

#[test]
fn files_are_whole_and_the_same_for_a_seed() {
    let folder = folder("files");
    let of = |seed: &str, name: &str| {
        let to = folder.join(name);
        succeeds(&quick(&["toy", "--seed", seed, "--out", to.to_str().unwrap()]));
        succeeds(&["compare", "toy", "--learn", "--steps", "30", "--seed", seed, "--out", to.to_str().unwrap()]);
        let mut files: Vec<String> =
            fs::read_dir(&to).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        files.sort();
        let of = |what: &str| ["csv", "html", "json", "svg"].map(|end| format!("{what}.{end}"));
        let mut wanted = [&of("compare")[..], &["coordinates.csv".to_owned()], &of("learn")].concat();
        wanted.iter_mut().for_each(|name| *name = format!("toy-{name}"));
        assert_eq!(files, wanted);
        files.iter().map(|file| fs::read_to_string(to.join(file)).unwrap()).collect::<Vec<_>>()
    };
    let first = of("7", "first");
    assert_eq!(first, of("7", "again"));
    assert_ne!(first, of("8", "other"));
    assert!(first[0].starts_with("problem,estimator,asks,"));
    assert!(first[1].contains("toy-compare.svg") && first[1].contains("leave-one-out of 2"));
    assert!(first[3].starts_with("<svg") && first[3].trim_end().ends_with("</svg>"));
    serde_json::from_str::<Value>(&first[2]).unwrap();
}

#[test]
fn a_table_from_a_file() {
    let folder = folder("table");
    let file = folder.join("costs.csv");
    fs::write(&file, "a,b,cost\n0,0,1\n1,0,2\n0,1,3\n1,1,7\n").unwrap();
    let file = file.to_str().unwrap();
    // p = ½ each: mean (1 + 2 + 3 + 7)/4; slope in a logit of b: ½ (5 − 3.25).
    let value: Value = serde_json::from_str(&succeeds(&quick(&["table", file, "--json"]))).unwrap();
    let exact = &value["comparisons"][0]["exact"];
    assert_eq!(exact["mean"].as_f64(), Some(3.25));
    assert_eq!(exact["gradient"][3].as_f64(), Some(0.875));
    assert!(succeeds(&quick(&["table", file, "--bits"])).contains("DisARM"));
    assert!(succeeds(&quick(&["table", file, "--logits", "0,-inf,1,0"])).contains("E[cost(a, b)]"));
    fails(&quick(&["table", file, "--logits", "1,2"]), &["number of logits: 2", "4, one for each class"]);
    fails(&quick(&["table", file, "--bits", "--logits", "1,inf"]), &["logits[1]: infinite"]);
}

#[test]
fn damaged_tables() {
    let folder = folder("damaged");
    for (text, said) in [
        (&b"a,cost\n0,1\n1,nan\n"[..], "line 3, column 2: the cost at the sample a = 1 is NaN"),
        (b"a,cost\n0,1\n1,x\n", "line 3, column 2: `x` is no number"),
        (b"a,cost\n0,1\n1\n", "line 3: 1 columns"),
        (b"a,cost\n0,1\n2,1\n", "line 3: the table ends without the sample a = 1"),
        (b"a,cost\n0,1\n1,\xff\n", "line 3, column 2: this is no text"),
        (b"", "line 1: a head line"),
    ] {
        let file = folder.join("damaged.csv");
        fs::write(&file, text).unwrap();
        fails(
            &quick(&["table", file.to_str().unwrap()]),
            &["damaged.csv cannot be used", said, "compare table --help"],
        );
    }
    let missing = folder.join("missing.csv");
    fails(&quick(&["table", missing.to_str().unwrap()]), &["missing.csv cannot be used", "No such file"]);
    let three = folder.join("three.csv");
    fs::write(&three, "a,cost\n0,1\n1,2\n2,3\n").unwrap();
    fails(&quick(&["table", three.to_str().unwrap(), "--bits"]), &["classes of a variable: 3", "without --bits"]);
}

#[test]
fn words_that_mean_nothing() {
    fails(&[], &["Usage: samplegrad"]);
    fails(&["compare", "nonsense"], &["unrecognized subcommand", "--help"]);
    fails(&["compare", "toy", "--draws", "1"], &["--draws", "32.."]);
    fails(&["compare", "toy", "--logits", "nan"], &["logits[0]: not a number"]);
    fails(&["compare", "toy", "--t", "inf"], &["t: inf, it must be finite"]);
    fails(&["compare", "toy", "--tau", "0"], &["--tau", "temperature"]);
    fails(&["compare", "toy", "--tau", "1e-5"], &["tau: 0.00001, it must be from 0.001 to 1000"]);
    fails(&["compare", "toy", "--own-rate", "-1"], &["--own-rate", "learning rate: -1"]);
    fails(&["compare", "toy", "--eta", "1e9"], &["eta: 1000000000, it must be from -1000 to 1000"]);
    fails(&["compare", "toy", "--only", "magic"], &["--only", "no estimator", "`magic`", "DisARM"]);
    fails(&["compare", "toy", "--learn", "--rate", "-1"], &["--rate", "learning rate: -1, it must be above 0"]);
    fails(&["compare", "toy", "--learn", "--rate", "0"], &["learning rate: 0"]);
    fails(&["compare", "bernoullis", "-n", "257"], &["257", "1..=256"]);
    fails(&["compare", "bandit", "--mask", "9"], &["--mask 9", "5 arms"]);
    fails(&["compare", "bandit", "--mask", "0,1,2,3,4"], &["every class is masked"]);
    fails(
        &["compare", "bandit", "--rewards", "1,2", "--logits", "0"],
        &["number of logits: 1", "2, one for each reward"],
    );
    fails(&["compare", "normal", "--std", "0"], &["standard deviation: 0", "above zero"]);
    fails(&["compare", "normal", "--cost", "exponential", "--k", "-1"], &["k: -1", "zero or above"]);
}

#[test]
fn folders_that_cannot_be_written() {
    let folder = folder("blocked");
    let file = folder.join("a-file");
    fs::write(&file, "kept").unwrap();
    let inside = file.join("report");
    fails(
        &quick(&["toy", "--out", inside.to_str().unwrap()]),
        &["cannot make the folder", "choose another with --out"],
    );
    assert_eq!(fs::read_to_string(&file).unwrap(), "kept");
    // If a folder has the name of an output file, no other output file may be left beside the folder.
    let report = folder.join("report");
    fs::create_dir_all(report.join("toy-coordinates.csv")).unwrap();
    fails(&quick(&["toy", "--out", report.to_str().unwrap()]), &["cannot replace", "another folder with --out"]);
    assert_eq!(fs::read_dir(&report).unwrap().count(), 1);
}

#[test]
fn help_has_examples() {
    let text = succeeds(&["compare", "--help"]);
    for word in
        ["Examples:", "toy", "bernoullis", "quadratic", "normal", "bandit", "table", "--learn", "--json", "--out"]
    {
        assert!(text.contains(word), "no `{word}` in\n{text}");
    }
    assert!(succeeds(&["compare", "table", "--help"]).contains("colour,size,cost"));
}
