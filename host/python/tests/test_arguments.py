"""What is refused, and that nothing is copied, written or drawn where it is."""

import re
import sys
import threading
import time
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import samplegrad

LOGITS = np.zeros((4, 3), dtype=np.float32)


def refused(error: type[Exception], message: str, call: Callable[[samplegrad.Streams], object]) -> None:
    streams = samplegrad.Streams(1, 4)
    before = streams.states()
    with pytest.raises(error, match=f"^{re.escape(message)}"):
        call(streams)
    np.testing.assert_array_equal(streams.states(), before)


WRONG: list[tuple[type[Exception], str, Callable[[Any], object]]] = [
    (TypeError, "logits: list, it must be a NumPy array", lambda s: samplegrad.gumbel_max(no_array(), s)),
    (
        ValueError,
        "logits: dtype float64, it must be float32; `numpy.ascontiguousarray(logits, dtype=\"float32\")` makes a copy",
        lambda s: samplegrad.gumbel_max(LOGITS.astype(np.float64), s),
    ),
    (ValueError, "logits: dtype >f4, it must be float32", lambda s: samplegrad.gumbel_max(LOGITS.astype(">f4"), s)),
    (ValueError, "logits: not contiguous in row-major order", lambda s: samplegrad.gumbel_max(LOGITS.T, s)),
    (ValueError, "logits: not contiguous in row-major order", lambda s: samplegrad.gumbel_max(LOGITS[:, ::2], s)),
    (ValueError, "logits: no dimension", lambda s: samplegrad.gumbel_max(np.zeros((), np.float32), s)),
    (ValueError, "classes: there are none", lambda s: samplegrad.gumbel_max(np.zeros((4, 0), np.float32), s)),
    (ValueError, "rows of logits: there are none", lambda s: samplegrad.gumbel_max(np.zeros((0, 3), np.float32), s)),
    (ValueError, "row 2: logits[1]: not a number (NaN)", lambda s: samplegrad.gumbel_max(nan_at(2, 1), s)),
    (ValueError, "temperature: 0, it must be from 1e-10", lambda s: samplegrad.gumbel_softmax(LOGITS, 0, s)),
    (
        ValueError,
        "out: shape (4,), it must be (4, 3)",
        lambda s: samplegrad.gumbel_softmax(LOGITS, 1, s, out=np.zeros(4, np.float32)),
    ),
    (ValueError, "out: it is not writeable", lambda s: samplegrad.gumbel_softmax(LOGITS, 1, s, out=frozen())),
    (ValueError, "out: it shares memory with another argument", lambda s: in_place(s)),
    (
        ValueError,
        "noise: shape (3,), it must be (4, 3)",
        lambda s: samplegrad.gumbel_softmax_with_noise(LOGITS, 1, np.zeros(3, np.float32)),
    ),
    (
        ValueError,
        "row 1: class: index 3, there are 3",
        lambda s: samplegrad.log_prob(LOGITS, np.array([0, 3, 0, 0], np.uint32)),
    ),
    (ValueError, "classes: dtype int64", lambda s: samplegrad.log_prob(LOGITS, np.zeros(4, np.int64))),
    (ValueError, "row 0: other samples: empty", lambda s: samplegrad.leave_one_out(np.zeros((4, 1), np.float32))),
    (ValueError, "kind: there is no `gauss`; there are uniform,", lambda s: samplegrad.noise(no_kind(), s, (4, 3))),
    (ValueError, "shape: (), it must have", lambda s: samplegrad.noise("normal", s, ())),
    (ValueError, "columns: there are none", lambda s: samplegrad.noise("normal", s, (4, 0))),
    (ValueError, "shape: too large", lambda s: samplegrad.noise("normal", s, (1 << 40, 1 << 40))),
    (ValueError, "streams: there are none", lambda s: samplegrad.Streams(1, 0)),
    (OverflowError, "", lambda s: samplegrad.Streams(-1, 1)),
    (ValueError, "threads: there are none", lambda s: samplegrad.Threads(0)),
    (ValueError, "states: they must have the shape", lambda s: samplegrad.Streams.from_states(np.zeros(4, np.uint32))),
    (
        ValueError,
        "row 0: generator state: empty",
        lambda s: samplegrad.Streams.from_states(np.zeros((1, 4), np.uint32)),
    ),
    (IndexError, "stream 4: there are 4", lambda s: s.state(4)),
    (ValueError, "learners: there are none", lambda s: learners(count=0)),
    (ValueError, "actions: 17, at most 16", lambda s: learners(actions=17)),
    (ValueError, "learning rate: -1, it must be", lambda s: learners(rate=-1)),
    (ValueError, "baseline: give one of model_rate and decay", lambda s: learners(decay=0.5)),
    (ValueError, "features: shape (4, 3), it must be (2, 3)", lambda s: learners().act(LOGITS)),
    (ValueError, "row 1: features[2]: not a number (NaN)", lambda s: learners().act(nan_at(1, 2)[:2])),
    (
        ValueError,
        "row 0: allowed actions: every class is masked",
        lambda s: learners().act(LOGITS[:2], allowed=np.zeros((2, 4), np.bool_)),
    ),
    (ValueError, "rewards: no actions wait for them", lambda s: learners().learn(np.zeros(2, np.float32))),
    (ValueError, "learner: number 2, there are 2", lambda s: learners().policy(2)),
    (ValueError, "estimator: there is no `gauss`", lambda s: estimate(s, lambda b, rows: b[:, 0], no_kind())),
    (ValueError, "row 0: the cost of a sample is inf", lambda s: estimate(s, lambda b, rows: b[:, 0] / 0 + np.inf)),
    (ValueError, "cost: it returned 1 numbers for 4 rows", lambda s: estimate(s, lambda b, rows: [0.0])),
    (KeyError, "'mine'", lambda s: estimate(s, lambda b, rows: dict[str, float]()["mine"])),
    (ValueError, "logits: 65 bits in a row, at most 64", lambda s: estimate(s, print, bits=65)),
    (ValueError, "logits: 17 bits in a row, at most 16", lambda s: estimate(s, print, "enumeration", bits=17)),
    (RuntimeError, "streams: they were drawn from", lambda s: estimate(s.copy(), None, draws=True)),
]


def learners(**changes: Any) -> samplegrad.Learners:
    settings: dict[str, Any] = {"features": 3, "actions": 4, "count": 2, "seed": 1, "rate": 0.1, "model_rate": 0.1}
    return samplegrad.Learners(**(settings | changes))


def estimate(streams: Any, cost: Any, kind: Any = "arm", bits: int = 3, draws: bool = False) -> object:
    def drawing(b: Any, rows: Any) -> Any:
        samplegrad.noise("normal", streams, (4, 1))
        return b[:, 0]

    logits = np.zeros((4, bits), dtype=np.float32)
    with np.errstate(all="ignore"):
        return samplegrad.estimate_bernoullis(kind, logits, drawing if draws else cost, streams)


def no_array() -> Any:
    return [[0.0]]


def no_kind() -> Any:
    return "gauss"


def nan_at(row: int, column: int) -> Any:
    logits = LOGITS.copy()
    logits[row, column] = np.nan
    return logits


def frozen() -> Any:
    out = LOGITS.copy()
    out.flags.writeable = False
    return out


def in_place(streams: samplegrad.Streams) -> object:
    logits = LOGITS.copy()
    return samplegrad.gumbel_softmax(logits, 1, streams, out=logits)


@pytest.mark.parametrize(("error", "message", "call"), WRONG)
def test_refused(error: type[Exception], message: str, call: Callable[[Any], object]) -> None:
    refused(error, message, call)


def test_what_is_refused_is_left_as_it_was() -> None:
    out = np.full((4, 3), 7, dtype=np.float32)
    with pytest.raises(ValueError):
        samplegrad.gumbel_softmax(nan_at(3, 2), 1, samplegrad.Streams(1, 4), out=out)
    assert (out == 7).all()


def test_an_unaligned_array_is_refused() -> None:
    odd = np.zeros(13, dtype=np.uint8)[1:].view(np.float32)
    assert not odd.flags.aligned
    with pytest.raises(ValueError, match="logits: its address is no multiple of four"):
        samplegrad.gumbel_max(odd, samplegrad.Streams(1, 1))


def test_out_is_what_is_returned_and_slices_are_written_in_place() -> None:
    batch = np.zeros((3, 4, 3), dtype=np.float32)
    returned = samplegrad.gumbel_softmax(LOGITS, 1, samplegrad.Streams(1, 4), out=batch[1])
    assert np.shares_memory(returned, batch)
    assert (batch[[0, 2]] == 0).all()
    np.testing.assert_allclose(batch[1].sum(axis=-1), 1, rtol=1e-6)


def test_any_number_of_dimensions_is_rows() -> None:
    flat = samplegrad.noise("gumbel", samplegrad.Streams(1, 6), (6, 5))
    deep = samplegrad.noise("gumbel", samplegrad.Streams(1, 6), (2, 3, 5))
    np.testing.assert_array_equal(flat, deep.reshape(6, 5))
    assert samplegrad.gumbel_max(deep, samplegrad.Streams(1, 6)).shape == (2, 3)
    one = samplegrad.gumbel_max(deep[0, 0], samplegrad.Streams(1, 6))
    assert one.shape == () and one.dtype == np.uint32


def test_streams_go_on_from_their_states() -> None:
    streams = samplegrad.Streams(2026, 5)
    samplegrad.noise("normal", streams, (5, 3))
    resumed, copied = samplegrad.Streams.from_states(streams.states()), streams.copy()
    due = samplegrad.noise("normal", streams, (5, 3))
    np.testing.assert_array_equal(samplegrad.noise("normal", resumed, (5, 3)), due)
    np.testing.assert_array_equal(samplegrad.noise("normal", copied, (5, 3)), due)
    assert len(streams) == 5 and streams.state(2) == streams.states()[2].tolist()


def test_others_run_while_it_works() -> None:
    """Another thread gets on within a call, though no thread is ever interrupted."""
    streams, done, turns, within = samplegrad.Streams(1, 1 << 14), False, 0, 0
    out = np.zeros((1 << 16, 16), dtype=np.float32)

    def work() -> None:
        nonlocal done, within
        for _ in range(100):
            before = turns
            samplegrad.noise("gumbel", streams, out.shape, out=out)
            within += turns - before
            if within > 0:
                break
        done = True

    interval = sys.getswitchinterval()
    # From here on the interpreter's lock goes to another thread only when it is given up.
    sys.setswitchinterval(1e6)
    try:
        worker = threading.Thread(target=work)
        worker.start()
        while not done:
            turns += 1
            time.sleep(0)
        worker.join()
    finally:
        sys.setswitchinterval(interval)
    assert within > 0


def test_threads_that_share_streams_wait_for_each_other() -> None:
    streams, drawn = samplegrad.Streams(1, 64), []

    def work() -> None:
        for _ in range(50):
            drawn.append(samplegrad.noise("uniform", streams, (64, 4)))

    workers = [threading.Thread(target=work) for _ in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    alone = samplegrad.Streams(1, 64)
    due = {samplegrad.noise("uniform", alone, (64, 4)).tobytes() for _ in range(200)}
    assert {block.tobytes() for block in drawn} == due


def test_docstrings_say_shapes() -> None:
    for name in samplegrad.__all__:
        thing = getattr(samplegrad, name)
        if callable(thing) and name not in ("Learners", "Streams", "Threads"):
            assert "shape" in thing.__doc__, name
