"""What a quick run promises, in simulated runs of known truth: how often it ends with a wrong order, and how soon.

All go through the functions that plan the looks and judge the steps. Tolerances are four standard errors of a binomial
share; seeds are fixed.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pytest

from tests.analysis.statistics.test_designs import share, tolerance, worlds
from webdyno.analysis.comparison.order import relations
from webdyno.analysis.statistics.estimates import ALPHA, DEFAULT_MARGIN, sample
from webdyno.lab.plan import quick_looks

RUNS = 600
MARGIN = math.log1p(DEFAULT_MARGIN)
DEFAULTS = [math.log(throughput) for throughput in (3286, 3561, 7014, 9854, 11592)]


class Ended(NamedTuple):
    """By runs: whether the order was known in the end, and wrong; after how many blocks."""

    known: npt.NDArray[np.bool_]
    wrong: npt.NDArray[np.bool_]
    blocks: npt.NDArray[np.int64]


def one_run(logs: npt.NDArray[np.float64], truth: Sequence[float], share_of_look: float, looks: Sequence[int]) -> Ended:
    for look in looks:
        seen = logs[:, :look]
        order = np.argsort(-seen.mean(axis=1)).tolist()
        pairs = list(pairwise(order))
        found = relations([sample(np.exp(seen[a] - seen[b]).tolist()) for a, b in pairs], DEFAULT_MARGIN, share_of_look)
        if all(relation != "open" for relation, _ in found):
            apart = [truth[a] - truth[b] for a, b in pairs]
            wrong = any(
                (relation == "ahead" and by <= 0) or (relation == "tie" and abs(by) > MARGIN * (1 - 1e-9))
                for (relation, _), by in zip(found, apart, strict=True)
            )
            return Ended(np.array(True), np.array(wrong), np.array(look))
    return Ended(np.array(False), np.array(False), np.array(looks[-1]))


def ends(truth: Sequence[float], fit: int, *, calm: float = 1.0, part: float | None = None, seed: int = 1) -> Ended:
    looks = quick_looks(fit)
    logs = calm * worlds(len(truth), looks[-1], seed, experiments=RUNS)[:, 0].mean(axis=-1) + np.array(truth)[:, None]
    runs = [one_run(one, truth, part or 1 / len(looks), looks) for one in logs]
    return Ended(*(np.stack(part) for part in zip(*runs, strict=True)))


@pytest.mark.parametrize("fit", [2, 3, 6, 12])
@pytest.mark.parametrize(
    ("truth", "calm"),
    [
        ([0.0] * 2, 1.0),
        ([0.0] * 3, 1.0),
        ([0.0] * 6, 1.0),
        ([0.0] * 6, 0.1),
        ([2.0, 1.0, 0.0, 0.0, -1.0, -2.0], 1.0),
        ([2.0, 2.0, 0.0, 0.0, -2.0, -2.0], 0.3),
        ([MARGIN * place for place in range(4)], 0.1),
        ([0.0, MARGIN], 0.1),
    ],
    ids=["two alike", "three alike", "six alike", "six alike, calm", "two alike of six", "pairs", "steps", "step"],
)
def test_at_most_one_quick_run_in_twenty_ends_with_a_wrong_order(truth: list[float], calm: float, fit: int) -> None:
    assert share(ends(truth, fit, calm=calm).wrong) <= ALPHA + tolerance(ALPHA, RUNS)


def test_stacks_that_are_the_same_have_no_order_so_that_time_ends_the_run() -> None:
    assert share(ends([0.0] * 3, 12).known) < 0.01
    two = ends([0.0] * 2, 12)
    assert share(two.known) <= ALPHA + tolerance(ALPHA, RUNS)
    assert two.blocks.mean() > 11.5


def test_looks_that_do_not_share_their_chance_would_err_too_often() -> None:
    assert share(ends([0.0] * 2, 24, part=1.0).wrong) > 0.10


def test_on_a_calm_machine_stacks_that_are_the_same_are_told_as_such() -> None:
    alike = ends([0.0] * 6, 6, calm=0.03)
    assert share(alike.known) > 0.99
    assert not alike.wrong.any()


@pytest.mark.parametrize(("calm", "fit", "least"), [(1.0, 12, 0.6), (0.5, 6, 0.8), (0.3, 3, 0.7)])
def test_the_default_stacks_have_an_order_soon(calm: float, fit: int, least: float) -> None:
    assert share(ends(DEFAULTS, fit, calm=calm).known) > least


@pytest.mark.parametrize("blocks", range(60))
def test_looks_are_few_and_the_last_is_when_time_is_up(blocks: int) -> None:
    looks = quick_looks(blocks)
    assert looks[-1] == max(blocks, 2)
    assert list(looks) == sorted(set(looks)) and len(looks) <= 8
