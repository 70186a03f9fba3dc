"""The golden files of networks: one step of a network along a trace, and the bounded actions.

`python3 make_networks.py` writes network_step.jsonl and bounded_heads.jsonl beside itself. Needs mpmath. Inputs are exact f32. Outputs are
computed with 60 digits and rounded to f64 once.
"""

import random

import mpmath
from arrays import array, single, write_suite
from mpmath import mpf

mpmath.mp.dps = 60
D, M, K = 3, 4, 2
EPSILON = mpf(float.fromhex("0x1.4f8b58p-17"))  # the float nearest to 1e-5
LEAK = mpf(float.fromhex("0x1.47ae14p-7"))  # the float nearest to 0.01
DECAY = mpf(0.75)
OVERSHOOT = mpf(2)


def forward(w, x):
    """The outputs of a dense layer, a layer normalisation, a leaky rectifier and a dense layer."""
    at = iter(w)
    w1 = [[next(at) for _ in range(M)] for _ in range(D)]
    b1 = [next(at) for _ in range(M)]
    w2 = [[next(at) for _ in range(K)] for _ in range(M)]
    b2 = [next(at) for _ in range(K)]
    z = [b1[k] + sum(x[d] * w1[d][k] for d in range(D)) for k in range(M)]
    mean = sum(z) / M
    scale = 1 / mpmath.sqrt(sum((z - mean) ** 2 for z in z) / M + EPSILON)
    h = [(z - mean) * scale for z in z]
    h = [h if h >= 0 else LEAK * h for h in h]
    return [b2[k] + sum(h[d] * w2[d][k] for d in range(M)) for k in range(K)]


def derivative(f, x, k):
    """The central difference with 30 correct digits."""
    step = mpf(10) ** -20
    at = list(x)
    at[k] = x[k] + step
    above = f(at)
    at[k] = x[k] - step
    return (above - f(at)) / (2 * step)


def steps():
    draw = random.Random(20261130)
    count = D * M + M + M * K + K
    numbers = lambda n, scale: [single(draw.uniform(-scale, scale)) for _ in range(n)]
    for scale in [0.1, 1.0, 10.0, 1000.0]:
        for error in [0.0, -0.25, 3.0, -1e4]:
            w, x = numbers(count, scale), numbers(D, draw.choice([1.0, 5.0]))
            c, trace = numbers(K, 1.0), numbers(count, draw.choice([0.01, 1.0, 20.0]))
            exact = [mpf(w) for w in w]
            product = lambda w, x: sum(mpf(c) * y for c, y in zip(c, forward(w, x)))
            inputs = [mpf(x) for x in x]
            by_x = [derivative(lambda x: product(exact, x), inputs, d) for d in range(D)]
            by_w = [derivative(lambda w: product(w, inputs), exact, k) for k in range(count)]
            moved = [DECAY * mpf(z) + g for z, g in zip(trace, by_w)]
            reach = OVERSHOOT * max(abs(mpf(error)), 1) * sum(abs(z) for z in moved)
            factor = mpf(error) / max(reach, 1)
            yield (
                ["normal"],
                {"w": array("f32", w), "x": array("f32", x), "c": array("f32", c), "z": array("f32", trace), "error": array("f32", [error])},
                {
                    "y": array("f64", forward(exact, inputs)),
                    "by_x": array("f64", by_x),
                    "new_z": array("f64", moved),
                    "new_w": array("f64", [w + factor * z for w, z in zip(exact, moved)]),
                },
            )


def squashed(o, a):
    mean, log_std = o
    std = mpmath.exp(log_std)
    noise = (mpmath.atanh(a) - mean) / std
    return [noise / std, noise**2 - 1], [-2 * mpmath.tanh(mean), mpf(1)]


def beta(o, x):
    shape = [1 + mpmath.log1p(mpmath.exp(o)) for o in o]
    slope = [1 / (1 + mpmath.exp(-o)) for o in o]
    total = sum(shape)
    score = [
        (mpmath.log(x) - mpmath.digamma(shape[0]) + mpmath.digamma(total)) * slope[0],
        (mpmath.log1p(-x) - mpmath.digamma(shape[1]) + mpmath.digamma(total)) * slope[1],
    ]
    common = (total - 2) * mpmath.psi(1, total)
    return score, [(common - (a - 1) * mpmath.psi(1, a)) * s for a, s in zip(shape, slope)]


def heads():
    draw = random.Random(20261201)
    for number, head in enumerate([squashed, beta]):
        for scale in [0.5, 2.0]:
            for _ in range(8):
                o = [single(draw.uniform(-scale, scale)) for _ in range(2)]
                a = single(draw.uniform(-0.999, 0.999) if number == 0 else draw.uniform(0.001, 0.999))
                score, entropy = head([mpf(o) for o in o], mpf(a))
                yield (
                    ["normal"],
                    {"head": {"t": "i64", "shape": [], "dec": [number]}, "o": array("f32", o), "a": array("f32", [a])},
                    {"score": array("f64", score), "dH": array("f64", entropy)},
                )


write_suite(
    __file__,
    "network_step",
    "network 3-4-2 with layer normalisation and leaky rectifier; z <- 0.75 z + gradient of c.y; w <- w + error z / max(1, 2 max(|error|, 1) sum|z|)",
    {"w,z": "f32[26], first layer, weights then biases, then second", "x": "f32[3]", "c": "f32[2]", "error": "f32", "y": "f64[2]", "by_x": "f64[3]", "new_z,new_w": "f64[26]"},
    steps(),
)
write_suite(
    __file__,
    "bounded_heads",
    "head 0: a = tanh(o_0 + exp(o_1) noise); head 1: beta with shapes 1 + ln(1 + exp(o)); score in o, gradient of the entropy (head 0: at noise 0)",
    {"head": "i64", "o": "f32[2]", "a": "f32", "score,dH": "f64[2]"},
    heads(),
)
