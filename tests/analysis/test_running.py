"""Servers that already ran: what is said of them, and what is not."""

from __future__ import annotations

import pytest

from tests.factories import Truth, make_run
from webdyno.analysis.comparison.analyse import analyse
from webdyno.analysis.comparison.contrasts import difference
from webdyno.model.notation import parse_stack
from webdyno.model.run import Run
from webdyno.report.comparison.view import view

URL, OTHER, STARTED = "url=http://127.0.0.1:8000/", "url=http://127.0.0.1:8001/,pid=7", "flask@gunicorn"


def run_of(*stacks: str, steal: float = 0.0) -> Run:
    """A run of stacks of which those without a process have no resources, only the machine."""
    run = make_run(tuple(Truth(one, 2000 + 1000 * at, 300) for at, one in enumerate(stacks)), blocks=6)
    trials = []
    for trial in run.trials:
        system = trial.resources.system.model_copy(update={"steal_percent": steal}) if trial.resources else None
        unseen = not parse_stack(trial.stack).is_seen
        trials.append(trial.model_copy(update={"resources": None, "system": system}) if unseen else trial)
    return run.model_copy(update={"trials": tuple(trials)})


def test_verdicts_shrink_to_what_is_known_of_both() -> None:
    analysis = analyse(run_of(OTHER, URL))
    assert {one.metric for one in analysis.verdicts} == {"throughput", "p50", "p99"}
    assert [one.comparisons for one in analysis.verdicts] == [1, 2, 2]
    assert analysis.answered
    seen, unseen = analysis.stacks
    assert seen.cpu_per_request_us is not None and unseen.cpu_per_request_us is None


def test_it_is_said_what_is_known_less_well() -> None:
    names = [{reason.name for reason in stack.reasons} for stack in analyse(run_of(STARTED, URL, OTHER)).stacks]
    told = {"already-running", "unseen-processes"}
    assert [one & told for one in names] == [set(), told, {"already-running"}]


def test_stolen_time_counts_where_no_process_is_seen() -> None:
    unseen = analyse(run_of(STARTED, URL, steal=20.0)).stacks[1]
    assert not unseen.valid and "steal" in {reason.name for reason in unseen.reasons}


@pytest.mark.parametrize(
    ("stacks", "said", "cpus"),
    [
        ((STARTED, "fastapi@uvicorn"), "each stack in a fresh process;", "(servers on CPU 1, load on CPU 0: apart)"),
        (
            (STARTED, URL),
            "each stack in a fresh process, but for those that already ran;",
            "(servers that webdyno starts on CPU 1, load on CPU 0: apart)",
        ),
        ((URL, OTHER), "on servers that already ran;", "(load on CPU 0, servers not bound to any)"),
    ],
)
def test_nothing_is_claimed_of_their_processes_and_cpus(stacks: tuple[str, ...], said: str, cpus: str) -> None:
    run = run_of(*stacks)
    facts = " ".join(view(run, analyse(run)).facts)
    assert said in facts and cpus in facts


def test_a_run_without_a_core_to_spare_says_so_of_what_it_starts_alone() -> None:
    def names(*stacks: str) -> set[str]:
        run = run_of(*stacks)
        shared = run.cpus.model_copy(update={"apart": False, "pinned": False})
        return {reason.name for reason in analyse(run.model_copy(update={"cpus": shared})).reasons}

    assert {"shared-cpu", "not-pinned"} <= names(STARTED, URL)
    assert not {"shared-cpu", "not-pinned"} & names(URL, OTHER)


def test_nobody_knows_in_what_they_differ() -> None:
    for one, other in ((URL, OTHER), (URL, STARTED), (STARTED, OTHER)):
        assert difference(parse_stack(one), parse_stack(other)) == ()
    assert "differ only" not in " ".join(analyse(run_of(URL, OTHER)).sentences)


def test_what_to_do_is_not_to_start_it() -> None:
    run = make_run((Truth(URL, 2000, 300, failing=0.5), Truth(STARTED, 2000, 300, failing=0.5)), blocks=3)
    found, started = (
        " ".join(reason.remedy for reason in stack.reasons if reason.name == "errors") for stack in analyse(run).stacks
    )
    assert "curl -i http://127.0.0.1:8000/" in found and "webdyno serve" not in found
    assert "webdyno serve" in started
