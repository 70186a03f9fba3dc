"""The golden file of local expectation gradients for up to three categorical variables.

`python3 make_local_expectation.py` writes local_expectation.jsonl beside itself. Needs mpmath. Inputs are exact f32. The
gradient is the double sum of its definition, computed with 60 digits and rounded to f64 once. The core computes a
vector-Jacobian product instead.
"""

import random
from math import prod

import mpmath
from arrays import array, single, write_suite
from mpmath import mpf

mpmath.mp.dps = 60
NONE = float("-inf")


def probabilities(logits):
    weights = [mpmath.exp(mpf(l)) if l > NONE else mpf(0) for l in logits]
    return [w / sum(weights) for w in weights]


def place(x, sizes):
    """The index of a value in the table; the first variable changes fastest."""
    index = 0
    for value, size in reversed(list(zip(x, sizes))):
        index = index * size + value
    return index


def estimate(sizes, logits, x, f):
    gradient, first = [], 0
    for i, size in enumerate(sizes):
        p = probabilities(logits[first : first + size])
        own = [mpf(0)] * size
        for k in range(size):
            if p[k] == 0:
                continue
            cost = mpf(f[place([*x[:i], k, *x[i + 1 :]], sizes)])
            for j in range(size):
                own[j] += p[k] * cost * ((1 if j == k else 0) - p[j])
        gradient += own
        first += size
    return mpf(f[place(x, sizes)]), gradient


def cases():
    draw = random.Random(20261130)
    for sizes in [[1], [2], [8], [2, 2], [3, 4], [3, 2, 2], [2, 3, 4]]:
        for scale, masked in [(1.0, False), (4.0, False), (20.0, False), (2.0, True)]:
            logits = [single(draw.uniform(-scale, scale)) for _ in range(sum(sizes))]
            x, first = [], 0
            for size in sizes:
                if masked and size > 1:
                    logits[first + draw.randrange(size)] = NONE
                x.append(draw.choice([k for k in range(size) if logits[first + k] > NONE]))
                first += size
            f = [single(draw.uniform(-3, 3)) for _ in range(prod(sizes))]
            mean, gradient = estimate(sizes, logits, x, f)
            integers = lambda x: {"t": "i64", "shape": [len(x)], "dec": x}
            yield (
                ["masked" if masked else "normal"],
                {"sizes": integers(sizes), "logits": array("f32", logits), "x": integers(x), "f": array("f32", f)},
                {"mean": array("f64", float(mean)), "gradient": array("f64", [float(g) for g in gradient])},
            )


write_suite(
    __file__,
    "local_expectation",
    "sum_i sum_k p_i(k) f(x with x_i = k) grad ln p_i(k) at a sample x of variables of the given sizes",
    {"sizes,x": "i64[V]", "logits": "f32[K]", "f": "f32[prod sizes]", "mean": "f64", "gradient": "f64[K]"},
    cases(),
)
