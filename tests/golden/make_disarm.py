"""The golden file of DisARM for one categorical variable, by stick-breaking.

`python3 make_disarm.py` writes disarm_categorical.jsonl beside itself. Needs mpmath. Inputs are exact f32. The
gradient is the gradient in the sticks, from its definition, times the Jacobian of the sticks. It is computed with 60 digits and
rounded to f64 once.
"""

import random

import mpmath
from arrays import array, single, write_suite
from mpmath import mpf

mpmath.mp.dps = 60
NONE = float("-inf")


def sigmoid(x):
    return 1 / (1 + mpmath.exp(-x))


def estimate(logits, u, f):
    k = len(logits)
    weight = [mpmath.exp(mpf(l)) if l > NONE else mpf(0) for l in logits]
    rest = [sum(weight[i + 1 :], mpf(0)) for i in range(k)]

    def stick(i):
        if rest[i] == 0:
            return mpf("inf")
        return mpmath.log(weight[i] / rest[i]) if weight[i] > 0 else mpf("-inf")

    sticks = [stick(i) for i in range(k - 1)]
    one = [1 - mpf(u[i]) < sigmoid(sticks[i]) for i in range(k - 1)]
    other = [mpf(u[i]) < sigmoid(sticks[i]) for i in range(k - 1)]
    first = lambda bits: next((i for i, bit in enumerate(bits) if bit), k - 1)
    z1, z2 = first(one), first(other)
    half = (mpf(f[z1]) - mpf(f[z2])) / 2
    by_stick = []
    for i in range(k - 1):
        p = sigmoid(sticks[i])
        if i <= z1 and i <= z2:
            differ = one[i] != other[i]
            factor = (-1 if other[i] else 1) * sigmoid(abs(sticks[i])) if differ else mpf(0)
        elif i <= z1:
            factor = int(one[i]) - p
        elif i <= z2:
            factor = p - int(other[i])
        else:
            factor = mpf(0)
        by_stick.append(half * factor)
    gradient = []
    for j in range(k):
        g = by_stick[j] if j < k - 1 else mpf(0)
        for i in range(min(j, k - 1)):
            if rest[i] > 0:
                g -= by_stick[i] * weight[j] / rest[i]
        gradient.append(g)
    near = min((abs(mpmath.log(mpf(v) / (1 - mpf(v)))) - abs(s) for v, s in zip(u, sticks)), key=abs, default=mpf(1))
    return z1, z2, gradient, near


def cases():
    draw = random.Random(20261130)
    for k in range(2, 9):
        for scale, masked in [(1.0, 0), (4.0, 0), (20.0, 0), (2.0, 1), (2.0, k - 2)]:
            while True:
                logits = [single(draw.uniform(-scale, scale)) for _ in range(k)]
                for place in draw.sample(range(k), min(masked, k - 1)):
                    logits[place] = NONE
                u = [single(draw.uniform(0.001, 0.999)) for _ in range(k - 1)]
                f = [single(draw.uniform(-3, 3)) for _ in range(k)]
                z1, z2, gradient, near = estimate(logits, u, f)
                # Cases where rounding decides between two classes are left out.
                if abs(near) > 1e-3:
                    break
            integer = lambda x: {"t": "i64", "shape": [], "dec": [x]}
            yield (
                ["masked" if masked else "normal"],
                {"logits": array("f32", logits), "u": array("f32", u), "f": array("f32", f)},
                {"z1": integer(z1), "z2": integer(z2), "gradient": array("f64", [float(g) for g in gradient])},
            )


write_suite(
    __file__,
    "disarm_categorical",
    "one estimate of DisARM for one categorical variable of costs f, by sticks alpha_k = ln p_k - ln sum_{j>k} p_j",
    {"logits,f": "f32[K]", "u": "f32[K-1]", "z1,z2": "i64", "gradient": "f64[K]"},
    cases(),
)
