//! Tests of input formats: pipes, heads, delimiters, columns, labels, and endless files.

use std::{
    fs,
    io::Write,
    path::Path,
    process::{Command, Output, Stdio},
};

use crate::{fails, folder, succeeds};

/// Builds an `.npy` file of `f4` in C order.
fn npy(rows: usize, columns: usize, values: &[f32]) -> Vec<u8> {
    let text = format!("{{'descr': '<f4', 'fortran_order': False, 'shape': ({rows}, {columns}), }}");
    let mut bytes = head(1, format!("{text:117}\n").as_bytes());
    values.iter().for_each(|x| bytes.extend_from_slice(&x.to_le_bytes()));
    bytes
}

/// Builds the head of an `.npy` file of this version.
fn head(version: u8, text: &[u8]) -> Vec<u8> {
    let size = (text.len() as u32).to_le_bytes();
    [b"\x93NUMPY", &[version, 0][..], &size[..if version == 1 { 2 } else { 4 }], text].concat()
}

/// Runs the program with input from a pipe.
fn piped(words: &[&str], input: &[u8]) -> Output {
    let mut program = Command::new(env!("CARGO_BIN_EXE_samplegrad"));
    let program = program.args(words).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut running = program.spawn().unwrap();
    let mut pipe = running.stdin.take().unwrap();
    // The program may have closed the pipe early.
    let _ = pipe.write_all(input);
    drop(pipe);
    running.wait_with_output().unwrap()
}

#[track_caller]
fn says(output: &Output, said: &[&str]) {
    let text = String::from_utf8_lossy(&output.stderr);
    assert!(!output.status.success() && output.stdout.is_empty());
    assert!(text.len() < 600, "an error of {} bytes", text.len());
    for words in said {
        assert!(text.contains(words), "it did not say `{words}`:\n{text}");
    }
}

#[cfg(unix)]
#[test]
fn npy_through_pipes() {
    let folder = folder("pipes");
    // More bytes than a pipe holds at once.
    let values: Vec<f32> = (0..40_000).map(|i| i as f32 / 7.0).collect();
    let whole = npy(10_000, 4, &values);
    let file = folder.join("logits.npy");
    fs::write(&file, &whole).unwrap();
    let expected = succeeds(&["sample", file.to_str().unwrap()]);
    for word in ["-", "/dev/stdin"] {
        let output = piped(&["sample", word], &whole);
        assert!(output.status.success() && output.stdout == expected.as_bytes(), "{word}");
        let name = if word == "-" { "the standard input" } else { "/dev/stdin" };
        let cut = piped(&["sample", word], &whole[..whole.len() - 5]);
        says(&cut, &[name, "ends before row 9999, column 2, after 39998 of 40000 numbers; it was cut off"]);
        let longer = piped(&["sample", word], &[&whole[..], b"x"].concat());
        says(&longer, &[name, "more bytes follow after the last number"]);
    }
    // A named pipe, like the shell's <(...).
    let script = "mkfifo \"$0/pipe\" && { cat \"$0/logits.npy\" > \"$0/pipe\" & } && exec \"$1\" sample \"$0/pipe\"";
    let mut shell = Command::new("sh");
    let output = shell.args(["-c", script]).arg(&*folder).arg(env!("CARGO_BIN_EXE_samplegrad")).output().unwrap();
    assert!(output.status.success() && output.stdout == expected.as_bytes(), "{output:?}");
}

#[test]
fn errors_quote_a_short_piece() {
    let junk = [b"{'descr': ".as_slice(), &b"x".repeat(60_000)].concat();
    let long_name =
        format!("{{'descr': [('{}', '<f4')], 'fortran_order': False, 'shape': (1, 1), }}", "n".repeat(50_000));
    for (input, said) in [
        (head(2, &b"x".repeat(6_000_000)), "it has 6000000 bytes, the most is 65536"),
        (head(2, &b"x".repeat(60_000)), "`xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx…` is no dictionary of NumPy's"),
        (head(1, &junk), "is no dictionary of NumPy's; write the file again"),
        (head(1, &b"(".repeat(60_000)), "is no dictionary"),
        (head(9, b"{}          "), "cannot be read"),
        (head(1, long_name.as_bytes()), "it must be '<f4'"),
        (head(2, b"")[..9].to_vec(), "it ends too early"),
        // More numbers than the file holds: no memory is allocated for them.
        (npy(1 << 40, 1 << 10, &[0.0; 5]), "after 5 of 1125899906842624 numbers"),
        (npy(1 << 60, 1 << 10, &[0.0; 5]), "the sizes [1152921504606846976, 1024] are more than any machine holds"),
        (npy(1 << 60, 8, &[0.0; 5]), "8 are more than any machine holds"),
        ("1,".repeat(300_000).into_bytes(), "line 1, column 300001: `` is not a number"),
        (format!("1,{}\n", "x".repeat(300_000)).into_bytes(), "xxx…` is not a number"),
    ] {
        says(&piped(&["sample", "-"], &input), &[said]);
    }
    let folder = folder("short-pieces");
    let (file, long) = (folder.join("costs.csv"), "x".repeat(200_000));
    for text in [
        format!("{long},cost\n0,1\n1,nan\n"),
        format!("{long},cost\n0,1\n2,2\n"),
        format!("a,cost\n{long},1\n"),
        format!("a,cost\n0,{long}\n"),
    ] {
        fs::write(&file, text).unwrap();
        let program = Command::new(env!("CARGO_BIN_EXE_samplegrad")).args(["compare", "table"]).arg(&file).output();
        says(&program.unwrap(), &["costs.csv cannot be used"]);
    }
}

#[cfg(target_os = "linux")]
#[test]
fn files_that_never_end() {
    let folder = folder("endless");
    let out = folder.join("out");
    let long = "/dev/zero: line 1: longer than 16 MiB";
    fails(&["sample", "/dev/zero"], &[long]);
    fails(&["train", "/dev/zero", "--out", out.to_str().unwrap()], &[long]);
    fails(&["compare", "table", "/dev/zero"], &["longer than 16 MiB"]);
    fails(&["replay", "/dev/null", "--elf", "/dev/zero", "--firmware", "cart-pole"], &["no regular file"]);
    // A quoted field without an end, and endless blank lines.
    says(&piped(&["sample", "-"], &[b"0,1\n\"2", &b"\n".repeat(20 << 20)[..]].concat()), &["longer than 16 MiB"]);
    says(&piped(&["sample", "-"], &b"\n".repeat(20 << 20)), &["longer than 16 MiB"]);
    // Long lines are read at every buffer size.
    let row = "0.5,".repeat(100_000) + "0.5\n";
    assert!(piped(&["sample", "-"], row.repeat(3).as_bytes()).status.success());
    assert!(!out.exists());
}

#[test]
fn heads_of_csv() {
    let folder = folder("heads");
    let file = folder.join("x.csv");
    let word = file.to_str().unwrap();
    let (rows, none): (_, &[&str]) = (|n: usize| "0\n".repeat(n), &[]);
    for (text, words, expected) in [
        // A line of names is a head, also with a missing name.
        ("a,b\n0,-inf\n", none, Ok(rows(1))),
        ("a,NA\n0,-inf\n", none, Ok(rows(1))),
        // Words for missing values are not names.
        ("NA,NA\n0,-inf\n", none, Err("x.csv: line 1: only missing values; take the line out")),
        ("n/a,\n0,-inf\n", none, Err("x.csv: line 1: only missing values")),
        ("NA,NA\n0,-inf\n", &["--header"], Ok(rows(1))),
        ("NA,NA\n0,-inf\n", &["--no-header"], Err("line 1, column 1: `NA` is not a number")),
        (
            "0,-inf\nNA,0\n",
            none,
            Err("line 2, column 1: `NA` is not a number in single precision; the value is missing"),
        ),
        // A line of numbers is a row, unless `--header` is given.
        ("1,-inf\n0,-inf\n", none, Ok(rows(2))),
        ("1,-inf\n0,-inf\n", &["--header"], Ok(rows(1))),
        ("a,b\n0,-inf\n", &["--no-header"], Err("line 1, column 1: `a` is not")),
        (
            "0,x\n0,-inf\n",
            none,
            Err("line 1, column 2: `x` is not a number in single precision; if the line is a head"),
        ),
        ("nan,nan\n0,-inf\n", none, Err("line 1, column 1: NaN, a logit must be finite")),
        ("a,b\n", none, Err("no line of numbers, at least one is needed; the only line is taken as a head")),
        ("a,b\n0,1,2\n", none, Err("line 2, column 3: too much, the head has 2 columns")),
        // The index of pandas, with and without a name, and the row names of R.
        (
            ",a,b\n0,0,-inf\n",
            none,
            Err("line 1, column 1: a column without a name, as pandas writes its index; write the \
                                        table with `to_csv(index=False)`, or choose columns: --columns 2-3"),
        ),
        (",0,1\n0,0,-inf\n", none, Err("as pandas writes its index")),
        ("\"\",\"a\",\"b\"\n\"1\",0,-inf\n", none, Err("as pandas writes its index")),
        (",a,b\n0,0,-inf\n", &["--columns", "2-3"], Ok(rows(1))),
        (",0,1\n0,0,-inf\n", &["--columns", "2-"], Ok(rows(1))),
        (",1\n0,1\n", none, Err("line 1, column 1: `` is not a number")),
    ] {
        fs::write(&file, text).unwrap();
        let words = [&["sample", word], words].concat();
        match expected {
            Ok(expected) => assert_eq!(succeeds(&words), expected, "{text:?}"),
            Err(said) => fails(&words, &[said]),
        }
    }
    fails(&["sample", word, "--header", "--no-header"], &["cannot be used with"]);
}

#[test]
fn delimiters_and_columns() {
    let folder = folder("delimiters");
    let file = folder.join("x.csv");
    let word = file.to_str().unwrap();
    for (text, words, expected) in [
        ("0;-inf\n", &["--delimiter", ";"][..], Ok("0\n")),
        (
            "0;-inf\n",
            &[],
            Err("line 1, column 1: `0;-inf` is not a number in single precision; say what stands between \
                               the fields: --delimiter ';'"),
        ),
        ("a;b\n0;-inf\n", &[], Err("line 2, column 1: `0;-inf` is not a number in single precision; say what stands")),
        ("a\tb\r\n-inf\t0\r\n", &["--delimiter", "tab"], Ok("1\n")),
        ("0\t1\n", &[], Err("--delimiter tab")),
        ("0 1\n", &[], Err("--delimiter ' '")),
        ("-inf 0\n", &["--delimiter", " "], Ok("1\n")),
        ("0|1\n", &[], Err("--delimiter '|'")),
        (
            "0,5;1\n",
            &["--delimiter", ";"],
            Err("`0,5` is not a number in single precision; write decimals with a point"),
        ),
        ("0,1\n", &["--delimiter", ";"], Err("write decimals with a point")),
        ("0,1\n", &["--delimiter", "tab"], Err("--delimiter ','")),
        ("0,1\n", &["--delimiter", "x"], Err("one character that is no part of a number")),
        ("0,1\n", &["--delimiter", ",,"], Err("one character")),
        ("id,a,b\n7,-inf,0\n", &["--columns", "2-3"], Ok("1\n")),
        ("x,0,-inf\ny,0,-inf\n", &["--columns", "3,2"], Ok("1\n1\n")),
        ("x,0,-inf\n", &["--columns", "2-,1"], Err("line 1, column 1: `x` is not")),
        ("0,1,2\n", &["--columns", "2-4"], Err("--columns 2-4: there is no column 4, the table has 3")),
        ("0,1,2\n", &["--columns", "2,1-3"], Err("--columns 2,1-3: column 2 is there twice")),
        ("0,1,2\n", &["--columns", "0"], Err("numbers from 1, or ranges of them")),
        ("0,1,2\n", &["--columns", "3-2"], Err("numbers from 1")),
        // Errors name the columns of the file.
        ("a,b,c\n0,1,nan\n", &["--columns", "3"], Err("line 2, column 3: NaN, a logit must be finite")),
    ] {
        fs::write(&file, text).unwrap();
        let words = [&["sample", word], words].concat();
        match expected {
            Ok(expected) => assert_eq!(succeeds(&words), expected, "{text:?}"),
            Err(said) => fails(&words, &[said]),
        }
    }
    let array = folder.join("x.npy");
    fs::write(&array, npy(1, 2, &[0.0, 1.0])).unwrap();
    fails(&["sample", array.to_str().unwrap(), "--columns", "1"], &["chooses columns of CSV", "`x[:, 1:]`"]);
    fails(&["sample", "--noise", "normal", "--columns", "1-2"], &["without logits it must be one number"]);
    assert_eq!(succeeds(&["sample", "--noise", "normal", "--rows", "2"]).lines().count(), 2);
    // The selection of columns applies only to the first of several tables.
    fs::write(&file, "id,a,b\n7,0,1\n").unwrap();
    let noise = folder.join("noise.csv");
    fs::write(&noise, "0.5,0.25\n").unwrap();
    let words = ["relax", word, "--columns", "2-3", "--noise", noise.to_str().unwrap()];
    assert_eq!(succeeds(&words).split(',').count(), 2);
}

#[test]
fn labels_that_do_not_count_from_0() {
    let folder = folder("labels");
    let rows = |labels: &[u32]| -> String {
        (0..60).map(|row| format!("{},{},{}\n", row % 7, row % 5, labels[row % labels.len()])).collect()
    };
    let file = folder.join("x.csv");
    let train = |out: &Path, words: &[&str]| -> Vec<String> {
        let base = ["train", file.to_str().unwrap(), "--passes", "1", "--json", "--out", out.to_str().unwrap()];
        [&base[..], words].concat().into_iter().map(str::to_owned).collect()
    };
    let out = folder.join("out");
    let refuses = |words: &[&str], said: &str| {
        let words = train(&out, words);
        fails(&words.iter().map(String::as_str).collect::<Vec<_>>(), &[said]);
    };
    let classes = |words: &[&str], expected: u64| {
        let words = train(&out, words);
        let printed = succeeds(&words.iter().map(String::as_str).collect::<Vec<_>>());
        let value: serde_json::Value = serde_json::from_str(&printed).unwrap();
        assert_eq!(value["classes"], expected);
    };
    fs::write(&file, rows(&[1, 2, 3])).unwrap();
    refuses(
        &[],
        "x.csv: the classes are 1 to 3, and no row has class 0: classes count from 0; subtract 1 from every label, or if some \
         do not occur here, say how many there are, such as --classes 4",
    );
    fails(&["fleet", file.to_str().unwrap()], &["no row has class 0"]);
    classes(&["--classes", "4"], 4);
    classes(&["--classes", "9"], 9);
    refuses(&["--classes", "3"], "class 3, with --classes 3 they are 0 to 2");
    refuses(&["--classes", "65"], "--classes");
    fs::write(&file, rows(&[0, 1, 3])).unwrap();
    refuses(&[], "the classes are 0 to 3, and no row has class 2");
    // The class in the first column, and the index of pandas.
    let table: String = (0..60).map(|row| format!("{row},{},{}.5\n", row % 2, row % 5)).collect();
    fs::write(&file, format!(",class,x\n{table}")).unwrap();
    refuses(&[], "as pandas writes its index");
    classes(&["--columns", "3,2"], 2);
    refuses(&["--columns", "2,3"], "line 2, column 3: 0.5 is no class");
    fs::write(&file, rows(&[0, 1])).unwrap();
    refuses(&["--labels", file.to_str().unwrap()], "x.csv: 3 columns; keep only that of the labels");
    classes(&[], 2);
}
