"""Compares Python's results bit for bit with Rust's results, which `cargo xtask test python` writes."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import samplegrad
from numpy.typing import NDArray

ROWS, CLASSES, SAMPLES, STREAMS = 37, 10, 3, 29
Array = NDArray[np.float32] | NDArray[np.uint32]


def expected() -> dict[str, Array]:
    """Reads lines of a name, a type, a shape and words in hexadecimal."""
    told: dict[str, Array] = {}
    for line in Path(os.environ["SAMPLEGRAD_EXPECTED"]).read_text().splitlines():
        name, kind, shape, *words = line.split()
        bits = np.array([int(word, 16) for word in words], dtype=np.uint32)
        dimensions = [int(length) for length in shape.split("x")]
        told[name] = (bits.view(np.float32) if kind == "f32" else bits).reshape(dimensions)
    return told


def results(threads: samplegrad.Threads | None, in_place: bool) -> dict[str, Array]:
    """Runs the operations of the step in Rust, in the same order."""

    def room(*shape: int) -> NDArray[np.float32] | None:
        return np.full(shape, np.nan, dtype=np.float32) if in_place else None

    def words(*shape: int) -> NDArray[np.uint32] | None:
        return np.full(shape, 99, dtype=np.uint32) if in_place else None

    of_classes, of_rows = (ROWS, CLASSES), (ROWS,)
    streams = samplegrad.Streams(2026, STREAMS)
    logits = ((np.arange(ROWS * CLASSES) % 23).astype(np.float32) * np.float32(0.5) - np.float32(4)).reshape(of_classes)
    logits[::5, 4] = -np.inf
    told: dict[str, Array] = {}
    for kind in ("uniform", "exponential", "gumbel", "logistic", "normal", "laplace", "cauchy"):
        told[kind] = samplegrad.noise(kind, streams, of_classes, out=room(*of_classes), threads=threads)
    gumbel = told["gumbel"].view(np.float32)
    y = samplegrad.gumbel_softmax(logits, 0.5, streams, out=room(*of_classes), threads=threads)
    cotangent = 2 * y - 1
    told["gumbel-softmax"] = y
    told["vjp"] = samplegrad.gumbel_softmax_vjp(y, cotangent, 0.5, out=room(*of_classes), threads=threads)
    given = samplegrad.gumbel_softmax_with_noise(logits, 2, gumbel, out=room(*of_classes), threads=threads)
    told["with-noise"] = given
    told["vjp-temperature"] = samplegrad.gumbel_softmax_vjp_temperature(
        logits, 2, gumbel, cotangent, out=room(*of_rows), threads=threads
    )
    told["density"] = samplegrad.concrete_log_density(logits, 2, given, out=room(*of_rows), threads=threads)
    told["density-exp"] = samplegrad.concrete_log_density_exp(logits, 2, gumbel, out=room(*of_rows), threads=threads)
    out = (np.zeros_like(logits), np.zeros_like(logits), np.zeros(ROWS, np.float32)) if in_place else None
    gradients = samplegrad.concrete_gradient(logits, 2, given, out=out, threads=threads)
    told.update(zip(("density-by-logits", "density-by-point", "density-by-temperature"), gradients))
    pair = (np.zeros(ROWS, np.uint32), np.zeros_like(logits)) if in_place else None
    told["straight-through"], told["soft"] = samplegrad.straight_through(
        logits, 0.5, streams, out=pair, threads=threads
    )
    told["gumbel-max"] = samplegrad.gumbel_max(logits, streams, out=words(*of_rows), threads=threads)
    drawn = np.stack(
        [samplegrad.inverse_cdf(logits, streams, out=words(*of_rows), threads=threads) for _ in range(SAMPLES)], axis=-1
    )
    told["samples"] = drawn
    advantages = samplegrad.leave_one_out((drawn * drawn).astype(np.float32), out=room(ROWS, SAMPLES))
    told["advantages"] = advantages
    told["score-function"] = samplegrad.score_function(
        logits, drawn, advantages, out=room(*of_classes), threads=threads
    )
    both = (np.zeros_like(logits), np.zeros_like(logits)) if in_place else None
    told["p"], told["log-p"] = samplegrad.probabilities(logits, out=both)
    told["log-prob"] = samplegrad.log_prob(logits, drawn[:, 0].copy(), out=room(*of_rows))
    told["entropy"] = samplegrad.entropy(logits, out=room(*of_rows))
    told["states"] = streams.states()
    told.update(estimates())
    told.update(learned())
    return told


@pytest.mark.parametrize("sizes", [[], [[3, 2]]])
def test_the_error_for_a_wrong_name_lists_every_estimator(sizes: list[Any]) -> None:
    estimate: Callable[..., object] = samplegrad.estimate_categoricals if sizes else samplegrad.estimate_bernoullis
    names = samplegrad.CLASSES_ESTIMATORS if sizes else samplegrad.BITS_ESTIMATORS
    with pytest.raises(ValueError, match="^estimator: there is no `none`; there are ") as refused:
        estimate("none", np.zeros((1, 5), np.float32), *sizes, None, samplegrad.Streams(1, 1))
    assert str(refused.value).partition("; there are ")[2].split(", ") == list(names)
    assert all(about.endswith((".", ".)")) for about in names.values())


def estimates() -> dict[str, Array]:
    """Estimates the gradient of the squared difference between the sum of the bits and the row number modulo 4."""
    bits, streams = 5, samplegrad.Streams(7, STREAMS)
    logits = ((np.arange(ROWS * bits) % 17).astype(np.float32) * np.float32(0.25) - np.float32(2)).reshape(ROWS, bits)

    def cost(b: NDArray[np.float32], rows: NDArray[np.uintp]) -> NDArray[np.float32]:
        assert b.shape == (len(rows), bits) and 0 < len(rows) <= 16
        off: NDArray[np.float32] = b.sum(axis=1) - (rows % 4).astype(np.float32)
        return off * off

    told: dict[str, Array] = {}
    for kind in samplegrad.BITS_ESTIMATORS:
        told[f"{kind}-mean"], told[f"{kind}-gradient"] = samplegrad.estimate_bernoullis(kind, logits, cost, streams)
    told["states-after-estimates"] = streams.states()

    sizes = [3, 2]

    def of_classes(x: NDArray[np.uint32], rows: NDArray[np.uintp]) -> NDArray[np.float32]:
        assert x.shape == (len(rows), len(sizes)) and x.dtype == np.uint32
        off: NDArray[np.float32] = (x[:, 0] * 2 + x[:, 1]).astype(np.float32) - (rows % 4).astype(np.float32)
        return off * off

    for name in samplegrad.CLASSES_ESTIMATORS:
        mean, gradient = samplegrad.estimate_categoricals(name, logits, sizes, of_classes, streams)
        told[f"{name}-of-classes-mean"], told[f"{name}-of-classes-gradient"] = mean, gradient
    told["states-after-classes"] = streams.states()
    return told


def learned() -> dict[str, Array]:
    """Runs eleven devices that learn which of three actions is rewarded, with two baselines."""
    told: dict[str, Array] = {}
    allowed = np.ones((11, 3), dtype=np.bool_)
    allowed[::4, 1] = False
    for name, baseline in (("model", {"model_rate": 0.125}), ("average", {"decay": 0.875})):
        learners = samplegrad.Learners(2, 3, 11, seed=2026, first=100, rate=0.25, entropy_bonus=0.0625, **baseline)
        for step in range(100):
            features = np.array([[1, (step + number) % 5 - 2] for number in range(11)], dtype=np.float32)
            actions = learners.act(features, allowed=allowed)
            learners.learn((actions == np.where(features[:, 1] > 0, 2, 0)).astype(np.float32))
        policies = [learners.policy(number) for number in range(11)]
        told[f"{name}-weights"] = np.stack([weights for weights, _ in policies])
        told[f"{name}-bias"] = np.stack([bias for _, bias in policies])
    return told


@pytest.mark.parametrize("threads", [None, 1, 2])
@pytest.mark.parametrize("in_place", [False, True])
def test_results_are_rusts_bit_for_bit(threads: int | None, in_place: bool) -> None:
    ours = results(samplegrad.Threads(threads) if threads else None, in_place)
    theirs = expected()
    assert list(ours) == list(theirs)
    for name, array in theirs.items():
        assert ours[name].dtype == array.dtype, name
        np.testing.assert_array_equal(ours[name].view(np.uint32), array.view(np.uint32), err_msg=name)
