//! Recorded digests of every operation. Other tests compare lanes and devices with each other; this test finds a change
//! that affects all of them equally.

use std::fs;

use samplegrad_conformance::digest::digest_stream;
use samplegrad_tests::golden;

/// Draws of each operation.
const DRAWS: u32 = 500;

const AGAIN: &str = "if the change is meant, raise the number of changes of bits, list the operations in the changelog, and \
                     write the file anew with SAMPLEGRAD_RECORD_BITS=1";

#[test]
fn every_operation_has_its_recorded_digest() {
    let mut now = format!("# {DRAWS} draws of stream 0\n");
    digest_stream(DRAWS, 0, &mut |name, digest| now += &format!("{:016x} {name}\n", digest.hash(0)));
    let file = golden::folder().join("digest.txt");
    if std::env::var_os("SAMPLEGRAD_RECORD_BITS").is_some() {
        fs::write(&file, &now).unwrap();
    }
    let kept = fs::read_to_string(&file).unwrap();
    let lines = |text: &str| text.lines().map(str::to_owned).collect::<Vec<_>>();
    let (kept, now) = (lines(&kept), lines(&now));
    let other: Vec<_> = now.iter().filter(|line| !kept.contains(line)).collect();
    assert!(other.is_empty(), "other bits than recorded in tests/golden/digest.txt: {other:#?}\n{AGAIN}");
    assert_eq!(kept, now, "{AGAIN}");
}
