"""Keeping what is no comparison: whole, once it is known."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ..errors import NoRoom, NotGiven, StoreError, UsageError
from ..model.doctor_run import DoctorRun
from ..model.gate_run import GateRun
from ..model.load_run import LoadRun
from ..store.database import Store


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
