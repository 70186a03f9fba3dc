"""Times single runs of PyTorch, NumPy and JAX for a benchmark, which interleaves them with its own runs.

Requests come on standard input and replies go to standard output, one line each:

    PEER OPERATION B K REPEAT   ->  nanoseconds per element (B*K of them) of that many calls, timed together
    versions                    ->  what is installed

The reply to a request that fails is `error: ` and the reason. A peer without the operation replies `none`.

Fairness: each peer has one core and one thread and computes in float32. Programs are compiled and warmed up, and memory
is allocated, before the clock starts. Each peer uses the fastest idiom that was found and that draws from the same
distribution. If several idioms were tried, comments name the slower ones.
"""

import os
import sys
import time

# Before the libraries start threads: one core, one thread, and no old kernels forced on NumPy by the environment.
if hasattr(os, "sched_setaffinity"):
    os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
for name in ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
    os.environ[name] = "1"
for name in ("OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE"):
    os.environ.pop(name, None)
os.environ["XLA_FLAGS"] = "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1"
os.environ["JAX_PLATFORMS"] = "cpu"
os.environ["CUDA_VISIBLE_DEVICES"] = ""

import numpy as np  # noqa: E402

SEED = 2026


def inputs(rows, classes):
    """Returns logits, and the cotangent of the backward passes, with the distribution of the benchmark's inputs."""
    rng = np.random.default_rng(SEED)
    shape = (rows, classes)
    return rng.standard_normal(shape, dtype=np.float32), rng.standard_normal(shape, dtype=np.float32)


def numpy_peer(operation, rows, classes):
    logits, cotangent = inputs(rows, classes)
    # The fastest of NumPy's generators; the default, PCG64, is slower.
    rng = np.random.Generator(np.random.SFC64(SEED))
    z, g = np.empty_like(logits), np.empty_like(logits)
    column = np.empty((rows, 1), dtype=np.float32)

    # Faster than -ln of `standard_exponential`, which in float32 can be 0 and then gives NaN. A uniform number of 0
    # gives -inf here, and this class is not drawn, which is almost exactly right.
    np.seterr(divide="ignore")

    def log_exponential():
        rng.random(dtype=np.float32, out=z)
        np.log(z, out=z)
        np.negative(z, out=z)
        np.log(z, out=z)

    def gumbel():
        log_exponential()
        np.negative(z, out=z)

    def perturbed():
        log_exponential()
        np.subtract(logits, z, out=z)

    def softmax(tau):
        perturbed()
        np.maximum.reduce(z, axis=1, keepdims=True, out=column)
        np.subtract(z, column, out=z)
        if tau != 1.0:
            np.multiply(z, np.float32(1.0 / tau), out=z)
        np.exp(z, out=z)
        np.add.reduce(z, axis=1, keepdims=True, out=column)
        np.divide(1.0, column, out=column)
        np.multiply(z, column, out=z)

    def vjp(tau):
        softmax(tau)
        # One pass over both arrays, without a temporary array.
        np.einsum("bk,bk->b", z, cotangent, out=column[:, 0])
        np.subtract(cotangent, column, out=g)
        np.multiply(g, z, out=g)
        if tau != 1.0:
            np.multiply(g, np.float32(1.0 / tau), out=g)

    def gumbel_max():
        perturbed()
        np.argmax(z, axis=1)

    def straight_through():
        softmax(1.0)
        classes_of_rows = np.argmax(z, axis=1)
        g.fill(0.0)
        np.put_along_axis(g, classes_of_rows[:, None], 1.0, axis=1)

    return {
        "gumbel_noise": gumbel,
        "normal_noise": lambda: rng.standard_normal(dtype=np.float32, out=z),
        "gumbel_softmax": lambda: softmax(1.0),
        "gumbel_softmax_half": lambda: softmax(0.5),
        "gumbel_softmax_vjp": lambda: vjp(1.0),
        "gumbel_softmax_vjp_half": lambda: vjp(0.5),
        "straight_through": straight_through,
        "gumbel_max": gumbel_max,
    }.get(operation)


def torch_peer(operation, rows, classes):
    import torch
    from torch.nn import functional

    torch.set_num_threads(1)
    torch.manual_seed(SEED)
    logits, cotangent = (torch.from_numpy(x) for x in inputs(rows, classes))
    parameters = logits.clone().requires_grad_()
    z = torch.empty_like(logits)

    def log_exponential():
        return z.uniform_().log_().neg_().log_()

    def inference(f):
        # Without the records of autograd.
        def run():
            with torch.inference_mode():
                f()

        return run

    def vjp(tau):
        y = functional.gumbel_softmax(parameters, tau=tau)
        torch.autograd.grad(y, parameters, cotangent)

    return {
        # Four times as fast as `exponential_`, which PyTorch's own `gumbel_softmax` and `multinomial` call.
        "gumbel_noise": inference(lambda: log_exponential().neg_()),
        "normal_noise": inference(lambda: z.normal_()),
        "gumbel_softmax": inference(lambda: functional.gumbel_softmax(logits, tau=1.0)),
        "gumbel_softmax_half": inference(lambda: functional.gumbel_softmax(logits, tau=0.5)),
        "gumbel_softmax_vjp": lambda: vjp(1.0),
        "gumbel_softmax_vjp_half": lambda: vjp(0.5),
        "straight_through": inference(lambda: functional.gumbel_softmax(logits, tau=1.0, hard=True)),
        # The computation of `Categorical(logits=logits).sample()`, but faster: the distribution is not created and
        # checked.
        "gumbel_max": inference(lambda: torch.multinomial(torch.softmax(logits, 1), 1)),
    }.get(operation)


def torch_by_hand(operation, rows, classes):
    """PyTorch by hand: avoids its own functions for these operations, because their exponential numbers are slow."""
    import torch

    torch.set_num_threads(1)
    torch.manual_seed(SEED)
    logits, cotangent = (torch.from_numpy(x) for x in inputs(rows, classes))
    z = torch.empty_like(logits)

    def perturbed():
        return torch.sub(logits, z.uniform_().log_().neg_().log_(), out=z)

    def relaxed(tau):
        z = perturbed()
        return torch.softmax(z if tau == 1.0 else z.div_(tau), 1)

    def vjp(tau):
        g = torch.ops.aten._softmax_backward_data(cotangent, relaxed(tau), 1, torch.float32)
        return g if tau == 1.0 else g.div_(tau)

    f = {
        "gumbel_softmax": lambda: relaxed(1.0),
        "gumbel_softmax_half": lambda: relaxed(0.5),
        "gumbel_softmax_vjp": lambda: vjp(1.0),
        "gumbel_softmax_vjp_half": lambda: vjp(0.5),
        "gumbel_max": lambda: perturbed().argmax(1),
    }.get(operation)
    return f and torch.inference_mode()(f)


def jax_peer(operation, rows, classes):
    import jax
    import jax.numpy as jnp

    # The caller waits for the result in any case, and there is no second core for other work.
    jax.config.update("jax_cpu_enable_async_dispatch", False)
    logits, cotangent = (jnp.asarray(x) for x in inputs(rows, classes))
    shape = (rows, classes)

    def relaxed(key, tau):
        noise = jax.random.gumbel(key, shape, jnp.float32)
        return lambda logits: jax.nn.softmax((logits + noise) / tau)

    def vjp(key, tau):
        y, pull = jax.vjp(relaxed(key, tau), logits_)
        return y, pull(cotangent_)[0]

    def straight_through(key):
        y = relaxed(key, 1.0)(logits_)
        return jax.nn.one_hot(jnp.argmax(y, axis=1), classes, dtype=jnp.float32)

    logits_ = cotangent_ = None
    f = {
        "gumbel_noise": lambda key: jax.random.gumbel(key, shape, jnp.float32),
        "normal_noise": lambda key: jax.random.normal(key, shape, jnp.float32),
        "gumbel_softmax": lambda key: relaxed(key, 1.0)(logits_),
        "gumbel_softmax_half": lambda key: relaxed(key, 0.5)(logits_),
        "gumbel_softmax_vjp": lambda key: vjp(key, 1.0),
        "gumbel_softmax_vjp_half": lambda key: vjp(key, 0.5),
        "straight_through": straight_through,
        "gumbel_max": lambda key: jax.random.categorical(key, logits_),
    }.get(operation)
    if f is None:
        return None

    def step(key, out, logits, cotangent):
        nonlocal logits_, cotangent_
        logits_, cotangent_ = logits, cotangent
        key, used = jax.random.split(key)
        return key, f(used)

    # Keys are of JAX's default kind, threefry; the other kind, rbg, takes two to six times as long on a CPU. The memory
    # of the last result is reused for the next result, so that calls allocate no new pages.
    compiled = jax.jit(step, donate_argnums=(0, 1), keep_unused=True)
    state = [jax.random.key(SEED), None]
    state[1] = jax.jit(lambda key: step(key, None, logits, cotangent)[1])(state[0])

    def run():
        state[:] = compiled(*state, logits, cotangent)
        jax.block_until_ready(state)

    return run


PEERS = {"torch": torch_peer, "torch_by_hand": torch_by_hand, "numpy": numpy_peer, "jax": jax_peer}


def versions():
    import jax
    import torch

    # A local part of the version, such as "+cpu", identifies the wheel, not the version.
    return f"torch {torch.__version__.split('+')[0]}, numpy {np.__version__}, jax {jax.__version__}"


def answer(request, ready):
    if request == "versions":
        return versions()
    peer, operation, rows, classes, repeat = request.split()
    rows, classes, repeat = int(rows), int(classes), int(repeat)
    work = (operation, rows, classes)
    if ready.get("work") != work:
        # The arrays of only one operation are in memory at a time.
        ready.clear()
        ready["work"] = work
    if peer not in ready:
        ready[peer] = PEERS[peer](*work)
        if ready[peer] is not None:
            ready[peer]()
            ready[peer]()
    run = ready[peer]
    if run is None:
        return "none"
    start = time.perf_counter_ns()
    for _ in range(repeat):
        run()
    return repr((time.perf_counter_ns() - start) / (repeat * rows * classes))


def main():
    # Output that libraries print must not be mistaken for answers.
    answers, sys.stdout = sys.stdout, sys.stderr
    ready = {}
    for line in sys.stdin:
        try:
            said = answer(line.strip(), ready)
        except Exception as error:  # the benchmark reports any error
            said = f"error: {type(error).__name__}: {error}".replace("\n", " ")
        print(said, file=answers, flush=True)


if __name__ == "__main__":
    main()
