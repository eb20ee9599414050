"""What a gate promises, in simulated measurements of known truth: how often it errs, and how often it cannot tell.

Each simulated block gives one log-ratio of head to base; all go through the functions that plan the looks, set the
levels and place the intervals. Tolerances are four standard errors of a binomial share; seeds are fixed.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Literal

import numpy as np
import numpy.typing as npt
import pytest

from webdyno.analysis.gate.judge_gate import MetricReading, State, state_of
from webdyno.analysis.gate.limit import DEFAULT_LIMITS, Limit, Place, parse_limit
from webdyno.analysis.gate.looks import LOOK_LEVEL, end_level
from webdyno.analysis.statistics.estimates import ALPHA, LEVEL, geometric_estimate
from webdyno.lab.plan import looks_at

Values = npt.NDArray[np.float64]
Noise = Callable[[np.random.Generator, tuple[int, ...], float], Values]

GATES, FEW = 4000, 1000
LIMITS = [parse_limit(text) for text in DEFAULT_LIMITS]
CPU = LIMITS[:1]
# Standard deviations of the log-ratio of a block, in the order of the default limits.
QUIET, BUSY = (0.02, 0.03, 0.002), (0.06, 0.10, 0.004)


def even(rng: np.random.Generator, shape: tuple[int, ...], sd: float) -> Values:
    return rng.normal(0, sd, shape)


def bursts(rng: np.random.Generator, shape: tuple[int, ...], sd: float) -> Values:
    """A neighbour that comes and goes: one block in five scatters four times as much, on whichever side it falls."""
    return rng.normal(0, sd, shape) * np.where(rng.random(shape) < 0.2, 4.0, 1.0)


def place(limit: Limit, logs: Values, level: float) -> Place:
    return MetricReading(geometric_estimate(np.exp(logs).tolist(), level), True, len(logs), None, level).place(limit)


def measured(limits: list[Limit], logs: Values, looks: tuple[int, ...]) -> tuple[list[Place], int]:
    """Where each limit ends in one measurement, and after how many blocks."""
    for look in looks:
        places = [place(limit, one[:look], LOOK_LEVEL) for limit, one in zip(limits, logs, strict=True)]
        if all(found in ("within", "beyond") for found in places):
            return places, look
    level = end_level(len(looks))
    return [place(limit, one, level) for limit, one in zip(limits, logs, strict=True)], logs.shape[-1]


def gates(
    limits: list[Limit],
    changes: list[float],
    scatter: tuple[float, ...],
    blocks: int,
    *,
    seed: int,
    noise: Noise = even,
    count: int = FEW,
) -> tuple[dict[State, float], float]:
    """The share of gates that end in each way, worst limit first, and the mean share of blocks that the first took."""
    rng = np.random.default_rng(seed)
    looks = looks_at(blocks)
    logs = np.stack(
        [math.log1p(change) + noise(rng, (count, 2, blocks), sd) for change, sd in zip(changes, scatter, strict=False)],
        axis=2,
    )
    ends: dict[State, float] = {"regression": 0.0, "inconclusive": 0.0, "not confirmed": 0.0, "passed": 0.0}
    took = 0
    for first, second in logs:
        places, done = measured(limits, first, looks)
        took += done
        suspected = [at for at, found in enumerate(places) if found == "beyond"]
        again: dict[int, Place] = {}
        if suspected:
            found, _ = measured([limits[at] for at in suspected], second[suspected], looks)
            again = dict(zip(suspected, found, strict=True))
        states = {state_of(one, again.get(at)) for at, one in enumerate(places)}
        ends[next(state for state in ends if state in states)] += 1 / count
    return ends, took / count / blocks


def tolerance(expected: float) -> float:
    return 4 * math.sqrt(expected * (1 - expected) / GATES)


@pytest.mark.parametrize("noise", [even, bursts])
@pytest.mark.parametrize("blocks", [5, 12, 30])
def test_a_change_of_just_the_limit_passes_in_at_most_1_of_40_gates(blocks: int, noise: Noise) -> None:
    """Whatever the scatter is: it is the only scale there is."""
    ends, _ = gates(CPU, [0.05], BUSY, blocks, seed=blocks, noise=noise, count=GATES)
    assert ends["passed"] + ends["not confirmed"] <= ALPHA / 2 + tolerance(ALPHA / 2)
    assert ends["regression"] <= (ALPHA / 2) ** 2 + tolerance((ALPHA / 2) ** 2)
    assert ends["inconclusive"] > 0.95


def test_an_unchanged_app_passes_on_a_quiet_machine_and_soon() -> None:
    ends, took = gates(LIMITS, [0.0, 0.0, 0.0], QUIET, 30, seed=1)
    assert ends["passed"] > 0.999
    assert took < 0.4


def test_an_unchanged_app_mostly_passes_on_a_busy_machine_and_is_never_blamed() -> None:
    ends, _ = gates(LIMITS, [0.0, 0.0, 0.0], BUSY, 30, seed=2)
    assert ends["passed"] > 0.9
    assert ends["regression"] == 0.0
    assert ends["passed"] + ends["inconclusive"] == pytest.approx(1.0)


@pytest.mark.parametrize("scatter", [QUIET, BUSY], ids=["quiet", "busy"])
def test_a_change_of_four_times_the_limit_is_found(scatter: tuple[float, ...]) -> None:
    ends, _ = gates(LIMITS, [0.2, 0.0, 0.0], scatter, 30, seed=3)
    assert ends["regression"] > 0.99
    assert ends["passed"] + ends["not confirmed"] == 0.0


def test_looks_cost_an_unchanged_app_little_of_what_it_would_pass_without() -> None:
    with_looks, _ = gates(CPU, [0.0], BUSY, 20, seed=4)
    logs = even(np.random.default_rng(4), (FEW, 2, 20), BUSY[0])[:, 0]
    without = np.mean([place(CPU[0], one, LEVEL) == "within" for one in logs])
    assert without - 0.08 < with_looks["passed"] < without


@pytest.mark.parametrize(("looks", "least"), [("as planned", 0.035), ("after each block", 0.08)])
def test_looking_at_the_full_level_would_pass_broken_limits_too_often(
    looks: Literal["as planned", "after each block"], least: float
) -> None:
    """Why each look spends a part of the 5 %: the mistake, in the same gates."""
    logs = math.log1p(0.05) + even(np.random.default_rng(5), (FEW, 1, 30), BUSY[0])
    at = (*looks_at(30), 30) if looks == "as planned" else range(2, 31)
    passed = [any(place(CPU[0], one[0, :look], LEVEL) == "within" for look in at) for one in logs]
    assert np.mean(passed) > least
