from collections.abc import Callable, Sequence
from typing import Literal, TypeAlias, final

import numpy as np
from numpy.typing import ArrayLike, NDArray

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

BITS_ESTIMATORS: dict[str, str]
CLASSES_ESTIMATORS: dict[str, str]
__version__: str

_Floats: TypeAlias = NDArray[np.float32]
_Words: TypeAlias = NDArray[np.uint32]

@final
class Learners:
    def __new__(
        cls,
        features: int,
        actions: int,
        count: int,
        *,
        seed: int,
        rate: float,
        first: int = 0,
        entropy_bonus: float = 0.0,
        model_rate: float | None = None,
        decay: float | None = None,
    ) -> Learners: ...
    def act(
        self, features: _Floats, *, allowed: NDArray[np.bool_] | None = None, out: _Words | None = None
    ) -> _Words: ...
    def learn(self, rewards: _Floats) -> None: ...
    def policy(self, number: int) -> tuple[_Floats, _Floats]: ...
    def __len__(self) -> int: ...

@final
class Streams:
    def __new__(cls, seed: int, count: int) -> Streams: ...
    @staticmethod
    def from_states(states: _Words) -> Streams: ...
    def states(self) -> _Words: ...
    def state(self, number: int) -> list[int]: ...
    def copy(self) -> Streams: ...
    def __len__(self) -> int: ...

@final
class Threads:
    def __new__(cls, count: int) -> Threads: ...
    @property
    def count(self) -> int: ...

def noise(
    kind: Literal["uniform", "exponential", "gumbel", "logistic", "normal", "laplace", "cauchy"],
    streams: Streams,
    shape: Sequence[int],
    *,
    out: _Floats | None = None,
    threads: Threads | None = None,
) -> _Floats: ...
def gumbel_max(
    logits: _Floats, streams: Streams, *, out: _Words | None = None, threads: Threads | None = None
) -> _Words: ...
def inverse_cdf(
    logits: _Floats, streams: Streams, *, out: _Words | None = None, threads: Threads | None = None
) -> _Words: ...
def gumbel_softmax(
    logits: _Floats, tau: float, streams: Streams, *, out: _Floats | None = None, threads: Threads | None = None
) -> _Floats: ...
def gumbel_softmax_with_noise(
    logits: _Floats, tau: float, noise: _Floats, *, out: _Floats | None = None, threads: Threads | None = None
) -> _Floats: ...
def gumbel_softmax_vjp(
    y: _Floats, cotangent: _Floats, tau: float, *, out: _Floats | None = None, threads: Threads | None = None
) -> _Floats: ...
def gumbel_softmax_vjp_temperature(
    logits: _Floats,
    tau: float,
    noise: _Floats,
    cotangent: _Floats,
    *,
    out: _Floats | None = None,
    threads: Threads | None = None,
) -> _Floats: ...
def straight_through(
    logits: _Floats,
    tau: float,
    streams: Streams,
    *,
    out: tuple[_Words, _Floats] | None = None,
    threads: Threads | None = None,
) -> tuple[_Words, _Floats]: ...
def concrete_log_density(
    logits: _Floats, tau: float, y: _Floats, *, out: _Floats | None = None, threads: Threads | None = None
) -> _Floats: ...
def concrete_log_density_exp(
    logits: _Floats, tau: float, log_y: _Floats, *, out: _Floats | None = None, threads: Threads | None = None
) -> _Floats: ...
def concrete_gradient(
    logits: _Floats,
    tau: float,
    y: _Floats,
    *,
    out: tuple[_Floats, _Floats, _Floats] | None = None,
    threads: Threads | None = None,
) -> tuple[_Floats, _Floats, _Floats]: ...
def leave_one_out(costs: _Floats, *, out: _Floats | None = None) -> _Floats: ...
def score_function(
    logits: _Floats,
    classes: _Words,
    advantages: _Floats,
    *,
    out: _Floats | None = None,
    threads: Threads | None = None,
) -> _Floats: ...
def probabilities(logits: _Floats, *, out: tuple[_Floats, _Floats] | None = None) -> tuple[_Floats, _Floats]: ...
def log_prob(logits: _Floats, classes: _Words, *, out: _Floats | None = None) -> _Floats: ...
def entropy(logits: _Floats, *, out: _Floats | None = None) -> _Floats: ...
def estimate_bernoullis(
    estimator: str,
    logits: _Floats,
    cost: Callable[[_Floats, NDArray[np.uintp]], ArrayLike],
    streams: Streams,
    *,
    out: tuple[_Floats, _Floats] | None = None,
) -> tuple[_Floats, _Floats]: ...
def estimate_categoricals(
    estimator: str,
    logits: _Floats,
    sizes: Sequence[int],
    cost: Callable[[_Words, NDArray[np.uintp]], ArrayLike],
    streams: Streams,
    *,
    out: tuple[_Floats, _Floats] | None = None,
) -> tuple[_Floats, _Floats]: ...
