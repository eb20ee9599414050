"""The split of the variance of a block's log-ratio, against simulated blocks whose parts are known."""

from __future__ import annotations

import numpy as np
import pytest
from benchmarks.split.blocks import Pair, Shares, cpu_per_request, pairs_of, split, throughput

from tests.factories import Truth, make_run
from webdyno.model.trial import ShortWindow

START, WINDOW, SHARED, SLOPE, COST, BLOCKS, CYCLES = 0.03, 0.08, 0.2, -0.5, 0.1, 12, 10
WAIT_SLOPE, WAIT = -1.0, 0.05


def window(rate: float, cost: float = 1e-5, wait_s: float = 0.0, cpu_s: float | None = 0.09) -> ShortWindow:
    """One of 0.1 s with so many responses a second, each of which cost the generator so many CPU seconds."""
    delivered = 0.1 * rate
    return ShortWindow(
        at_s=0.0,
        window_s=0.1,
        delivered=delivered,
        cpu_s=cpu_s,
        generator_cpu_s=cost * delivered,
        generator_wait_s=wait_s,
    )


def simulated(rng: np.random.Generator) -> list[list[Pair]]:
    """Blocks whose starts, windows, cycles and generator scatter as said above."""
    blocks = []
    for _ in range(BLOCKS):
        starts, block = rng.normal(0, START, 2), []
        for _ in range(CYCLES):
            shared, costs = rng.normal(0, SHARED), rng.normal(0, COST, 2)
            waits = rng.uniform(0, WAIT, 2) * 12**0.5
            logs = starts + shared + SLOPE * costs + WAIT_SLOPE * waits + rng.normal(0, WINDOW, 2)
            first, second = (
                window(1000 * float(np.exp(one)), 1e-5 * float(np.exp(cost)), 0.1 * float(wait))
                for one, cost, wait in zip(logs, costs, waits, strict=True)
            )
            block.append((first, second))
        blocks.append(block)
    return blocks


def test_each_part_is_found_whatever_a_cycle_does_to_both_stacks_alike() -> None:
    rng = np.random.default_rng(6)
    found = [one for _ in range(200) if (one := split(simulated(rng), throughput))]
    parts = np.array([np.array(one.shares[1:]) * one.shares.variance for one in found])
    generator, speed = WAIT_SLOPE**2 * WAIT**2, SLOPE**2 * COST**2
    truth = 2 * np.array([START**2, WINDOW**2 / CYCLES, generator / CYCLES, speed / CYCLES])
    # Slopes that were fitted are not quite the true ones, so that a little of the generator's part is missed.
    chance = 4 * parts.std(axis=0) / len(found) ** 0.5
    assert np.all(np.abs(parts.mean(axis=0) - truth) <= chance + 0.05 * truth)
    whole = np.mean([one.shares.variance for one in found])
    assert whole == pytest.approx(truth.sum(), rel=0.05)
    within = WINDOW**2 + generator + speed
    assert np.mean([one.window_sd**2 for one in found]) == pytest.approx(2 * within, rel=0.05)
    assert np.mean([one.unpaired_sd**2 for one in found]) == pytest.approx(2 * (within + SHARED**2), rel=0.05)


def test_standard_errors_are_about_as_large_as_the_scatter_of_the_shares() -> None:
    rng = np.random.default_rng(7)
    found = [one for _ in range(200) if (one := split(simulated(rng), throughput))]
    scatter = np.std([one.shares[1:] for one in found], axis=0)
    errors = np.median([one.errors[1:] for one in found], axis=0)
    assert (errors / scatter) == pytest.approx(1, abs=0.5)


def test_shares_make_up_the_whole() -> None:
    found = split(simulated(np.random.default_rng(8)), throughput)
    assert found
    assert (found.blocks, found.cycles) == (BLOCKS, CYCLES)
    assert sum(found.shares[1:]) == pytest.approx(1)


def test_windows_that_are_all_alike_have_no_variance_to_share() -> None:
    found = split([[(window(1000), window(1000))] * 3] * 4, throughput)
    assert found
    assert found.shares == Shares(0, 0, 0, 0, 0)


def test_too_few_blocks_or_windows_are_not_split() -> None:
    blocks = simulated(np.random.default_rng(9))
    assert split(blocks[:3], throughput) is None
    assert split([block[:1] for block in blocks], throughput) is None
    assert split([], throughput) is None


def test_a_window_without_a_figure_is_left_out_with_its_cycle() -> None:
    blocks = simulated(np.random.default_rng(10))
    unseen = [[(window(1000, cpu_s=None), window(1000)), (window(0), window(1000)), *block] for block in blocks]
    assert split(unseen, cpu_per_request) == split(blocks, cpu_per_request)
    empty = [[(window(0), window(1000)), *block] for block in blocks]
    assert split(empty, throughput) == split(blocks, throughput)


def test_windows_are_paired_cycle_by_cycle_as_far_as_both_have_them() -> None:
    stacks = ("bare-wsgi@gunicorn", "bare-wsgi@gunicorn?workers=1")
    run = make_run((Truth(stacks[0], 1000, 900), Truth(stacks[1], 1000, 900)), blocks=2)
    trials = [
        trial.model_copy(update={"windows": tuple(window(100 * at + len(trial.stack)) for at in range(1, cycles))})
        for trial in run.trials
        for cycles in [4 if trial.stack == stacks[0] else 3]
    ]
    pairs = pairs_of(trials, stacks, [2])
    assert pairs.keys() == {2}
    assert [tuple(round(10 * one.delivered) for one in pair) for pair in pairs[2]] == [(118, 128), (218, 228)]
