"""What is known less well of a server that already ran than of one that webdyno starts."""

from __future__ import annotations

from collections.abc import Iterator

from ...model.fact import fact
from ...model.run import StackRecord
from .reason import ValidityReason


def running_reasons(record: StackRecord | None) -> Iterator[ValidityReason]:
    """What needs care about one stack because it already ran."""
    if record is None or record.stack.url is None:
        return
    yield ValidityReason(
        name="already-running",
        severity="caution",
        what=fact("already-running"),
        advice=fact("restart-it"),
    )
    if not record.stack.is_seen:
        yield ValidityReason(
            name="unseen-processes",
            severity="caution",
            what=fact("unseen-processes"),
            advice=fact("name-process"),
        )
