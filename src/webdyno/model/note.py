"""Notes: what is said of a run, a stack, a trial or a side beside the figures."""

from __future__ import annotations

from collections.abc import Callable
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

    def rewritten(self, write: Callable[[str], str]) -> Note:
        """The same with other texts in it."""
        return Note(text=write(self.text), what=self.what and self.what.rewritten(write))

    @model_validator(mode="before")
    @classmethod
    def _from_text(cls, given: Any) -> Any:
        # Notes were plain text at first.
        return {"text": given} if isinstance(given, str) else given
