"""Format: one way to write results down."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from ...errors import UsageError
from ...model.result_kind import PLURALS, ResultKind


@dataclass(frozen=True)
class Format:
    """One way to write results down.

    Attributes:
        name: as `--format` takes it.
        summary: one line.
        suffix: of the files that hold it, such as `.csv`: by it `--output` finds the format.
        renderers: for each kind of result that it can tell, what makes the text of such a result (`report/result.py`).
    """

    name: str
    summary: str
    suffix: str
    renderers: Mapping[ResultKind, Callable[[Any], str]]

    def check(self, kind: ResultKind, option: str) -> None:
        """See that it can tell a kind of result; `option` is what asks for it.

        Raises:
            UsageError: it cannot.
        """
        if kind not in self.renderers:
            told = " and ".join(PLURALS[each] for each in self.renderers)
            message = f"{option}: {self.name} tells of {told}, not of {PLURALS[kind]}"
            raise UsageError(message, "take another: webdyno list formats")

    def tell(self, result: Any) -> str:
        """Write a result down.

        Raises:
            UsageError: it cannot tell this kind of result.
        """
        self.check(result.kind, "format")
        return self.renderers[result.kind](result)
