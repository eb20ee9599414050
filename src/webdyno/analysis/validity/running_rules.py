"""What is known less well of a server that already ran than of one that webdyno starts."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Mapping

from ...model.fact import Fact, fact
from ...model.run import StackRecord
from .finding import BY_HAND
from .reason import ValidityReason


def instead(record: StackRecord | None) -> Mapping[str, Fact]:
    """What to say to do in place of what is for a stack that webdyno starts, by key."""
    url = record.stack.url if record else None
    return {BY_HAND.key: fact("by-hand.url", url=shlex.quote(url))} if url else {}


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
