"""Dependencies of any package: found, started one after the other, held to what they say, and stopped in any case."""

from __future__ import annotations

import pytest

from tests.dependencies.fakes import Fake, running
from webdyno.dependencies.dependency_set import find_wanted, run_dependencies
from webdyno.errors import DependencyFailed, Interrupted, MeasurementError, UsageError
from webdyno.model.run import CpuPlan
from webdyno.model.workload import Need


def test_without_needs_nothing_runs_and_nothing_is_lost() -> None:
    with running() as none:
        none.check()
        assert (none.calls_since(none.calls()), none.env, none.records, none.apart) == ({}, {}, (), True)


def test_several_are_started_in_their_order_and_stopped_in_the_other() -> None:
    log: list[str] = []
    first, second = Fake("first", {"FIRST": "1"}, log=log), Fake("second", {"SECOND": "2"}, counts=(3,), log=log)
    with running(first.wanted(), second.wanted()) as both:
        assert both.env == {"FIRST": "1", "SECOND": "2"}
        assert both.calls() == {"second": 3}
        assert [record.name for record in both.records] == ["first", "second"]
        assert not both.apart
    assert log == ["start first", "start second", "stop second", "stop first"]


@pytest.mark.parametrize(
    ("server", "load", "pinned", "had"),
    [
        ((1,), (0,), True, ((2, 3), True)),
        ((1, 2, 3), (0,), True, ((0,), False)),
        ((0,), (0,), True, ((1, 2, 3), True)),
        ((0, 1, 2, 3), (0, 1, 2, 3), False, ((), False)),
    ],
)
def test_it_has_the_cpus_that_neither_serve_nor_load_or_else_those_of_the_load(
    monkeypatch: pytest.MonkeyPatch,
    server: tuple[int, ...],
    load: tuple[int, ...],
    pinned: bool,
    had: tuple[tuple[int, ...], bool],
) -> None:
    monkeypatch.setattr("os.sched_getaffinity", lambda pid: {0, 1, 2, 3})
    cpus = CpuPlan(server=server, load=load, apart=server != load, pinned=pinned)
    with run_dependencies([Fake().wanted()], cpus, print, print) as found:
        (record,) = found.records
        assert (record.cpus, record.apart) == had
        assert found.apart == had[1]


@pytest.mark.parametrize("raised", [DependencyFailed("no"), UsageError("no"), KeyError("no"), Interrupted("no")])
def test_where_one_does_not_start_those_before_it_are_stopped(raised: BaseException) -> None:
    log: list[str] = []
    others = Interrupted if isinstance(raised, Interrupted) else DependencyFailed
    with pytest.raises(others, match="no"), running(Fake("first", log=log).wanted(), Fake(on_start=raised).wanted()):
        raise AssertionError("it did not start")
    assert log == ["start first", "stop first"]


@pytest.mark.parametrize("raised", [KeyboardInterrupt(), Interrupted("SIGTERM"), MeasurementError("no"), OSError()])
def test_it_is_stopped_whatever_ends_the_run(raised: BaseException) -> None:
    fake = Fake()
    with pytest.raises(type(raised)), running(fake.wanted()):
        raise raised
    assert fake.log == ["start fake", "stop fake"]


def test_one_that_cannot_stop_is_told_and_costs_no_result() -> None:
    told: list[str] = []
    fakes = Fake("first"), Fake("second", on_stop=OSError("its folder is busy"))
    with running(*(fake.wanted() for fake in fakes), tell=told.append):
        pass
    assert told == ["the dependency second did not stop as it should: OSError: its folder is busy"]
    assert fakes[0].log == ["start first", "stop first"]
    with pytest.raises(MeasurementError, match="measured wrongly"), running(fakes[1].wanted(), tell=told.append):
        raise MeasurementError("measured wrongly")
    assert len(told) == 2


@pytest.mark.parametrize(
    ("raised", "said"),
    [
        (DependencyFailed("the dependency fake exited with code 1", "", ("its output",)), "exited with code 1"),
        (RuntimeError("a fault of its own"), "the dependency fake failed: RuntimeError: a fault of its own"),
    ],
)
def test_what_a_check_raises_is_its_own_failure(raised: Exception, said: str) -> None:
    fake = Fake()
    with pytest.raises(DependencyFailed, match=said), running(fake.wanted()) as found:
        fake.on_check = raised
        found.check()
    fake = Fake(on_check=raised)
    with pytest.raises(DependencyFailed, match=said), running(fake.wanted()):
        raise AssertionError("it did not start")
    assert fake.log == ["start fake", "stop fake"]


@pytest.mark.parametrize("counts", [(0, 5, 4), (0, 5, None)])
def test_one_that_has_forgotten_its_calls_has_begun_anew(counts: tuple[int | None, ...]) -> None:
    with running(Fake(counts=counts).wanted()) as found:
        before = found.calls()
        with pytest.raises(DependencyFailed, match="has begun anew"):
            found.calls_since(before)


@pytest.mark.parametrize(
    ("count", "said"), [(None, "does not count"), (-1, "-1 times"), (True, "True"), ("9" * 99, "99")]
)
def test_calls_that_are_held_against_the_stacks_must_be_known(count: object, said: str) -> None:
    with pytest.raises(DependencyFailed, match=said), running(Fake(counts=(count,)).wanted(calls=1)):
        raise AssertionError("it was taken")


@pytest.mark.parametrize("env", [{"A=B": "1"}, {"": "1"}, {"A": "\0"}, {"A": 1}, {"1A": "x"}])
def test_variables_that_no_process_can_have_are_refused(env: dict[str, str]) -> None:
    fake = Fake(env=env)
    with pytest.raises(DependencyFailed, match="says of itself what cannot be"), running(fake.wanted()):
        raise AssertionError("it was taken")
    assert fake.log == ["start fake", "stop fake"]


def test_two_that_tell_the_stacks_the_same_variable_are_refused() -> None:
    fakes = Fake("first", {"URL": "1"}), Fake("second", {"URL": "2"})
    clash = pytest.raises(DependencyFailed, match="the dependency second tells the stacks URL, and so does first")
    with clash, running(*(fake.wanted() for fake in fakes)):
        raise AssertionError("they were taken")


def test_what_a_workload_needs_must_be_there_and_named_once() -> None:
    assert find_wanted([]) == []
    with pytest.raises(UsageError, match="needs the dependency upstraem, which is unknown") as unknown:
        find_wanted([Need(name="upstraem")])
    assert "upstream" in unknown.value.remedy
    with pytest.raises(UsageError, match="names the dependency upstream twice"):
        find_wanted([Need(name="upstream"), Need(name="upstream", settings={"delay": "constant:2"})])
