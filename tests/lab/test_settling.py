"""What the pilot says of stacks that are to run beside each other."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.factories import Truth, make_run
from tests.known import known
from tests.lab.bench import STACKS, FakeBench, Scene, on_stage, question
from webdyno.lab.designs.alternating import Alternating
from webdyno.lab.designs.table import ALTERNATING
from webdyno.lab.ending import Planned
from webdyno.lab.fresh_start import Turn
from webdyno.lab.memory import Memory
from webdyno.lab.stage import Stage
from webdyno.model.load import Window
from webdyno.model.run import StackRecord
from webdyno.model.trial import IdleUse, ResourceUse, Trial

FAST, SLOW = STACKS
USED = known(make_run((Truth("flask@gunicorn", 3000, 300),), blocks=1).trials[0].resources)
WINDOW = Window(warmup_s=0.3, duration_s=1.0)


class SeenBench(FakeBench):
    """One whose trials tell what the processes used."""

    def __init__(self, idle_cores: float = 0.001, rss_bytes: int = 50_000_000, available: int = 10**10) -> None:
        super().__init__()
        self.idle = IdleUse(seconds=0.25, cpu_s=0.25 * idle_cores)
        system = USED.system.model_copy(update={"memory_available_bytes": available})
        samples = tuple(sample.model_copy(update={"rss_bytes": rss_bytes}) for sample in USED.samples)
        self.resources: ResourceUse = USED.model_copy(update={"system": system, "samples": samples})

    def _trial(self, stack: StackRecord, turn: Turn, at: int, stage: Stage) -> Trial:
        trial = super()._trial(stack, turn, at, stage)
        idle = self.idle if stage.idle_s and stack.notation == SLOW else None
        return trial.model_copy(update={"idle": idle, "resources": self.resources})


def gone(bench: SeenBench) -> Scene:
    asked = question(design=ALTERNATING, window=WINDOW)
    with on_stage(asked, Planned(2), bench) as scene:
        scene.go()
    return scene


def test_all_stacks_of_a_block_are_started_together() -> None:
    scene = gone(SeenBench())
    assert scene.run.experiment.design == "alternating"
    assert [sorted(group) for group, turn in scene.bench.started if turn.block] == [sorted(STACKS)] * 2
    assert scene.notes == ()


def test_beside_a_stack_that_is_busy_without_a_load_one_runs_at_a_time_and_that_is_told() -> None:
    scene = gone(SeenBench(idle_cores=0.04))
    assert scene.run.experiment.design == "in-turn"
    assert [len(group) for group, turn in scene.bench.started if turn.block] == [1] * 4
    (note,) = scene.notes
    assert note.startswith(f"{SLOW} keeps 4 % of a core busy without a load")
    assert "--in-turn" in note


def test_where_memory_does_not_hold_all_a_block_starts_them_in_groups_and_that_is_told() -> None:
    scene = gone(SeenBench(rss_bytes=600_000_000, available=10**9))
    assert [len(group) for group, turn in scene.bench.started if turn.block] == [1] * 4
    assert [turn.position for _, turn in scene.bench.started if turn.block] == [0, 1] * 2
    (note,) = scene.notes
    assert "each block starts them in 2 groups" in note


@given(st.lists(st.integers(1, 100), min_size=1, max_size=12), st.integers(1, 300))
def test_groups_hold_every_stack_once_in_its_order_and_fit_unless_one_alone_does_not(
    needs: list[int], room: int
) -> None:
    order = [str(at) for at in range(len(needs))]
    memory = Memory(dict(zip(order, needs, strict=True)), room)
    groups = Alternating().groups(order, memory.fits)
    assert [notation for group in groups for notation in group] == order
    assert all(memory.fits(group) or len(group) == 1 for group in groups)
    assert all(not memory.fits([*group, later[0]]) for group, later in pairwise(groups))


@pytest.mark.parametrize(("available", "room"), [(900_000_000, 475_000_000), (0, 25_000_000)])
def test_half_of_what_would_be_available_without_the_one_that_ran_is_room_for_all(available: int, room: int) -> None:
    bench = SeenBench(available=available)
    pilots = [
        Trial(block=0, position=0, stack=stack, phase="pilot", started=datetime.now(UTC), load=question().saturation,
              window=WINDOW, resources=bench.resources)
        for stack in STACKS
    ]  # fmt: skip
    memory = Memory.seen(pilots)
    assert memory == Memory(dict.fromkeys(STACKS, 50_000_000), room)
    assert memory.fits([FAST]) == (room >= 50_000_000)
