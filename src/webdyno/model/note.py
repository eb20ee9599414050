"""Notes: what is said of a run, a stack or a side beside the figures."""

from __future__ import annotations

from typing import Any

from pydantic import model_validator

from .base import Value
from .fact import Fact


class Note(Value):
    """One note.

    Attributes:
        text: as it was told when it was measured.
        what: the fact behind it, to decide by and to be told in other words; None in results of older versions.
    """

    text: str
    what: Fact | None = None

    @model_validator(mode="before")
    @classmethod
    def _from_text(cls, given: Any) -> Any:
        # Notes were plain text at first.
        return {"text": given} if isinstance(given, str) else given
