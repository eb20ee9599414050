"""Errors that a result keeps: told by the catalogue, with their facts."""

from __future__ import annotations

from typing import TypeVar

from ..errors import MeasurementError
from ..model.fact import Fact
from ..model.note import Note
from .catalogue import told

E = TypeVar("E", bound=MeasurementError)


def failure(kind: type[E], what: Fact, advice: Fact, details: tuple[str, ...] = ()) -> E:
    """An error with the sentences of two facts.

    Args:
        kind: of the error.
        what: what happened and where.
        advice: what to do next.
        details: further lines worth showing.
    """
    error = kind(told(what), told(advice), details)
    error.what, error.advice = what, advice
    return error


def give_remedy(error: MeasurementError, advice: Fact) -> None:
    """Let an error have another remedy."""
    error.remedy, error.advice = told(advice), advice


def notes_of(error: MeasurementError) -> tuple[Note, Note | None]:
    """Why nothing could be measured, and what to do about it."""
    what = Note(text=error.message, what=_fact(error.what))
    return what, Note(text=error.remedy, what=_fact(error.advice)) if error.remedy else None


def _fact(what: object) -> Fact | None:
    return what if isinstance(what, Fact) else None
