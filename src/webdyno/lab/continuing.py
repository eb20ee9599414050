"""Blocks added to a kept run: when it was looked at, and the run as it goes on."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from ..model.fact import Fact
from ..model.run import Continuation, HostFacts, Run
from ..texts.catalogue import as_note

# What is said of how a run ended holds no longer once it goes on.
_OF_ITS_END = {
    "short-limit",
    "time-up",
    "stopped-early",
    "not-precise",
    "ended-early",
    "not-continued",
    "dependency-failed",
    "dependency-failed.output",
}


def seen_after(run: Run) -> tuple[int, ...]:
    """After how many blocks somebody looked at a run that has ended.

    One that was killed counts as well: its blocks can be told, and were perhaps shown as they came.
    """
    done = run.blocks_begun
    return tuple(sorted({done, *(look for look in run.experiment.looks or () if look < done)}))


def going_on(
    run: Run,
    host: HostFacts,
    started: datetime,
    differences: Sequence[Fact] = (),
    precision: float | None = None,
) -> Run:
    """The run as blocks are added to it, until it has a precision where one is given."""
    plan = run.experiment
    continuation = Continuation(
        started=started,
        after=run.blocks_begun,
        python=host.python,
        webdyno=host.webdyno,
        differences=tuple(map(as_note, differences)),
    )
    return run.model_copy(
        update={
            "state": "running",
            "finished": None,
            "experiment": plan.model_copy(
                update={"looks": seen_after(run), "quick": False, "precision": precision or plan.precision}
            ),
            "continuations": (*run.continuations, continuation),
            "notes": tuple(note for note in run.notes if not (note.what and note.what.key in _OF_ITS_END)),
        }
    )
