"""Golden values of 50-digit arithmetic, within the bounds of the tests of the core."""

import json
from pathlib import Path

import numpy as np
import samplegrad
from numpy.typing import NDArray

GOLDEN = Path(__file__).parents[3] / "tests/golden/gumbel_softmax.jsonl"


Case = dict[str, dict[str, dict[str, list[str]]]]


def cases() -> list[Case]:
    lines = [json.loads(line) for line in GOLDEN.read_text().splitlines()[1:]]
    assert len(lines) == 57
    return lines


def f32(array: dict[str, list[str]]) -> NDArray[np.float32]:
    return np.array([int(word, 16) for word in array["hex"]], dtype=np.uint32).view(np.float32)


def f64(array: dict[str, list[str]]) -> NDArray[np.float64]:
    return np.array([int(word, 16) for word in array["hex"]], dtype=np.uint64).view(np.float64)


def test_gumbel_softmax_and_its_vjp() -> None:
    for case in cases():
        given, due = case["in"], case["out"]
        logits, noise, cotangent, tau = f32(given["logits"]), f64(due["g"]), f32(given["cot"]), float(f32(given["tau"])[0])
        y = samplegrad.gumbel_softmax_with_noise(logits, tau, noise.astype(np.float32))
        gradient = samplegrad.gumbel_softmax_vjp(y, cotangent, tau)

        # A rounding error of z, some units in its last place, divided by tau, is a relative error of y. Exponential,
        # sum and product add some units in the last place of y.
        z = logits.astype(np.float64) + noise
        error = np.expm1(4 * (np.abs(z[np.isfinite(z)]).max() + 1) * 2.0**-23 / tau) + (len(z) + 4) * 2.0**-23
        np.testing.assert_array_less(np.abs(y - f64(due["y"])), error * f64(due["y"]) + 1e-36, err_msg=case["id"])
        # This error enters the gradient through y and through <y, cotangent>.
        share = np.abs(cotangent) + f64(due["y"]) @ np.abs(cotangent)
        bound = 3 * error * f64(due["y"]) * share / tau + 1e-33 / tau
        np.testing.assert_array_less(np.abs(gradient - f64(due["vjp_logits"])), bound, err_msg=case["id"])
