"""Gradients through random samples, on NumPy arrays in place, with the same bits as on a microcontroller.

Arrays are ``float32`` (logits, noise, costs) or ``uint32`` (classes), row-major. The last dimension is the classes or
samples; the dimensions before it are the rows. Arrays are never converted or copied: an array that cannot be used in
place raises `ValueError` or `TypeError` with the argument and the place. Every operation takes ``out=`` and lets other
Python threads run while it computes. Ctrl-C stops it between two rows: the completed rows of ``out`` have their
results, and their streams have advanced.

>>> import numpy as np, samplegrad
>>> streams = samplegrad.Streams(seed=2026, count=2)
>>> logits = np.array([[0, 1, -1], [2, 0, 0]], dtype=np.float32)
>>> y = samplegrad.gumbel_softmax(logits, 0.5, streams)
>>> gradient = samplegrad.gumbel_softmax_vjp(y, 2 * y - 1, 0.5)   # of the sum of (y - 1/2)**2
"""

from ._samplegrad import (
    BITS_ESTIMATORS,
    CLASSES_ESTIMATORS,
    Learners,
    Streams,
    Threads,
    __version__,
    concrete_gradient,
    concrete_log_density,
    concrete_log_density_exp,
    entropy,
    estimate_bernoullis,
    estimate_categoricals,
    gumbel_max,
    gumbel_softmax,
    gumbel_softmax_vjp,
    gumbel_softmax_vjp_temperature,
    gumbel_softmax_with_noise,
    inverse_cdf,
    leave_one_out,
    log_prob,
    noise,
    probabilities,
    score_function,
    straight_through,
)

__all__ = [
    "BITS_ESTIMATORS",
    "CLASSES_ESTIMATORS",
    "Learners",
    "Streams",
    "Threads",
    "__version__",
    "concrete_gradient",
    "concrete_log_density",
    "concrete_log_density_exp",
    "entropy",
    "estimate_bernoullis",
    "estimate_categoricals",
    "gumbel_max",
    "gumbel_softmax",
    "gumbel_softmax_vjp",
    "gumbel_softmax_vjp_temperature",
    "gumbel_softmax_with_noise",
    "inverse_cdf",
    "leave_one_out",
    "log_prob",
    "noise",
    "probabilities",
    "score_function",
    "straight_through",
]
