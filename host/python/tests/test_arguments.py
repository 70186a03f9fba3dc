"""Refused arguments: nothing is copied, written or drawn."""

import re
import signal
import sys
import threading
import time
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import samplegrad

LOGITS = np.zeros((4, 3), dtype=np.float32)
HALF = np.full((4, 3), 0.5, dtype=np.float32)


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
    (
        ValueError,
        "out: it shares memory with logits, and out is written; give out memory of its own",
        lambda s: in_place(s),
    ),
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
    (ValueError, "seed: -1, it must be an integer from 0 to 2**64 - 1", lambda s: samplegrad.Streams(-1, 1)),
    (ValueError, "seed: 18446744073709551616, it must be", lambda s: samplegrad.Streams(1 << 64, 1)),
    (ValueError, f"seed: {'1' * 40}…, it must be", lambda s: samplegrad.Streams(int("1" * 1000), 1)),
    (TypeError, "seed: float, it must be an integer from 0 to 2**64 - 1", lambda s: samplegrad.Streams(odd(1.5), 1)),
    (TypeError, "seed: NoneType, it must be an integer", lambda s: samplegrad.Streams(odd(None), 1)),
    (ValueError, "count: -2, it must be an integer from 0 on", lambda s: samplegrad.Streams(1, -2)),
    (TypeError, "count: str, it must be an integer from 0 on", lambda s: samplegrad.Threads(odd("2"))),
    (
        TypeError,
        "streams: int, it must be Streams, such as `samplegrad.Streams(seed=1, count=4)`",
        lambda s: samplegrad.gumbel_max(LOGITS, odd(7)),
    ),
    (TypeError, "streams: int, it must be Streams", lambda s: samplegrad.noise("normal", odd(7), (4, 3))),
    (TypeError, "streams: int, it must be Streams", lambda s: samplegrad.straight_through(LOGITS, 1, odd(7))),
    (TypeError, "streams: int, it must be Streams", lambda s: estimate(7, lambda b, rows: b[:, 0])),
    (TypeError, "threads: int, it must be Threads", lambda s: samplegrad.gumbel_max(LOGITS, s, threads=odd(2))),
    (TypeError, "tau: str, it must be a number", lambda s: samplegrad.gumbel_softmax(LOGITS, odd("1"), s)),
    (TypeError, "kind: int, it must be a str", lambda s: samplegrad.noise(odd(1), s, (4, 3))),
    (TypeError, "shape: int, it must be a tuple of integers", lambda s: samplegrad.noise("normal", s, odd(4))),
    (TypeError, "shape[1]: float, it must be an integer", lambda s: samplegrad.noise("normal", s, odd((4, 3.0)))),
    (ValueError, "shape[0]: -4, it must be an integer", lambda s: samplegrad.noise("normal", s, (-4, 3))),
    (
        TypeError,
        "out: ndarray, it must be a tuple of 2 arrays",
        lambda s: samplegrad.straight_through(LOGITS, 1, s, out=odd(np.zeros((2, 4, 3), np.float32))),
    ),
    (
        TypeError,
        "out: tuple, it must be a tuple of 3 arrays",
        lambda s: samplegrad.concrete_gradient(LOGITS, 1, HALF, out=odd(())),
    ),
    # Masked arrays, for every array argument.
    (
        TypeError,
        "logits: a masked array, whose mask would be ignored; `logits.filled(x)` is a plain array with x in the masked "
        "places, `logits.filled(-numpy.inf)` masks classes",
        lambda s: samplegrad.gumbel_max(masked(LOGITS), s),
    ),
    (TypeError, "noise: a masked array", lambda s: samplegrad.gumbel_softmax_with_noise(LOGITS, 1, masked(LOGITS))),
    (TypeError, "y: a masked array", lambda s: samplegrad.gumbel_softmax_vjp(masked(LOGITS), LOGITS, 1)),
    (TypeError, "cotangent: a masked array", lambda s: samplegrad.gumbel_softmax_vjp(LOGITS, masked(LOGITS), 1)),
    (TypeError, "costs: a masked array", lambda s: samplegrad.leave_one_out(masked(LOGITS))),
    (TypeError, "classes: a masked array", lambda s: samplegrad.log_prob(LOGITS, masked(np.zeros(4, np.uint32)))),
    (TypeError, "out: a masked array", lambda s: samplegrad.gumbel_softmax(LOGITS, 1, s, out=masked(LOGITS))),
    (TypeError, "states: a masked array", lambda s: samplegrad.Streams.from_states(masked(s.states()))),
    (TypeError, "features: a masked array", lambda s: learners().act(masked(LOGITS[:2]))),
    (TypeError, "cost: a masked array", lambda s: estimate(s, lambda b, rows: masked(b[:, 0]))),
    # Numbers that would make their whole rows non-finite.
    (ValueError, "row 2: costs[1]: not a number (NaN)", lambda s: samplegrad.leave_one_out(nan_at(2, 1))),
    (ValueError, "row 2: y[1]: not a number", lambda s: samplegrad.gumbel_softmax_vjp(nan_at(2, 1), LOGITS, 1)),
    (ValueError, "row 2: cotangent[1]: not a number", lambda s: samplegrad.gumbel_softmax_vjp(LOGITS, nan_at(2, 1), 1)),
    (
        ValueError,
        "row 2: cotangent[1]: not a number",
        lambda s: samplegrad.gumbel_softmax_vjp_temperature(LOGITS, 1, LOGITS, nan_at(2, 1)),
    ),
    (
        ValueError,
        "row 2: advantages[1]: not a number",
        lambda s: samplegrad.score_function(LOGITS, np.zeros((4, 3), np.uint32), nan_at(2, 1)),
    ),
    (ValueError, "row 1: reward: NaN", lambda s: learn(np.array([0, np.nan], np.float32))),
    (ValueError, "threads: there are none", lambda s: samplegrad.Threads(0)),
    (
        ValueError,
        "states: shape (4,), it must be (count, 4)",
        lambda s: samplegrad.Streams.from_states(np.zeros(4, np.uint32)),
    ),
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
    (
        ValueError,
        "cost: it returned the shape (1,) for 4 rows, it must be (4,)",
        lambda s: estimate(s, lambda b, rows: [0.0]),
    ),
    (
        ValueError,
        "cost: it returned the shape (4, 1) for 4 rows, it must be (4,); `.reshape(-1)` makes it so",
        lambda s: estimate(s, lambda b, rows: b[:, :1]),
    ),
    (ValueError, "cost: it returned the shape () for 4 rows", lambda s: estimate(s, lambda b, rows: b.sum())),
    (TypeError, "cost: it returned NoneType, it must return an array", lambda s: estimate(s, lambda b, rows: None)),
    (TypeError, "cost: it returned str, it must return an array", lambda s: estimate(s, lambda b, rows: "0")),
    (TypeError, "cost: it returned dict, it must return an array", lambda s: estimate(s, lambda b, rows: {})),
    (KeyError, "'mine'", lambda s: estimate(s, lambda b, rows: dict[str, float]()["mine"])),
    (ValueError, "logits: 65 bits in a row, at most 64", lambda s: estimate(s, print, bits=65)),
    (ValueError, "logits: 17 bits in a row, at most 16", lambda s: estimate(s, print, "enumeration", bits=17)),
    (RuntimeError, "streams: they were drawn from", lambda s: estimate(s.copy(), None, draws=True)),
    (TypeError, "sizes: it must be a sequence", lambda s: of_classes(s, odd(3))),
    (ValueError, "sizes: they add up to 4, but a row of logits has 5", lambda s: of_classes(s, [2, 2])),
    (ValueError, "sizes: each variable must have at least one class", lambda s: of_classes(s, [5, 0])),
    (ValueError, "estimator: there is no `arm`; there are leave", lambda s: of_classes(s, [3, 2], odd("arm"))),
    (ValueError, "logits: 66 in a row, at most 64", lambda s: of_classes(s, [33, 33])),
    (ValueError, "sizes: 78125 values, at most 65536", lambda s: of_classes(s, [5] * 7, "enumeration")),
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


def of_classes(streams: Any, sizes: Any, kind: Any = "disarm") -> object:
    columns = sum(sizes) if isinstance(sizes, list) and sum(sizes) > 5 else 5
    logits = np.zeros((4, columns), dtype=np.float32)
    return samplegrad.estimate_categoricals(kind, logits, sizes, lambda x, rows: x[:, 0], streams)


def learn(rewards: Any) -> None:
    bandit = learners()
    bandit.act(LOGITS[:2])
    bandit.learn(rewards)


def odd(argument: object) -> Any:
    return argument


def masked(array: Any) -> Any:
    return np.ma.array(array, mask=np.zeros(array.shape, np.bool_))


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


def buffers(*places: tuple[int, int]) -> list[Any]:
    """Returns arrays of float32 on one buffer, each at its own place, which do not refer to each other."""
    memory = bytearray(4 * 64)
    return [np.frombuffer(memory, np.float32, count=length, offset=4 * start) for start, length in places]


@pytest.mark.parametrize("shift", [-11, -4, 0, 4, 11])
def test_arrays_that_overlap_on_one_buffer_are_refused(shift: int) -> None:
    logits, out, other = (x.reshape(4, 3) for x in buffers((16, 12), (16 + shift, 12), (48, 12)))
    other[:] = 0.5
    calls: list[Callable[[], object]] = [
        lambda: samplegrad.gumbel_softmax(logits, 1, samplegrad.Streams(1, 4), out=out),
        lambda: samplegrad.gumbel_softmax_with_noise(other, 1, logits, out=out),
        lambda: samplegrad.gumbel_softmax_vjp(logits, other, 1, out=out),
        lambda: samplegrad.gumbel_softmax_vjp(other, logits, 1, out=out),
        lambda: samplegrad.leave_one_out(logits, out=out),
        lambda: samplegrad.score_function(logits, np.zeros((4, 3), np.uint32), other, out=out),
        lambda: samplegrad.probabilities(other, out=(logits, out)),
        lambda: samplegrad.concrete_gradient(other, 1, HALF, out=(logits, out, np.zeros(4, np.float32))),
        lambda: samplegrad.straight_through(logits, 1, samplegrad.Streams(1, 4), out=(np.zeros(4, np.uint32), out)),
        lambda: samplegrad.estimate_bernoullis(
            "arm", other, lambda b, rows: b[:, 0], samplegrad.Streams(1, 4), out=(logits.ravel()[:4], out)
        ),
    ]
    for number, call in enumerate(calls):
        if number == 9 and shift > 3:
            continue
        with pytest.raises(ValueError, match="^out.*: it shares memory with .*; give out.* memory of its own"):
            call()
    assert not logits.any() and not out.any()


def test_arrays_side_by_side_on_one_buffer_are_taken() -> None:
    logits, out = (x.reshape(4, 3) for x in buffers((16, 12), (28, 12)))
    samplegrad.gumbel_softmax(logits, 1, samplegrad.Streams(1, 4), out=out)
    due = samplegrad.gumbel_softmax(LOGITS, 1, samplegrad.Streams(1, 4))
    np.testing.assert_array_equal(out, due)


@pytest.mark.parametrize("count", [None, 2])
@pytest.mark.skipif(sys.platform == "win32", reason="there are no timers that send signals there")
def test_ctrl_c_stops_a_batch_between_rows(count: int | None) -> None:
    """Sends the signal by a timer while the first rows are drawn, and before the last rows are drawn."""
    threads = None if count is None else samplegrad.Threads(count)
    out = np.zeros((1 << 17, 1 << 9), dtype=np.float32)
    handler = signal.signal(signal.SIGALRM, signal.default_int_handler)
    try:
        # On a busy machine the signal may come before the first row, or its check after the last.
        for _ in range(50):
            out[:] = 0
            streams = samplegrad.Streams(1, len(out))
            with pytest.raises(KeyboardInterrupt):
                signal.setitimer(signal.ITIMER_REAL, 0.002)
                samplegrad.noise("normal", streams, out.shape, out=out, threads=threads)
                time.sleep(10)
            if out[0].all() and not out[-1].any():
                break
    finally:
        signal.signal(signal.SIGALRM, handler)
    assert out[0].all() and not out[-1].any()
    # Completed rows have the numbers of a whole batch, and their streams have advanced; the others are unchanged.
    rows = int(np.count_nonzero(out[:, 0]))
    due = samplegrad.Streams(1, len(out))
    samplegrad.noise("normal", due, out.shape, threads=threads)
    before = samplegrad.Streams(1, len(out))
    np.testing.assert_array_equal(streams.states()[:rows], due.states()[:rows])
    np.testing.assert_array_equal(streams.states()[rows:], before.states()[rows:])
    assert out[:rows].all() and not out[rows:].any()


def test_a_cost_that_raises_ctrl_c_stops_the_estimate() -> None:
    streams = samplegrad.Streams(1, 4)
    before = streams.states()

    def cost(b: Any, rows: Any) -> Any:
        signal.raise_signal(signal.SIGINT)
        return b[:, 0]

    # A process started in the background ignores the signal, and so do its child processes.
    handler = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        with pytest.raises(KeyboardInterrupt):
            estimate(streams, cost)
    finally:
        signal.signal(signal.SIGINT, handler)
    np.testing.assert_array_equal(streams.states(), before)


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
    """Checks that another thread runs during a call, although no thread is interrupted."""
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
    # After this call, another thread gets the interpreter's lock only when the lock is released.
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
