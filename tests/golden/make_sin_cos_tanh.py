"""The golden file of sine, cosine, tanh and the logarithm of the derivative of tanh.

`python3 make_sin_cos_tanh.py` writes sin_cos_tanh.jsonl beside itself. Needs mpmath. Inputs are exact f32. The results are
computed with 120 digits, which is enough to reduce the largest f32 by multiples of pi, and rounded to f64 once.
"""

import random
import struct

import mpmath
from arrays import array, write_suite
from mpmath import mpf

mpmath.mp.dps = 120
SIZE = 24


def of_bits(bits):
    return struct.unpack(">f", struct.pack(">I", bits))[0]


def bits_of(x):
    return struct.unpack(">I", struct.pack(">f", x))[0]


def beside(x):
    """The float nearest to x, and its neighbours."""
    return [of_bits(bits_of(float(x)) + step) for step in (-1, 0, 1)]


def near_quarter_turns(exponent):
    """A float of this exponent, close to a multiple of pi/2."""
    # Multiples of the denominators of continued fractions of the quarter turns in a unit in the last place.
    turns = 2 / mpmath.pi * mpf(2) ** (exponent - 23)
    rest, denominator, before, found = turns, 1, 0, []
    while denominator < 2**24:
        m = denominator * -(-(2**23) // denominator)
        if m < 2**24:
            found.append((abs(m * turns - mpmath.nint(m * turns)), m))
        rest = 1 / (rest - mpmath.floor(rest))
        denominator, before = int(mpmath.floor(rest)) * denominator + before, denominator
    return min(found)[1] * 2.0 ** (exponent - 23)


def inputs():
    draw = random.Random(20261130)
    yield "small", [0.0, -0.0, of_bits(1), of_bits(0x7FFFFF), -of_bits(0x800000)] + [
        draw.choice([-1, 1]) * 2.0 ** draw.uniform(-100, -1) for _ in range(SIZE - 5)
    ]
    for tag, scale in [("one turn", 3.2), ("several turns", 40.0), ("many turns", 3217.0), ("1e6", 1e6)]:
        yield tag, [draw.uniform(-scale, scale) for _ in range(SIZE)]
    yield "any exponent", [draw.choice([-1, 1]) * 2.0 ** draw.uniform(11, 127) for _ in range(SIZE)]
    # The changes of form: polynomials of tanh and of its logarithm, an eighth of a turn, parts or bits of pi/2, the
    # last tanh below 1, the last exponential above 0.
    edges = [0.625, 0.75, mpmath.pi / 4, 3217.0, 9.01, 51.97, mpmath.log(2), 1.0]
    yield "edges", [x for edge in edges for x in beside(edge)]
    for first in range(1, 25, 8):
        yield "quarter turns", [x for k in range(first, first + 8) for x in beside(k * mpmath.pi / 2)]
    for first in range(8, 128, SIZE):
        yield "near quarter turns", [near_quarter_turns(first + i) for i in range(SIZE)]
    # 16367173 2^72 is the float nearest to a multiple of pi/2, by 1.6e-9.
    hardest = [16367173 * 2.0**72, of_bits(0x7F7FFFFF), -of_bits(0x7F7FFFFF), 2.0**127, of_bits(0x7F7FFFFE)]
    yield "largest", hardest + [2.0**e for e in range(12, 126, 6)]


def derivative(x):
    if x == 0:
        return mpf(0)
    # e^(-2|x|) vanishes where it is below the last digit.
    a = abs(x)
    return 2 * (mpmath.log(2) - a - mpmath.log1p(mpmath.exp(-2 * a))) if a > 1 else -2 * mpmath.log(mpmath.cosh(a))


def cases():
    for tag, x in inputs():
        x = [of_bits(bits_of(x)) for x in x]
        assert len(x) == SIZE, (tag, len(x))
        functions = {"sin": mpmath.sin, "cos": mpmath.cos, "tanh": mpmath.tanh, "ln_tanh_derivative": derivative}
        outputs = {name: array("f64", [float(function(mpf(x))) for x in x]) for name, function in functions.items()}
        yield [tag], {"x": array("f32", x)}, outputs


write_suite(
    __file__,
    "sin_cos_tanh",
    "sin x, cos x, tanh x, ln(1 - tanh(x)^2)",
    {"x": "f32[N]", "sin,cos,tanh,ln_tanh_derivative": "f64[N]"},
    cases(),
    digits=120,
)
