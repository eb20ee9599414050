"""A stack against itself, simulated by the thousand with what machines do to it, through the verdict that users see."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest

from tests.same_stack import is_told_apart, most_false
from webdyno.analysis.statistics.estimates import DEFAULT_MARGIN

Values = npt.NDArray[np.float64]
EXPERIMENTS = 2000
BLOCKS = 10
SLICES = 20
# Logarithms: what a block does to both alike, how the machine drifts from trial to trial (and how much of it stays),
# what each fresh start adds of its own, and what is left from one slice of a trial to the next.
BLOCK_SD, DRIFT_SD, DRIFT_STAYS, START_SD, SLICE_SD = 0.10, 0.05, 0.9, 0.03, 0.03


def slices(*, in_blocks: bool = True, seed: int = 1) -> tuple[Values, Values]:
    """Throughput of two equal stacks by experiment, block and slice of a trial.

    Args:
        in_blocks: both stacks in every block, in random order; else all trials of the first come before the second's.
        seed: of everything.
    """
    rng = np.random.default_rng(seed)
    in_time = drift(rng)
    if in_blocks:
        order = rng.permuted(np.tile([0, 1], (EXPERIMENTS, BLOCKS, 1)), axis=2)
        pairs = np.take_along_axis(in_time.reshape(EXPERIMENTS, BLOCKS, 2), order, axis=2)
        pairs += rng.normal(0, BLOCK_SD, (EXPERIMENTS, BLOCKS, 1))
    else:
        pairs = in_time.reshape(EXPERIMENTS, 2, BLOCKS).swapaxes(1, 2)
    logs = pairs[..., None] + rng.normal(0, START_SD, (EXPERIMENTS, BLOCKS, 2, 1))
    logs = logs + rng.normal(0, SLICE_SD, (EXPERIMENTS, BLOCKS, 2, SLICES))
    values = 5000 * np.exp(logs)
    return values[:, :, 0], values[:, :, 1]


def drift(rng: np.random.Generator) -> Values:
    """A first-order autoregression over the trials of each experiment, stationary from the first."""
    steps = rng.normal(0, DRIFT_SD, (EXPERIMENTS, 2 * BLOCKS))
    steps[:, 1:] *= np.sqrt(1 - DRIFT_STAYS**2)
    for at in range(1, 2 * BLOCKS):
        steps[:, at] += DRIFT_STAYS * steps[:, at - 1]
    return steps


def false_verdicts(first: Values, second: Values, margin: float = 0.0) -> int:
    """How often two equal stacks are told apart; values by experiment and by what is taken for a block."""
    return sum(is_told_apart(one, other, margin) for one, other in zip(first.tolist(), second.tolist(), strict=True))


@pytest.mark.parametrize("margin", [0.0, DEFAULT_MARGIN])
def test_a_stack_is_told_apart_from_itself_at_most_once_in_twenty(margin: float) -> None:
    first, second = slices()
    assert false_verdicts(first.mean(axis=2), second.mean(axis=2), margin) <= most_false(EXPERIMENTS)


def test_a_verdict_that_took_parts_of_a_trial_for_independent_would_fail_this_test() -> None:
    """What happens if a trial's requests, here by the slice, are analysed as if each were a block of its own."""
    first, second = (values[:200].reshape(200, -1) for values in slices())
    assert false_verdicts(first, second) > 4 * most_false(200)


def test_measuring_one_stack_after_the_other_would_fail_this_test() -> None:
    first, second = (values.mean(axis=2) for values in slices(in_blocks=False))
    assert false_verdicts(first, second) > 4 * most_false(EXPERIMENTS)
