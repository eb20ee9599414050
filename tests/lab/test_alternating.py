"""Windows that alternate between stacks of a block: real servers under real load."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.dependencies.fakes import ANYWHERE, Fake, running
from tests.known import known
from tests.serving.launch_servers import kill_all_in, record
from webdyno.dependencies.dependency_set import DependencySet
from webdyno.lab.designs.alternating import LEAST_RESPONSES, SHORTEST_S, Alternating, divided
from webdyno.lab.designs.design import Plan
from webdyno.lab.fresh_start import Bench, Turn
from webdyno.lab.measure_trials import measure_fresh_start
from webdyno.lab.stage import Stage, in_order
from webdyno.loadgen.drivers.own import DRIVER
from webdyno.model.load import ClosedLoad, OpenLoad, Window
from webdyno.model.trial import Trial
from webdyno.model.workload import Workload

# Before each response it does what `{before}` says; `count` and `of_connection` are how many there were before.
SERVER = """
import itertools, threading

counter = itertools.count()

def answer(connection):
    own = itertools.count()
    with connection:
        while connection.recv(65536):
            count, of_connection = next(counter), next(own)
            {before}
            connection.sendall(b"HTTP/1.1 200 OK\\r\\nContent-Length: 2\\r\\n\\r\\nok")

{meanwhile}
listener = listen()
while True:
    threading.Thread(target=answer, args=(listener.accept()[0],), daemon=True).start()
"""
KEEPING = SERVER.format(before="pass", meanwhile="")
BUSY = SERVER.format(
    before="pass", meanwhile="threading.Thread(target=lambda: [None for _ in iter(int, 1)], daemon=True).start()"
)
DYING = SERVER.format(before="count < 100 or os._exit(3)", meanwhile="")
HANGING = SERVER.format(before="of_connection < 20 or time.sleep(60)", meanwhile="")
BROKEN = "sys.exit('no database')"
LOAD = ClosedLoad(connections=2)
STAGE = Stage("saturation", LOAD, Window(warmup_s=0.1, duration_s=0.05), cycles=4, resume_s=0.02)


@pytest.fixture(autouse=True)
def no_leftovers(tmp_path: Path) -> Iterator[None]:
    yield
    kill_all_in(tmp_path)


def trials(tmp_path: Path, sources: Sequence[str], *stages: Stage, beside: DependencySet | None = None) -> list[Trial]:
    """What is kept of stacks with these sources, named 0, 1, ..., that are started together."""
    records = []
    for at, source in enumerate(sources):
        folder = tmp_path / str(at)
        folder.mkdir()
        records.append(record(folder, source).model_copy(update={"notation": str(at)}))
    bench = Bench(
        Workload(name="GET /"), ANYWHERE, seed=1, start_timeout_s=10, driver=DRIVER, beside=beside or DependencySet()
    )
    kept: list[Trial] = []
    measure_fresh_start(
        bench, records, Turn(1, 0), in_order(*stages or [STAGE]), lambda one: None, lambda one: None, kept.append
    )
    return kept


def test_each_stack_has_one_trial_of_all_its_windows(tmp_path: Path) -> None:
    rate = Stage("rate", OpenLoad(rate=200), Window(warmup_s=0.1, duration_s=0.1), cycles=3, resume_s=0.05)
    kept = trials(tmp_path, [KEEPING, KEEPING], STAGE, rate)
    assert [(trial.stack, trial.phase) for trial in kept] == [
        (stack, phase) for phase in ("saturation", "rate") for stack in ("0", "1")
    ]
    for trial in kept:
        result, cycles = known(trial.result), {"saturation": 4, "rate": 3}[trial.phase]
        assert len(trial.windows) == cycles
        assert result.window_s == pytest.approx(cycles * trial.window.duration_s)
        assert sum(one.delivered for one in trial.windows) == pytest.approx(result.delivered)
        assert sum(known(one.cpu_s) for one in trial.windows) == pytest.approx(known(trial.resources).cpu_s)
        assert result.ok > 0 and not result.failures and not trial.failure
        assert known(trial.idle).seconds > 0.1
    # Those of the other lie between its own.
    first, other = kept[0], kept[1]
    spans = [(one.started.timestamp() + at.at_s, one.stack) for one in (first, other) for at in one.windows]
    order = [stack for _, stack in sorted(spans)]
    assert all(set(order[at : at + 2]) == {"0", "1"} for at in range(0, 8, 2))


def test_connections_are_opened_once_for_all_windows(tmp_path: Path) -> None:
    kept = trials(tmp_path, [KEEPING, KEEPING])
    assert [known(known(trial.result).connects) for trial in kept] == [0, 0]
    assert all(known(known(trial.result).reconnects) == 0 for trial in kept)


def test_a_stack_that_does_not_start_leaves_the_others_measured(tmp_path: Path) -> None:
    kept = {trial.stack: trial for trial in trials(tmp_path, [KEEPING, BROKEN, KEEPING])}
    assert known(kept["1"].failure).text and kept["1"].server_output == ("no database",)
    assert "--in-turn" in known(kept["1"].remedy).text
    assert all(len(kept[stack].windows) == 4 and not kept[stack].failure for stack in "02")


def test_a_stack_that_dies_meanwhile_leaves_the_others_measured(tmp_path: Path) -> None:
    stages = STAGE._replace(cycles=16), STAGE._replace(phase="rate", load=OpenLoad(rate=100))
    kept = trials(tmp_path, [KEEPING, DYING], *stages)
    good = [trial for trial in kept if trial.stack == "0"]
    assert [len(trial.windows) for trial in good] == [16, 4]
    assert not any(trial.failure for trial in good)
    lost = [trial for trial in kept if trial.stack == "1"]
    assert lost[-1].failure and lost[-1].result is None


def test_what_a_stack_uses_while_others_are_loaded_is_told(tmp_path: Path) -> None:
    kept = {trial.stack: trial for trial in trials(tmp_path, [KEEPING, BUSY])}
    assert known(kept["1"].idle).cores > 0.2
    assert known(kept["0"].idle).cores < known(kept["1"].idle).cores / 2


def test_calls_of_a_dependency_are_those_of_the_windows_of_each_stack(tmp_path: Path) -> None:
    counts = [0, *(count for turn in range(8) for count in (10 * turn, 10 * turn + 7)), 100]
    with running(Fake(counts=counts).wanted()) as beside:
        kept = trials(tmp_path, [KEEPING, KEEPING], beside=beside)
    assert [sum(trial.calls.values()) for trial in kept] == [28, 28]


def test_a_stack_that_leaves_requests_unanswered_does_not_hold_up_the_others_in_each_window(tmp_path: Path) -> None:
    window = Window(warmup_s=0.1, duration_s=0.05, timeout_s=0.5)
    stage = STAGE._replace(window=window, cycles=40)
    kept = {trial.stack: trial for trial in trials(tmp_path, [KEEPING, HANGING], stage)}
    assert len(kept["0"].windows) == 40 and not kept["0"].failure
    assert known(kept["1"].result).window_s < 20 * window.duration_s


def test_slow_responses_cost_no_stack_its_windows(tmp_path: Path) -> None:
    slow = SERVER.format(before="time.sleep(0.04)", meanwhile="")
    window = Window(warmup_s=0.1, duration_s=0.05, timeout_s=0.5)
    kept = trials(tmp_path, [slow, slow], STAGE._replace(window=window, cycles=12))
    assert [len(trial.windows) for trial in kept] == [12, 12]


@given(st.floats(0.05, 100), st.floats(0.1, 50), st.floats(0.001, 5))
def test_a_window_is_divided_into_equal_ones_that_are_long_enough(
    duration_s: float, shortest_s: float, warmup_s: float
) -> None:
    window, cycles = divided(Window(warmup_s=warmup_s, duration_s=duration_s), shortest_s)
    assert window.duration_s * cycles == pytest.approx(duration_s)
    assert cycles == 1 or window.duration_s >= shortest_s * (1 - 1e-6)
    assert window.duration_s < 2 * max(shortest_s, duration_s / 2) + 1e-9
    assert window.warmup_s == warmup_s


def test_without_a_warm_up_a_window_stays_whole() -> None:
    assert divided(Window(warmup_s=0, duration_s=1), 0.1) == (Window(warmup_s=0, duration_s=1), 1)


@given(st.floats(0, 2), st.floats(1, 10_000), st.integers(1, 6))
def test_stages_measure_as_long_as_is_asked_and_plan_their_time(slowest_s: float, rate: float, stacks: int) -> None:
    window, rate_window = Window(warmup_s=0.3, duration_s=1), Window(warmup_s=0.3 + 1.5 * slowest_s, duration_s=1)
    plan = Plan(ClosedLoad(connections=32), OpenLoad(rate=rate), window, rate_window, slowest_s)
    closed, opened = Alternating().planned(plan)
    # Above 60 % of what the slowest stack handles, the whole warm-up lets the queue come to its length.
    rate_warmup_s = opened.resume_s if known(opened.cycles) > 1 else rate_window.warmup_s
    for stage, warmup_s in ((closed, 0.3), (opened, rate_warmup_s)):
        cycles = known(stage.cycles)
        assert cycles * stage.window.duration_s == pytest.approx(1)
        assert stage.window.warmup_s == warmup_s
        assert stage.seconds(stacks) == pytest.approx(stacks * (1 + warmup_s + (cycles - 1) * 1.5 * stage.resume_s))
    # As many requests end as begin.
    assert 1.5 * slowest_s <= opened.resume_s <= rate_window.warmup_s
    assert closed.cycles == 1 or closed.window.duration_s >= max(SHORTEST_S, LEAST_RESPONSES * slowest_s) - 1e-9
    # A queue that forgets slowly how it began is not cut into pieces.
    assert opened.cycles == 1 or rate * slowest_s / 32 <= 0.6
