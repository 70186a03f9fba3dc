//! Golden files. Format: `golden/README.md`.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result, bail, ensure};
use samplegrad_conformance::suites::Suite;
use serde_json::Value;

/// An array of a case: floats in full precision, or integers.
#[derive(Clone, Debug, PartialEq)]
pub enum Array {
    /// Exact `f32` inputs.
    Single(Vec<f32>),
    /// `f64` outputs.
    Double(Vec<f64>),
    /// Integers.
    Integer(Vec<i64>),
}

impl Array {
    /// Returns the elements as words, the input format of the core.
    pub fn to_words(&self) -> Vec<u32> {
        match self {
            Array::Single(x) => x.iter().map(|x| x.to_bits()).collect(),
            Array::Double(x) => x.iter().map(|&x| (x as f32).to_bits()).collect(),
            Array::Integer(x) => x.iter().map(|&x| x as u32).collect(),
        }
    }

    /// Returns the elements as `f64`.
    pub fn to_f64(&self) -> Vec<f64> {
        match self {
            Array::Single(x) => x.iter().map(|&x| f64::from(x)).collect(),
            Array::Double(x) => x.clone(),
            Array::Integer(x) => x.iter().map(|&x| x as f64).collect(),
        }
    }
}

/// One golden case.
#[derive(Clone, Debug)]
pub struct Case {
    /// Name of the case.
    pub id: String,
    /// Kinds of the case.
    pub tags: Vec<String>,
    /// Input arrays.
    pub inputs: BTreeMap<String, Array>,
    /// Output arrays; a missing array is not defined for the case.
    pub outputs: BTreeMap<String, Array>,
}

/// Returns the folder of the golden files.
pub fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("golden")
}

/// Reads all cases of a file.
pub fn read(suite: &str) -> Result<Vec<Case>> {
    let file = folder().join(suite).with_extension("jsonl");
    let text = fs::read_to_string(&file).with_context(|| format!("reading {}", file.display()))?;
    let mut cases = Vec::new();
    for (number, line) in text.lines().enumerate().skip(1) {
        let case = parse(line).with_context(|| format!("{}, line {}", file.display(), number + 1))?;
        cases.push(case);
    }
    ensure!(!cases.is_empty(), "{} has no case", file.display());
    Ok(cases)
}

fn parse(line: &str) -> Result<Case> {
    let value: Value = serde_json::from_str(line)?;
    let arrays = |key: &str| -> Result<BTreeMap<String, Array>> {
        let object = value[key].as_object().with_context(|| format!("no {key}"))?;
        object.iter().map(|(name, array)| Ok((name.clone(), parse_array(array).context(name.clone())?))).collect()
    };
    let text = |value: &Value| value.as_str().map(str::to_owned).context("not a text");
    Ok(Case {
        id: text(&value["id"])?,
        tags: value["tags"].as_array().context("no tags")?.iter().map(text).collect::<Result<_>>()?,
        inputs: arrays("in")?,
        outputs: arrays("out")?,
    })
}

fn parse_array(array: &Value) -> Result<Array> {
    let hex = || -> Result<Vec<u64>> {
        let list = array["hex"].as_array().context("no hex")?;
        list.iter().map(|x| Ok(u64::from_str_radix(x.as_str().context("not a text")?, 16)?)).collect()
    };
    Ok(match array["t"].as_str() {
        Some("f32") => Array::Single(hex()?.into_iter().map(|x| f32::from_bits(x as u32)).collect()),
        Some("f64") => Array::Double(hex()?.into_iter().map(f64::from_bits).collect()),
        Some("i64" | "u32") => {
            let list = array["dec"].as_array().context("no dec")?;
            Array::Integer(list.iter().map(|x| x.as_i64().context("not an integer")).collect::<Result<_>>()?)
        }
        other => bail!("unknown type {other:?}"),
    })
}

/// Families of `families_icdf`, in the order of their numbers.
const FAMILIES: [&str; 10] = [
    "normal",
    "logistic",
    "gumbel",
    "exponential",
    "laplace",
    "cauchy",
    "uniform",
    "weibull",
    "kumaraswamy",
    "lognormal",
];

/// Columns that are compared with no result: file, column, reason.
pub const DESCRIPTIVE: &[(&str, &str, &str)] = &[(
    "replay_digits",
    "min_margin",
    "the smallest gap that decided an action of the f64 run: why f32 may be asked for the same actions",
)];

/// Files with a separate test that runs whole learners: file, test, columns.
pub const ELSEWHERE: &[(&str, &str, &[&str])] = &[(
    "replay_digits",
    "replay/digits.rs",
    &[
        "seed",
        "lr",
        "rho",
        "passes",
        "actions",
        "reward_per_pass",
        "test_correct_of_359",
        "baseline_end",
        "bias",
        "W",
        "max_abs_f32_minus_f64_W",
    ],
)];

/// Reads the cases of a suite that have a counterpart in the core, each with its input words.
pub fn covered(suite: &Suite) -> Result<Vec<(Case, Vec<u32>)>> {
    let mut covered = Vec::new();
    for mut case in read(suite.name)? {
        if suite.name == "families_icdf" {
            let family = FAMILIES.iter().position(|family| case.tags.iter().any(|tag| tag == family));
            let family = family.with_context(|| format!("{}: a family without a counterpart", case.id))?;
            case.inputs.insert("family".into(), Array::Integer(vec![family as i64]));
        }
        let mut words = Vec::new();
        for &name in suite.inputs {
            let array = case.inputs.get(name).with_context(|| format!("{}: no input {name}", case.id))?.to_words();
            words.push(array.len() as u32);
            words.extend(array);
        }
        covered.push((case, words));
    }
    ensure!(!covered.is_empty(), "no case of {} is covered", suite.name);
    Ok(covered)
}
