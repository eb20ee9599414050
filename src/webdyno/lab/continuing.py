"""Blocks added to a kept run: when it was looked at, and the run as it goes on."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from ..model.fact import Fact
from ..model.run import Continuation, HostFacts, Run
from ..texts.catalogue import as_note

_OF_ITS_END = frozenset(
    {
        "dependency-failed",
        "dependency-failed.output",
        "ended-early",
        "not-continued",
        "not-precise",
        "short-limit",
        "stopped-early",
        "time-up",
    }
)
"""Notes that say how far a run came, which no longer holds once it goes on."""


def seen_after(run: Run) -> tuple[int, ...]:
    """After how many blocks somebody looked at a run: a result that was told was seen, that of a killed one was not."""
    done = run.blocks_begun
    taken = {look for look in run.experiment.looks or () if look <= done}
    return tuple(sorted(taken | ({done} if run.finished is not None else set())))


def going_on(run: Run, host: HostFacts, started: datetime, differences: Sequence[Fact] = ()) -> Run:
    """The run as blocks are added to it."""
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
            "experiment": run.experiment.model_copy(update={"looks": seen_after(run), "quick": False}),
            "continuations": (*run.continuations, continuation),
            "notes": tuple(note for note in run.notes if note.what is None or note.what.key not in _OF_ITS_END),
        }
    )
