"""Arrays of golden files, for the scripts that make them."""

import struct


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
