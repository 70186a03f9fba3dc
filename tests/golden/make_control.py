"""Single steps of Gymnasium's control tasks, for `core/tasks`.

`python3 make_control.py` writes control_*.csv beside itself. Needs gymnasium. A row has a state, an action or a torque,
and Gymnasium's next state, observation, reward and end. States and torques are exact f32, and are drawn from their whole
range, after every combination of the ends and the middles of the ranges. Gymnasium computes in f64 from these numbers.

Steps that single precision cannot decide are left out: the state is changed by a rounding error of f32, and the step by
more than 1e-4, or its end. These are steps of an acrobot at the largest speeds, and of a cart-pole at its limit.
"""

import itertools
import random
import struct
from math import pi, tau
from pathlib import Path

import gymnasium
import numpy as np

RANDOM_ROWS = 240
# The change of a step that a rounding error of the state may cause: the tolerance of the test.
DECIDED = 1e-4

# Columns of the state with their ranges, names of angles, values of the action or range of the torque, observed numbers.
TASKS = {
    "CartPole-v1": (
        {"position": (-2.4, 2.4), "velocity": (-3, 3), "angle": (-pi / 15, pi / 15), "spin": (-3.5, 3.5)},
        ["angle"],
        [0, 1],
        4,
    ),
    "Pendulum-v1": ({"angle": (-pi, pi), "spin": (-8, 8)}, ["angle"], (-2.5, 2.5), 3),
    "MountainCar-v0": ({"position": (-1.2, 0.6), "velocity": (-0.07, 0.07)}, [], [0, 1, 2], 2),
    "Acrobot-v1": (
        {
            "angle": (-pi, pi),
            "bend": (-pi, pi),
            "spin": (-4 * pi, 4 * pi),
            "bend_spin": (-9 * pi, 9 * pi),
        },
        ["angle", "bend"],
        [0, 1, 2],
        6,
    ),
}


def single(x):
    return struct.unpack("<f", struct.pack("<f", x))[0]


def step(env, state, action):
    """Returns the next state, observation, reward and end of a step from `state`."""
    env.state = np.array(state, dtype=np.float64)
    if hasattr(env, "steps_beyond_terminated"):
        env.steps_beyond_terminated = None
    observation, reward, terminated, truncated, _ = env.step(action)
    assert not truncated
    return [float(x) for x in env.state], [float(x) for x in observation], float(reward), bool(terminated)


def is_decided(env, names, angles, state, action, draw):
    """Returns whether a rounding error of the state changes the step by little."""
    after, _, _, end = step(env, state, action)
    for _ in range(8):
        near = [x + draw.choice((-1, 1)) * (1e-7 + abs(x) * 2**-23) for x in state]
        other, _, _, other_end = step(env, near, action)
        for name, x, y in zip(names, after, other):
            gap = x - y
            if name in angles:
                gap -= tau * round(gap / tau)
            if abs(gap) > DECIDED:
                return False
        if other_end != end:
            return False
    return True


def rows(task):
    ranges, angles, actions, observed = TASKS[task]
    env = gymnasium.make(task).unwrapped
    env.reset(seed=0)
    draw = random.Random(f"20261130 {task}")
    is_torque = isinstance(actions, tuple)
    corners = list(itertools.product(*[(low, (low + high) / 2, high) for low, high in ranges.values()]))
    given = corners + [[draw.uniform(*limits) for limits in ranges.values()] for _ in range(RANDOM_ROWS)]
    left_out = 0
    for number, state in enumerate(given):
        state = [single(x) for x in state]
        if is_torque:
            # Every second torque is one of those that are also actions.
            action = (-2.0, 0.0, 2.0)[number // 2 % 3] if number % 2 else single(draw.uniform(*actions))
            given_action = np.array([action])
        else:
            action = given_action = actions[number % len(actions)]
        if not is_decided(env, list(ranges), angles, state, given_action, draw):
            left_out += 1
            continue
        after, observation, reward, end = step(env, state, given_action)
        assert len(observation) == observed
        yield [*state, action, *after, *observation, reward, int(end)]
    print(f"{task}: {len(given)} states, {left_out} left out")


for task, (ranges, _, actions, observed) in TASKS.items():
    kept = list(rows(task))
    steps = gymnasium.spec(task).max_episode_steps
    columns = [
        *ranges,
        "torque" if isinstance(actions, tuple) else "action",
        *[f"next_{name}" for name in ranges],
        *[f"observed_{i}" for i in range(observed)],
        "reward",
        "terminated",
    ]
    head = f"# make_control.py: {task} of gymnasium {gymnasium.__version__}; max_episode_steps {steps}\n"
    # Nine digits identify an f32.
    lines = [",".join(columns), *[",".join(f"{x:.9g}" for x in row) for row in kept]]
    file = "control_" + task.split("-")[0].lower() + ".csv"
    Path(__file__).with_name(file).write_text(head + "".join(line + "\n" for line in lines))
