"""Golden files of the integer path: plain integers, and tables rounded from mpmath at 50 digits.

`python3 make_integer.py` writes integer_*.jsonl beside itself. Written from the documented formulas, not from the code.
All numbers are words: signed ones in two's complement.
"""

import json
import math
import random
from fractions import Fraction
from pathlib import Path

import mpmath

mpmath.mp.dps = 50
TWO32 = 1 << 32
SEED = 20260101


def nearest(x):
    return int(mpmath.floor(x + mpmath.mpf(1) / 2))


EXP2 = [nearest(mpmath.mpf(2) ** (30 - mpmath.mpf(i) / 128)) for i in range(129)]
ENDS = [mpmath.mpf(64 + i + 1) / 64 for i in range(64)]
LOGARITHMS = [nearest((1 - mpmath.log(b, 2)) * 2**27) for b in ENDS]
RECIPROCALS = [nearest(2**31 / (b * mpmath.log(2))) for b in ENDS]
SQUARE = nearest(2**16 * mpmath.log(2) / 2)
CUBE = nearest(2**16 * mpmath.log(2) ** 2 * (mpmath.mpf(1) / 3 + mpmath.mpf(1) / 256))
GUMBEL_OFFSET = nearest(-mpmath.log(mpmath.log(2), 2) * 2**24) - 5 * 2**24


def signed(word):
    return word - TWO32 if word >= 1 << 31 else word


def word(x):
    return x % TWO32


def exp2(d):
    step, inside, whole = d // 512 % 128, d % 512, d // 65536
    start, end = EXP2[step], EXP2[step + 1]
    return (start - (start - end) * inside // 512) >> whole


def log2(x):
    if x < 2:
        return TWO32 - 1
    zeros = 32 - x.bit_length()
    mantissa = x << zeros
    segment = (mantissa - 2**31) // 2**25
    below = 2**31 + (segment + 1) * 2**25 - mantissa
    y = below * 64 * RECIPROCALS[segment] // TWO32
    half = y // 2**15
    slope = half * CUBE // 2**21 + SQUARE
    more = half * (half * slope // 2**16) // 2**6
    return zeros * 2**27 + LOGARITHMS[segment] + (y + more + 2**8) // 2**9


def noise(r):
    u = r // 256 * 256 + 128
    return (log2(log2(u)) + 4) // 8 + GUMBEL_OFFSET


MASKED = -(1 << 31)


def weights_of(logits):
    scale = min(30, int(math.log2((TWO32 - 1) // len(logits))))
    top = max(logits)
    return scale, [exp2((30 - scale) * 65536 + top - l) for l in logits]


def draw(weights, r):
    total = sum(weights)
    assert total < TWO32
    target = r * total // TWO32
    running = 0
    for k, w in enumerate(weights):
        running += w
        if running > target:
            return k
    raise AssertionError


def probabilities(scale, weights):
    total = sum(weights)
    logarithm = max(0, (32 - scale) * 65536 - log2(total) // 2048)
    reciprocal = exp2(logarithm) // 2**14
    return [((w >> (scale - 15)) * reciprocal + 2**14) // 2**15 for w in weights]


def gumbel_max(logits, words):
    top = max(logits)
    keys = [noise(r) - min(top - l, 64 * 65536) * 256 for l, r in zip(logits, words)]
    return keys.index(max(keys))


def policy_logits(W, bias, x):
    logits = []
    for row, b in zip(W, bias):
        for first in range(0, len(x), 8):
            b += sum(w * x for w, x in zip(row[first : first + 8], x[first : first + 8])) // 128
        logits.append(b)
    return logits


LIMIT = 2**21 - 1


def clamp(x, limit):
    return max(-limit, min(limit, x))


def toward_zero(x, shift):
    return x >> shift if x >= 0 else -(-x >> shift)


def learn(state, x, action, scale, weights, r, reward, rate, share):
    W, bias, average = state
    advantage = reward - average
    length = clamp(toward_zero(advantage * rate, 16), 32 * 65536)
    step = []
    for k, p in enumerate(probabilities(scale, weights)):
        score = (65536 if k == action else 0) - p
        step.append(length * score // 2**15)
    dither = r % 256
    W = [[clamp(w + (g * x + dither) // 256, LIMIT) for w, x in zip(row, x)] for row, g in zip(W, step)]
    bias = [clamp(b + (g * 128 + dither) // 256, LIMIT) for b, g in zip(bias, step)]
    return W, bias, average + toward_zero(advantage * share, 16)


class XorShift:
    """Marsaglia 2003, 128 bits."""

    def __init__(self, state):
        self.state = list(state)

    def next(self):
        x, y, z, w = self.state
        t = word(x ^ x << 11)
        w2 = w ^ w >> 19 ^ t ^ t >> 8
        self.state = [y, z, w, w2]
        return w2


def share_of(decay):
    exact = (1 - Fraction(decay)) * 65536
    assert abs(exact % 1 - Fraction(1, 2)) > Fraction(1, 100)
    return math.floor(exact + Fraction(1, 2))


def byte(x):
    return x - 256 if x >= 128 else x


def run(state, steps, rate, share):
    """D = 3 features, K = 4 actions. Per step, one word has features and rewarded action, the next draws the action."""
    rng = XorShift(state)
    learner = ([[0] * 3 for _ in range(4)], [0] * 4, 0)
    hashed = 0x811C9DC5
    for _ in range(steps):
        seen = rng.next()
        x = [byte(seen >> 8 * d & 255) for d in range(3)]
        scale, weights = weights_of(policy_logits(learner[0], learner[1], x))
        r = rng.next()
        action = draw(weights, r)
        reward = 65536 if action == seen >> 30 else 0
        learner = learn(learner, x, action, scale, weights, r, reward, rate, share)
        hashed = (hashed ^ action) * 0x01000193 % TWO32
    return learner, hashed


def ints(x, shape=None):
    x = [word(v) for v in x]
    return {"t": "u32", "shape": [len(x)] if shape is None else shape, "dec": x}


def single(x):
    value = mpmath.mpf(x)
    import struct

    bits = struct.pack(">f", float(value))
    return struct.unpack(">f", bits)[0], {"t": "f32", "shape": [], "hex": [bits.hex()], "dec": [repr(x)]}


def write(suite, formula, columns, cases):
    header = {
        "kind": "header",
        "suite": suite,
        "split": "public",
        "seed": SEED,
        "n_cases": len(cases),
        "formula": formula,
        "columns": columns,
        "notes": "words; signed numbers in two's complement; results must be equal",
        "source": f"plain integers, tables rounded from mpmath {mpmath.__version__} at 50 digits; make_integer.py",
        "precision_bumps": 0,
    }
    lines = [header]
    for number, (tags, inputs, outputs) in enumerate(cases):
        lines.append({"id": f"{suite}/{number:04}", "tags": tags, "in": inputs, "out": outputs})
    text = "".join(json.dumps(line, separators=(",", ":")) + "\n" for line in lines)
    Path(__file__).with_name(f"{suite}.jsonl").write_text(text)


def chunks(x, size):
    return [x[i : i + size] for i in range(0, len(x), size)]


def main():
    random.seed(SEED)
    anything = lambda: random.randrange(TWO32)

    nodes = [i * 512 for i in range(129)]
    edges = [0, 1, 511, 65535, 65536, 65537, 30 << 16, 31 << 16, 32 << 16, 64 << 16, 1 << 31, TWO32 - 1]
    near = [random.randrange(32 << 16) for _ in range(160)]
    cases = [(["table"], d) for d in chunks(nodes, 64)] + [(["edges"], edges)] + [(["random"], d) for d in chunks(near, 80)]
    cases.append((["random"], [anything() for _ in range(80)]))
    write(
        "integer_exp2",
        "2^-d in Q2.30, d in Q16.16: on a line between 128 steps of the table, shifted right by the whole part",
        {"d": "u32[n]", "power": "u32[n]"},
        [(tags, {"d": ints(d)}, {"power": ints(map(exp2, d))}) for tags, d in cases],
    )

    ends = [(64 + i) << 25 for i in range(64)]
    edges = [0, 1, 2, 3, 127, 128, 129, 1 << 16, (1 << 31) - 1, 1 << 31, (1 << 31) + 1, TWO32 - 129, TWO32 - 1]
    below = [x - 1 for x in ends]
    cases = [(["table"], ends), (["table"], below), (["edges"], edges)]
    cases += [(["random"], [anything() >> random.randrange(31) for _ in range(80)]) for _ in range(3)]
    write(
        "integer_log2",
        "-log2(x/2^32) in Q5.27: from the upper end of one of 64 segments, cubic in the distance; the largest word for x < 2",
        {"x": "u32[n]", "logarithm": "u32[n]"},
        [(tags, {"x": ints(x)}, {"logarithm": ints(map(log2, x))}) for tags, x in cases],
    )

    def logit_sets():
        fixed = lambda nats: nearest(mpmath.mpf(nats) / mpmath.log(2) * 65536)
        sets = [(["flat"], [0] * 10), (["one at +6"], [fixed(6)] + [0] * 9), (["one at +12"], [0] * 9 + [fixed(12)])]
        sets.append((["spread"], [fixed(-6 + mpmath.mpf(12) * k / 9) for k in range(10)]))
        sets.append((["far"], [1 << 30, -(1 << 30)] + [1 << 29] * 8))
        sets.append((["masked"], [MASKED if k % 3 else k * 9999 for k in range(10)]))
        sets.append((["masked", "low"], [MASKED] * 9 + [-(1 << 30)]))
        for spread in [1 << 14, 1 << 18, 1 << 20, 1 << 22, 1 << 30]:
            for classes in [2, 2, 10, 10]:
                sets.append((["random"], [random.randrange(-spread, spread) for _ in range(classes)]))
        return sets

    cases = []
    for tags, logits in logit_sets():
        scale, weights = weights_of(logits)
        total = sum(weights)
        r = [0, TWO32 - 1] + [anything() for _ in range(22)]
        running = 0
        for w in weights[:-1]:
            running += w
            # The words on either side of a threshold.
            threshold = -(-running * TWO32 // total)
            r += [t for t in (threshold - 1, threshold) if 0 <= t < TWO32]
        r = (r + [anything() for _ in range(42)])[:42]
        out = {
            "weights": ints(weights),
            "total": ints([total]),
            "classes": ints(draw(weights, r) for r in r),
            "probabilities": ints(probabilities(scale, weights)),
        }
        cases.append((tags, {"logits": ints(logits), "r": ints(r)}, out))
    write(
        "integer_sample",
        "weights floor(2^S 2^(l-max)), S = 28 for 10 classes and 30 for 2; first class with running sum > floor(r total/2^32); "
        "probabilities in Q16 by exp2(log2 total)",
        {"logits": "Q16.16[K], -2^31 masked", "r": "u32[n]", "weights": "u32[K]", "total": "u32", "classes": "u32[n]",
         "probabilities": "u32[K]"},
        cases,
    )

    cases = []
    for tags, logits in logit_sets():
        for words in [[anything() for _ in logits], [random.choice([0, 255, TWO32 - 256, TWO32 - 1, 1 << 31]) for _ in logits]]:
            out = {"noise": ints(map(noise, words)), "class": ints([gumbel_max(logits, words)])}
            cases.append((tags, {"logits": ints(logits), "words": ints(words)}, out))
    write(
        "integer_gumbel_max",
        "noise -log2(-ln u) in Q8.24, u = (k+1/2)/2^24 for the upper 24 bits k; first of the largest noise - min(max-l, 64)",
        {"logits": "Q16.16[K], -2^31 masked", "words": "u32[K]", "noise": "Q8.24[K]", "class": "u32"},
        cases,
    )

    cases = []
    for tag, largest, reward, rate in [
        ("usual", 1 << 17, 1, 6554), ("usual", 1 << 17, 1, 6554), ("usual", 1 << 17, 0, 6554), ("small", 1 << 12, 1, 65),
        ("large", LIMIT, 256, 16 << 16), ("large", LIMIT, -256, 16 << 16), ("large", LIMIT, 256, 16 << 16), ("huge", LIMIT, 1, 1 << 20),
    ]:
        for at_the_end in [False, True]:
            number = lambda: random.choice([-largest, largest]) if at_the_end else random.randrange(-largest, largest + 1)
            W, bias = [[number() for _ in range(9)] for _ in range(3)], [number() for _ in range(3)]
            x = [random.choice([-128, 127]) if at_the_end else random.randrange(-128, 128) for _ in range(9)]
            r, average = anything(), random.randrange(-65536, 65537) * (256 if at_the_end and abs(reward) > 1 else 1)
            logits = policy_logits(W, bias, x)
            scale, weights = weights_of(logits)
            action = draw(weights, r)
            decay, decay_array = single(0.9)
            after = learn((W, bias, average), x, action, scale, weights, r, reward * 65536, rate, share_of(decay))
            flat = lambda W: [w for row in W for w in row]
            cases.append((
                [tag],
                {"weights": ints(flat(W), [3, 9]), "bias": ints(bias), "x": ints(x), "r": ints([r]),
                 "reward": ints([reward * 65536]), "average": ints([average]), "rate": ints([rate]), "decay": decay_array},
                {"logits": ints(logits), "action": ints([action]), "new_weights": ints(flat(after[0]), [3, 9]),
                 "new_bias": ints(after[1]), "new_average": ints([after[2]])},
            ))
    write(
        "integer_learn",
        "one step: logits b + sum over eights floor(W x/2^7); action drawn by r; eta (reward-average)(onehot-p) x with the lower "
        "8 bits of r as dither; kept within +-(2^21-1); average moves by (1-decay)",
        {"weights": "Q16.16[3,9]", "bias": "Q16.16[3]", "x": "Q1.7[9]", "r": "u32", "reward,average": "Q16.16", "rate": "Q16.16",
         "decay": "f32"},
        cases,
    )

    cases = []
    for steps, rate in [(100, 1 << 14), (300, 1 << 15), (300, 1 << 12), (500, 16 << 16)]:
        for _ in range(4):
            state = [anything() for _ in range(4)]
            decay, decay_array = single(0.99)
            (W, bias, average), hashed = run(state, steps, rate, share_of(decay))
            cases.append((
                [f"T{steps}"],
                {"state": ints(state), "steps": ints([steps]), "rate": ints([rate]), "decay": decay_array},
                {"weights": ints([w for row in W for w in row], [4, 3]), "bias": ints(bias), "average": ints([average]),
                 "hash": ints([hashed])},
            ))
    write(
        "integer_run",
        "steps of integer_learn from zero, xorshift128 from state: a word is three features (lower bytes) and the rewarded action "
        "(upper 2 bits), the next word draws; hash: FNV-1a of the actions",
        {"state": "u32[4]", "steps": "u32", "rate": "Q16.16", "decay": "f32", "weights": "Q16.16[4,3]", "bias": "Q16.16[4]",
         "average": "Q16.16", "hash": "u32"},
        cases,
    )


main()
