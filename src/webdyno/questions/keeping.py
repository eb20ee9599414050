"""Keeping what is no comparison whole, once it is known; and what goes on with a comparison that is kept."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from ..errors import NoRoom, NotGiven, StoreError, UsageError
from ..lab.session import was_stored
from ..model.doctor_run import DoctorRun
from ..model.gate_run import GateRun
from ..model.load_run import LoadRun
from ..report.result import ComparisonResult
from ..store.database import Store
from .environment import told
from .options import DEFAULT_STORE


@contextmanager
def opened(place: str | Path | None) -> Iterator[Store | None]:
    """The store, so that one which cannot be used is refused before anything is measured; None where there is none.

    Raises:
        UsageError: as `Store` does.
    """
    if place is None:
        yield None
    else:
        with Store(place) as store:
            yield store


def keep(store: Store | None, document: LoadRun | GateRun | DoctorRun) -> NotGiven | None:
    """Keep a document; what keeps that from being done must not cost the result."""
    if store is None:
        return None
    try:
        store.keep(document)
    except (StoreError, NoRoom) as error:
        return NotGiven(f"it could not be kept: {error.message}", error.remedy)
    return None


def keep_in(place: str | Path | None, document: GateRun) -> NotGiven | None:
    """As `keep`, into a store that was used before."""
    try:
        with opened(place) as store:
            return keep(store, document)
    except (UsageError, NoRoom) as error:
        return NotGiven(f"it could not be kept: {error.message}", error.remedy)


def kept_in(result: ComparisonResult, store: Store, location: str | Path) -> ComparisonResult:
    """A result with the command that adds blocks to its run, where the store has it.

    Args:
        result: of the run.
        store: where it is kept.
        location: what names the store; of a URL the password is left out of the command.
    """
    if not was_stored(result.run):
        return result
    place = str(location)
    option = () if place == DEFAULT_STORE else ("--store", told(store.name if "://" in place else place))
    return replace(result, continued_by=("webdyno", "compare", "--continue", result.run.id, *option))
