"""Arrays and files of golden suites, for the scripts that make them."""

import json
import struct
from pathlib import Path


def single(x):
    """The float of 32 bits nearest to x."""
    return struct.unpack("<f", struct.pack("<f", x))[0]


def array(kind, x):
    """A number or a list of numbers, of kind f32 or f64, in the form of a golden file."""
    scalar = not isinstance(x, list)
    numbers = [float(x)] if scalar else [float(x) for x in x]
    pack = ">f" if kind == "f32" else ">d"
    return {
        "t": kind,
        "shape": [] if scalar else [len(numbers)],
        "hex": [struct.pack(pack, x).hex() for x in numbers],
        "dec": [repr(x) for x in numbers],
    }


def write_suite(script, suite, formula, columns, cases, digits=60):
    """Writes the cases of a suite, each with its tags, inputs and outputs, to a file beside the script."""
    lines = []
    for number, (tags, inputs, outputs) in enumerate(cases):
        lines.append({"id": f"{suite}/{number:04}", "tags": tags, "in": inputs, "out": outputs})
    head = {
        "kind": "header",
        "suite": suite,
        "n_cases": len(lines),
        "formula": formula,
        "columns": columns,
        "source": f"mpmath, {digits} digits, rounded to f64; {Path(script).name}",
    }
    text = "".join(json.dumps(line, separators=(",", ":"), ensure_ascii=False) + "\n" for line in [head, *lines])
    Path(script).with_name(f"{suite}.jsonl").write_text(text)
