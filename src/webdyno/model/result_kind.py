"""Which kinds of results there are, each the answer to another question."""

from __future__ import annotations

from typing import Literal

ResultKind = Literal["comparison", "load", "gate", "doctor"]
PLURALS: dict[ResultKind, str] = {
    "comparison": "comparisons",
    "load": "loads",
    "gate": "gates",
    "doctor": "machines",
}
"""What each is about, in words."""
