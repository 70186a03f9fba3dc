"""Threads created before a fork work in the child."""

import os
import signal

import numpy as np
import pytest
import samplegrad


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no fork")
@pytest.mark.filterwarnings("ignore:.*multi-threaded.*:DeprecationWarning")
def test_threads_work_after_a_fork() -> None:
    threads = samplegrad.Threads(2)

    def gumbels() -> bytes:
        streams = samplegrad.Streams(1, 20_000)
        return np.asarray(samplegrad.noise("gumbel", streams, (20_000, 4), threads=threads)).tobytes()

    expected = gumbels()
    child = os.fork()
    if child == 0:
        # The alarm ends a child that waits for threads it does not have.
        signal.alarm(60)
        os._exit(0 if gumbels() == expected else 1)
    assert os.waitpid(child, 0)[1] == 0
    assert gumbels() == expected
