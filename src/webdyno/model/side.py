"""Side: one of the two that a gate compares."""

from __future__ import annotations

from typing import Literal

from .base import Value


class Side(Value):
    """Base or head.

    Attributes:
        name: which of them.
        asked: the git ref or stack notation as the user wrote it.
        commit: what the ref stands for, as a full hash; None for a stack notation.
        stack: canonical notation of what is measured.
    """

    name: Literal["base", "head"]
    asked: str
    commit: str | None
    stack: str

    @property
    def text(self) -> str:
        """The side as people name it: `main (1a2b3c4d)`, or the notation."""
        return f"{self.asked} ({self.commit[:8]})" if self.commit else self.asked
