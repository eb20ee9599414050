"""Which figures stray: whoever was disturbed, and never who stands apart since others were."""

from __future__ import annotations

import math
from collections.abc import Iterable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from webdyno.analysis.comparison.strays import Key, in_table, strays
from webdyno.model.block_differences import Signal, Stray

SEEN = (Signal(name="others", value=0.9, usual=0.0),)
STACKS = "abcdef"


def table_of(stacks: int, blocks: int, noise: float = 0.0, seed: int = 0) -> dict[Key, float]:
    rng = np.random.default_rng(seed)
    of_block, of_stack = rng.normal(0, 0.3, blocks), rng.normal(0, 1, stacks)
    return {
        (block, STACKS[which]): float(of_block[block] + of_stack[which] + rng.uniform(-noise, noise))
        for block in range(blocks)
        for which in range(stacks)
    }


def found_in(
    logs: dict[Key, float], seen: Iterable[Key] = (), *, baseline: str = "a", more_is_better: bool = True
) -> list[Stray]:
    table = in_table(logs, dict.fromkeys(seen, SEEN), baseline)
    return list(strays(table, more_is_better=more_is_better))


def places(found: Iterable[Stray]) -> set[Key]:
    return {(one.block, one.stack) for one in found}


def slowed(logs: dict[Key, float], where: Iterable[Key], factor: float) -> dict[Key, float]:
    return logs | {key: logs[key] + math.log(factor) for key in where}


@given(
    stacks=st.integers(3, 6),
    blocks=st.integers(4, 8),
    seed=st.integers(0, 999),
    factor=st.floats(0.3, 0.75),
    more_is_better=st.booleans(),
    data=st.data(),
)
def test_of_some_stacks_hit_in_some_blocks_these_are_named_and_no_others(
    stacks: int, blocks: int, seed: int, factor: float, more_is_better: bool, data: st.DataObject
) -> None:
    hit_stacks = data.draw(st.integers(1, stacks - 1))
    hit_blocks = data.draw(st.integers(1, blocks - 1))
    where = {(block, stack) for block in range(hit_blocks) for stack in STACKS[:hit_stacks]}
    logs = slowed(table_of(stacks, blocks, 0.02, seed), where, factor if more_is_better else 1 / factor)
    found = found_in(logs, where, more_is_better=more_is_better)
    assert places(found) == where
    assert all(one.signals == SEEN for one in found)


@given(
    stacks=st.integers(2, 6),
    blocks=st.integers(4, 8),
    seed=st.integers(0, 999),
    data=st.data(),
)
def test_wherever_and_however_hard_it_was_hit_nothing_undisturbed_is_named(
    stacks: int, blocks: int, seed: int, data: st.DataObject
) -> None:
    logs = table_of(stacks, blocks, 0.01, seed)
    hits = data.draw(st.dictionaries(st.sampled_from(sorted(logs)), st.floats(0.2, 1.0), max_size=len(logs)))
    missing = data.draw(st.sets(st.sampled_from(sorted(logs)), max_size=3))
    for key, factor in hits.items():
        logs[key] += math.log(factor)
    logs = {key: log for key, log in logs.items() if key not in missing}
    of_a_hit_block = {block for block, _ in hits}
    if len({stack for _, stack in logs}) == 1:
        return
    for one in found_in(logs, hits):
        assert (one.block, one.stack) in hits or (one.against and one.block in of_a_hit_block)


@given(
    blocks=st.integers(4, 9),
    seed=st.integers(0, 999),
    factor=st.floats(0.3, 0.75),
    of_baseline=st.booleans(),
    data=st.data(),
)
def test_of_two_stacks_the_ratio_strays_in_the_blocks_that_were_hit_and_in_no_others(
    blocks: int, seed: int, factor: float, of_baseline: bool, data: st.DataObject
) -> None:
    hit_blocks = set(range(data.draw(st.integers(1, blocks - 1))))
    where = {(block, "a" if of_baseline else "b") for block in hit_blocks}
    found = found_in(slowed(table_of(2, blocks, 0.02, seed), where, factor), where)
    assert {one.block for one in found} == hit_blocks
    assert all((one.stack, one.against, one.signals) == ("b", "a", SEEN) for one in found)
    assert all((one.factor > 1) == of_baseline for one in found)


@given(seen=st.integers(1, 3), seed=st.integers(0, 99))
def test_where_more_were_hit_than_was_seen_the_one_that_was_left_alone_is_not_named(seen: int, seed: int) -> None:
    where = [(2, stack) for stack in "abcd"]
    found = found_in(slowed(table_of(5, 6, 0.01, seed), where, 0.6), where[:seen])
    assert places(found).isdisjoint({(2, "e")})


def test_of_two_undisturbed_ones_in_a_block_neither_is_named() -> None:
    logs = slowed(table_of(4, 6), [(2, "a"), (2, "b"), (2, "c")], 0.6)
    assert places(found_in(logs, [(2, "a"), (2, "b")])) <= {(2, "a"), (2, "b")}


def test_what_was_slow_unseen_is_named_beside_others_that_were_seen() -> None:
    logs = slowed(table_of(6, 6), [(2, "a"), (2, "b")], 0.6)
    found = {one.stack: one for one in found_in(logs, [(2, "a")])}
    assert found.keys() == {"a", "b"}
    assert found["b"].signals == ()
    assert [one.factor for one in found.values()] == pytest.approx([0.6, 0.6], abs=1e-4)


def test_a_disturbance_is_no_reason_for_being_better() -> None:
    logs = slowed(table_of(4, 6), [(2, "a")], 1.6)
    assert places(found_in(logs)) == {(2, "a")}
    assert found_in(logs, [(2, "a")]) == []
    assert places(found_in(logs, [(2, "a")], more_is_better=False)) == {(2, "a")}


def test_where_undisturbed_trials_do_not_tell_how_stacks_compare_none_is_named() -> None:
    where = [(block, stack) for block in range(6) for stack in ("a" if block < 3 else "bc")]
    assert found_in(slowed(table_of(3, 6), where, 0.6), where) == []


@pytest.mark.parametrize(("stacks", "blocks"), [(2, 6), (3, 4), (3, 6), (6, 6), (6, 12)])
@pytest.mark.parametrize("scatter", [0.04, 0.08])
def test_quiet_runs_seldom_have_a_stray(stacks: int, blocks: int, scatter: float) -> None:
    rng = np.random.default_rng(5)
    runs = [
        {(block, stack): float(rng.normal(0, scatter)) for block in range(blocks) for stack in STACKS[:stacks]}
        for _ in range(200)
    ]
    assert sum(bool(found_in(run)) for run in runs) < 0.12 * len(runs)
