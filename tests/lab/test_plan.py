"""What the lab decides: order, seeds, rate, blocks."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from webdyno.lab.plan import (
    FIRST_LOOK,
    LEAST_BLOCKS,
    MOST_PLANNED_BLOCKS,
    arrival_seed,
    block_order,
    blocks_that_fit,
    fixed_rate,
    hash_seed,
    looks_at,
    stretch,
    window_order,
)

STACKS = ["a", "b", "c", "d", "e", "f"]


@given(st.integers(0, 2**31), st.integers(0, 100))
def test_a_block_holds_every_stack_once_in_an_order_that_the_seed_repeats(seed: int, block: int) -> None:
    order = block_order(STACKS, block, seed)
    assert sorted(order) == STACKS
    assert order == block_order(STACKS, block, seed)


def test_over_many_blocks_every_stack_comes_first_about_equally_often() -> None:
    firsts = [block_order(STACKS, block, 7)[0] for block in range(3000)]
    assert all(400 < firsts.count(stack) < 600 for stack in STACKS)


def test_arrivals_are_the_same_for_all_stacks_of_a_block_and_differ_between_blocks() -> None:
    assert arrival_seed(1, 2, 7) == arrival_seed(1, 2, 7)
    assert len({arrival_seed(block, cycle, 7) for block in range(20) for cycle in range(5)}) == 100


def test_windows_of_a_cycle_come_in_an_order_of_their_own_that_the_seed_repeats() -> None:
    orders = [window_order(3, block, "rate", cycle, 7) for block in range(20) for cycle in range(10)]
    assert orders == [window_order(3, block, "rate", cycle, 7) for block in range(20) for cycle in range(10)]
    assert len({tuple(order) for order in orders}) == 6


def test_warm_ups_differ_from_window_to_window_and_are_as_long_as_planned_on_average() -> None:
    found = [stretch(block, "rate", cycle, 7) for block in range(40) for cycle in range(10)]
    assert found == [stretch(block, "rate", cycle, 7) for block in range(40) for cycle in range(10)]
    assert all(1 <= one <= 2 for one in found) and len(set(found)) == 400
    assert sum(found) / 400 == pytest.approx(1.5, abs=0.05)


def test_hash_seeds_differ_between_stacks_and_blocks_and_are_allowed_by_python() -> None:
    seeds = {hash_seed(stack, block, 7) for stack in STACKS for block in range(50)}
    assert len(seeds) == 300
    assert all(0 <= seed <= 4294967295 for seed in seeds)


@given(st.lists(st.floats(0.5, 1e6), min_size=1, max_size=9))
def test_the_fixed_rate_is_at_most_half_of_the_slowest_and_not_far_below(carried: list[float]) -> None:
    rate = fixed_rate(carried)
    assert rate is not None
    assert min(carried) / 2 * 0.9 <= rate <= min(carried) / 2 * 1.0001


@pytest.mark.parametrize(
    ("carried", "rate"), [([3286.0, 11592.0], 1600.0), ([21.0], 10.0), ([2.0], 1.0), ([0.31], 0.15)]
)
def test_the_fixed_rate_is_a_round_number(carried: list[float], rate: float) -> None:
    assert fixed_rate(carried) == pytest.approx(rate)


def test_there_is_no_fixed_rate_where_nothing_was_carried() -> None:
    assert fixed_rate([]) is None
    assert fixed_rate([0.0]) is None


@given(st.floats(-100, 1e5), st.floats(0.1, 1e4))
def test_blocks_fit_into_the_time_but_are_never_fewer_than_two(remaining: float, block: float) -> None:
    blocks = blocks_that_fit(remaining, block)
    assert LEAST_BLOCKS <= blocks <= MOST_PLANNED_BLOCKS
    assert blocks == LEAST_BLOCKS or blocks * block <= remaining


@given(st.integers(-5, 1000))
def test_looks_are_few_and_neither_early_nor_at_the_end(blocks: int) -> None:
    looks = looks_at(blocks)
    assert len(looks) <= 2
    assert list(looks) == sorted(set(looks))
    assert all(FIRST_LOOK <= look < blocks for look in looks)


@pytest.mark.parametrize(("blocks", "looks"), [(8, ()), (9, (6,)), (20, (7, 13)), (30, (10, 20))])
def test_looks_come_after_a_third_and_two_thirds_of_the_blocks(blocks: int, looks: tuple[int, ...]) -> None:
    assert looks_at(blocks) == looks
