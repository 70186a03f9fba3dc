//! The faults: wrong changes that a reader would easily overlook.

/// A wrong change, and the default tier's test program that finds it.
pub struct Fault {
    pub name: &'static str,
    pub file: &'static str,
    pub right: &'static str,
    pub wrong: &'static str,
    /// Arguments of `cargo test`.
    pub test: &'static [&'static str],
}

const RECORDED: &[&str] = &["--package=samplegrad-tests", "--test=golden", "recorded_bits"];
const GOLDEN: &[&str] = &["--package=samplegrad-tests", "--test=golden", "suites"];
const CONTROL: &[&str] = &["--package=samplegrad-tests", "--test=golden", "control"];
const REFUSALS: &[&str] = &["--package=samplegrad-tests", "--test=properties", "refusals"];
const ELEMENTARY: &[&str] = &["--package=samplegrad-host", "--test=elementary_exhaustive"];
const LANES: &[&str] = &["--package=samplegrad-host", "--test=lanes"];
const JUMP: &[&str] = &["--package=samplegrad-host", "--lib", "jump"];
const FUNCTIONS: &[&str] = &["--package=samplegrad-tests", "--test=properties", "elementary"];
const SNAPSHOT: &[&str] = &["--package=samplegrad-snapshot", "--test=form"];

/// Every fault.
pub const FAULTS: [Fault; 17] = [
    Fault {
        name: "sum-from-the-end",
        file: "core/src/arithmetic/reduce.rs",
        right: "x.iter().fold(L::ZERO, |total, &x| total + x)",
        wrong: "x.iter().rev().fold(L::ZERO, |total, &x| total + x)",
        test: RECORDED,
    },
    Fault {
        name: "fused-multiply-add",
        file: "host/src/lanes/elementary.rs",
        right: "s * (half_square + r) + (k * LN2_LO + c) - half_square + f + k * LN2_HI",
        wrong: "let (a, b) = (half_square + r, k * LN2_LO + c);
    L::from_fn(|lane| s.extract(lane).mul_add(a.extract(lane), b.extract(lane))) - half_square + f + k * LN2_HI",
        test: ELEMENTARY,
    },
    Fault {
        name: "wrong-coefficient",
        file: "core/src/noise/normal.rs",
        right: "159.291_13",
        wrong: "159.291_31",
        test: RECORDED,
    },
    Fault {
        name: "wrong-bits-of-pi",
        file: "core/src/arithmetic/trigonometry.rs",
        right: "L::Word::gather(&TWO_OVER_PI, at.wrapping_add(word(8)))",
        wrong: "L::Word::gather(&TWO_OVER_PI, at.wrapping_add(word(9)))",
        test: FUNCTIONS,
    },
    Fault {
        name: "tail-cut-off",
        file: "core/src/noise/uniform.rs",
        right: "let (odd, upper) = unit_log::odd::<L>(k);",
        wrong: "use crate::arithmetic::lane::Word;
    let (odd, upper) = unit_log::odd::<L>(k.shr(8).wrapping_mul(L::Word::splat(256)));",
        test: RECORDED,
    },
    Fault {
        name: "difference-with-other-sign",
        file: "core/src/estimators/antithetic/arm.rs",
        right: "pair.costs[0] - pair.costs[1]",
        wrong: "pair.costs[1] - pair.costs[0]",
        test: GOLDEN,
    },
    Fault {
        name: "own-sample-in-baseline",
        file: "core/src/estimators/baselines/leave_one_out.rs",
        right: "count / (count - 1.0)",
        wrong: "count / count",
        test: GOLDEN,
    },
    Fault {
        name: "temperature-forgotten",
        file: "core/src/relaxations/gumbel_softmax.rs",
        right: "softmax::vjp(y, cotangent, tau.recip(), gradient);",
        wrong: "softmax::vjp(y, cotangent, 1.0, gradient);",
        test: GOLDEN,
    },
    Fault {
        name: "mask-lost-in-gradient",
        file: "core/src/relaxations/perturbed.rs",
        right: "L::select(log_p.equals(L::NEG_INFINITY), L::ZERO, x)",
        wrong: "L::select(log_p.equals(L::NEG_INFINITY), x, x)",
        test: RECORDED,
    },
    Fault {
        name: "mask-lost-in-policy",
        file: "core/src/policies/softmax_head.rs",
        right: "mask.distribution(&logits.map(within_limits))",
        wrong: "{ let _ = mask; ActionMask::all().distribution(&logits.map(within_limits)) }",
        test: RECORDED,
    },
    Fault {
        name: "noise-of-another-class",
        file: "core/src/relaxations/conditional.rs",
        right: "let own = *z - log_p;",
        wrong: "let own = *z + log_p;",
        test: GOLDEN,
    },
    Fault {
        name: "bias-of-adam-left-in",
        file: "core/src/optimizers/adam.rs",
        right: "(B::Lane::ONE - *power, B::Lane::ONE - *power_of_square)",
        wrong: "(B::Lane::ONE - *power, B::Lane::ONE)",
        test: RECORDED,
    },
    Fault {
        name: "reward-unchecked",
        file: "core/src/settings/reward.rs",
        right: "if !(-Self::MAX..=Self::MAX).contains(&value) {",
        wrong: "if value.abs() > Self::MAX {",
        test: REFUSALS,
    },
    Fault {
        name: "lanes-chosen-the-other-way",
        file: "host/src/lanes/arithmetic.rs",
        right: "Self(wide::$wide_float::from_bits(mask.0).bitselect(yes.0, no.0))",
        wrong: "Self(wide::$wide_float::from_bits(mask.0).bitselect(no.0, yes.0))",
        test: LANES,
    },
    Fault {
        name: "jump-one-bit-off",
        file: "host/src/streams/jump.rs",
        right: "if n >> bit & 1 == 1 { product(square, 2) }",
        wrong: "if n >> bit & 1 == 0 { product(square, 2) }",
        test: JUMP,
    },
    Fault {
        name: "checksum-unread",
        file: "core/snapshot/src/form.rs",
        right: "if stored != computed {",
        wrong: "if stored & computed != stored & computed {",
        test: SNAPSHOT,
    },
    Fault {
        name: "half-of-a-coupling",
        file: "core/tasks/src/acrobot.rs",
        right: "(bend_spin * CENTRE + spin * (2.0 * CENTRE))",
        wrong: "(bend_spin * CENTRE + spin * CENTRE)",
        test: CONTROL,
    },
];
