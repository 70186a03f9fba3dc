"""Golden files of relaxed densities near corners, edges and centres of the simplex, where the plain formulas cancel.

`python3 make_corners.py` writes binary_concrete_corners.jsonl, concrete_corners.jsonl and exp_concrete_corners.jsonl beside
itself. Needs mpmath. Inputs are exact f32. Outputs are computed with 60 digits and rounded to f64 once.
"""


import mpmath
from arrays import array, single, write_suite
from mpmath import mpf

mpmath.mp.dps = 60
NONE = float("-inf")


def binary(logit, tau, y):
    l, t, y = mpf(logit), mpf(tau), mpf(y)
    x, w = mpmath.log(y), mpmath.log(1 - y)
    s = 1 / (1 + mpmath.exp(-(l - t * x + t * w)))
    larger = max(l - t * x, -t * w)
    lse = larger + mpmath.log(mpmath.exp(l - t * x - larger) + mpmath.exp(-t * w - larger))
    return {
        "logp": mpmath.log(t) + l - (t + 1) * (x + w) - 2 * lse,
        "dlogp_dlogit": 1 - 2 * s,
        "dlogp_dtau": 1 / t - (x + w) + 2 * (s * x + (1 - s) * w),
        "dlogp_dyq": (t * (2 * s - 1) - 1) / y + (t * (2 * s - 1) + 1) / (1 - y),
    }


def classes(logits, tau, x, y=None):
    """Returns the log-density of y if `y` is given, otherwise of x = ln y, and its derivatives."""
    t, possible = mpf(tau), [k for k, l in enumerate(logits) if l > NONE]
    count = len(possible)
    e = {k: mpf(logits[k]) - t * x[k] for k in possible}
    largest = max(e.values())
    total = sum(mpmath.exp(e[k] - largest) for k in possible)
    lse = largest + mpmath.log(total)
    s = {k: mpmath.exp(e[k] - lse) for k in possible}
    logp = mpmath.loggamma(count) + (count - 1) * mpmath.log(t) + sum(e.values()) - count * lse
    by = {k: t * (count * s[k] - 1) for k in possible}
    if y is not None:
        logp -= sum(x[k] for k in possible)
        by = {k: (by[k] - 1) / y[k] for k in possible}
    every = range(len(logits))
    return {
        "logp": logp,
        "dlogits": [1 - count * s[k] if k in s else mpf(0) for k in every],
        "dy" if y is not None else "dx": [by.get(k, mpf(0)) for k in every],
        "dtau": (count - 1) / t + sum((count * s[k] - 1) * x[k] for k in possible),
    }


def outputs(results):
    return {name: array("f64", x) for name, x in results.items()}


def binary_cases():
    points = [1e-42, 1e-30, 1e-10, 0.3, 0.49999, 0.999, 1 - 2**-24]
    for logit in [-3.0, 0.0, 12.0]:
        for tau in [1.0, 0.5, 2.0, 1 + 2**-23, 0.01, 100.0]:
            for y in points:
                logit, tau, y = single(logit), single(tau), single(y)
                inputs = {"logit": array("f32", logit), "tau": array("f32", tau), "yq": array("f32", y)}
                yield ["corner" if y < 0.1 or y > 0.9 else "centre"], inputs, outputs(binary(logit, tau, y))


def simplex():
    small = [1e-42, 1e-30, 1e-7]
    for k in [1, 2, 3, 4, 10]:
        equal = [0.0] * k
        spread = [0.5 * (7 * i % 5) - 1.0 for i in range(k)]
        taus = {1.0, 50.0, 0.05, 1 / max(k - 1, 1)}
        for logits in [equal, spread] if k > 1 else [spread]:
            for tau in sorted(taus):
                for i, y in enumerate(small):
                    # One coordinate alone is small: a corner of s.
                    point = [(1 - y) / max(k - 1, 1)] * k
                    point[i % k] = y
                    yield "corner", logits, tau, point
                # All coordinates but one are small, at different rates: a corner of the simplex.
                yield "vertex", logits, tau, [1e-12 * 3**i for i in range(k - 1)] + [1.0]
                yield "centre", logits, tau, [1 / k * (1 + 0.01 * i) for i in range(k)]
    yield "issue", [1.0, 0.0], 1.0, [1e-7, 1.0]
    for tau in [1.0, 0.5, 2.0]:
        yield "masked", [0.5, NONE, -0.25], tau, [1e-9, 0.0, 1.0]
        yield "masked", [NONE, 0.5, 2.0, -0.25], tau, [0.0, 0.3, 1e-20, 0.7]


def point_cases():
    for tag, logits, tau, y in simplex():
        logits, tau, y = [single(l) for l in logits], single(tau), [single(y) for y in y]
        x = [mpmath.log(mpf(y)) if y > 0 else None for y in y]
        inputs = {"logits": array("f32", logits), "y": array("f32", y), "tau": array("f32", tau)}
        yield [tag], inputs, outputs(classes(logits, tau, x, [mpf(y) for y in y]))


def logarithm_cases():
    for tag, logits, tau, y in simplex():
        if len(logits) > 3:
            continue
        logits, tau = [single(l) for l in logits], single(tau)
        x = [single(float(mpmath.log(mpf(y)))) if y > 0 else NONE for y in y]
        inputs = {"logits": array("f32", logits), "x": array("f32", x), "tau": array("f32", tau)}
        yield [tag], inputs, outputs(classes(logits, tau, [mpf(x) for x in x]))


write_suite(
    __file__,
    "binary_concrete_corners",
    "as binary_concrete",
    {"logit,tau,yq": "f32", "logp,dlogp_dlogit,dlogp_dtau,dlogp_dyq": "f64"},
    binary_cases(),
)
write_suite(
    __file__,
    "concrete_corners",
    "as concrete_logprob; a masked class (logit -inf) has y = 0 and no share",
    {"logits,y": "f32[K]", "tau": "f32", "logp": "f64", "dlogits,dy": "f64[K]", "dtau": "f64"},
    point_cases(),
)
write_suite(
    __file__,
    "exp_concrete_corners",
    "as exp_concrete_logprob; a masked class (logit -inf) has x = -inf and no share",
    {"logits,x": "f32[K]", "tau": "f32", "logp": "f64", "dlogits,dx": "f64[K]", "dtau": "f64"},
    logarithm_cases(),
)
