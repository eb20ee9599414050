"""What the requests of one endpoint have in common: how their answers are read and held against the expected one."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum, auto
from types import MappingProxyType
from typing import NamedTuple

from ...model.trial import FailureKind
from ...model.workload import Expected, JsonScalar
from .answer import AnswerReader, is_right
from .inspection import Inspection
from .json_value import Unfit


class After(Enum):
    """What a connection is good for after a request has ended."""

    KEPT = auto()
    CLOSED_BY_SERVER = auto()
    SPENT = auto()
    SPOILED = auto()


class Outcome(NamedTuple):
    """How a request ended.

    Attributes:
        kind: of the failure; None for a right answer.
        detail: what was seen.
        status: of an answer that was read whole, else 0.
        after: what remains of the connection.
        taken: the values that later steps use, by name; None where none are taken, or the answer was wrong.
    """

    kind: FailureKind | None
    detail: str
    status: int
    after: After
    taken: Mapping[str, JsonScalar] | None = None


# Looking a member up in its class costs as much as a method call in CPython 3.11, and this is done per request.
KEPT = After.KEPT

_NOTHING: Mapping[str, str] = MappingProxyType({})


class Dialogue:
    """What all requests of an endpoint have in common: the expected answer, and the last right one seen.

    The same bytes always parse to the same answer, so an answer that equals the last right one need not be parsed:
    servers repeat themselves until the clock in their Date header moves on.

    Attributes:
        known: the bytes of the last right answer that is complete in itself; empty where there is none.
        known_outcome: its outcome.
        bytes_in: bytes read so far.
    """

    __slots__ = ("_body", "_expected", "_head_only", "_inspection", "bytes_in", "known", "known_outcome")

    def __init__(self, expected: Expected, *, head_only: bool, take: Mapping[str, str] = _NOTHING) -> None:
        """Begin before the first answer.

        Args:
            expected: what every answer is held against.
            head_only: the requests are HEAD requests, whose answers have no body.
            take: names for values of the answer: `json:PATH` or `header:NAME`.
        """
        self.known = b""
        self.known_outcome = Outcome(None, "", expected.status or 0, After.KEPT)
        self.bytes_in = 0
        self._expected = expected
        self._head_only = head_only
        self._body = None if head_only else expected.body
        self._inspection = Inspection({} if head_only else expected.json_values, take)

    def reader(self) -> AnswerReader:
        """A parser for the answers to these requests on one connection."""
        return AnswerReader(
            head_only=self._head_only,
            body=self._body,
            status=self._expected.status,
            keep=self._inspection.json,
            headers=self._inspection.headers,
        )

    def judge(self, answer: AnswerReader, *, until_close: bool) -> Outcome:
        """Hold a complete answer against the expected one."""
        after = After.KEPT if answer.keep_alive and not until_close else After.CLOSED_BY_SERVER
        wanted = self._expected.status
        if not is_right(answer.status, wanted):
            seen = f"status {answer.status} instead of {wanted or 'any 2xx'}, body {answer.body_start!r}"
            return Outcome("status", seen, answer.status, after)
        try:
            self._hold_body(answer)
            taken = self._inspection.look(answer)
        except Unfit as error:
            return Outcome("body", str(error), answer.status, after)
        return Outcome(None, "", answer.status, after, taken)

    def _hold_body(self, answer: AnswerReader) -> None:
        length = self._expected.length
        if length is not None and answer.length != length and not self._head_only:
            raise Unfit(f"{answer.length} bytes instead of {length}: {answer.body_start!r}")
        seen, start, differs = answer.length, answer.body_start, answer.body_differs
        if content := answer.content:
            content.end()
            if content.trouble:
                raise Unfit(content.trouble)
            seen, start, differs = content.length, content.start, content.differs
        if self._body is not None and seen != len(self._body):
            raise Unfit(f"{seen} bytes instead of {len(self._body)}: {start!r}")
        if differs:
            raise Unfit(f"other bytes than expected: {start!r}")

    def remember(self, data: bytes, outcome: Outcome) -> None:
        """Keep the bytes of an answer that is right and complete without the end of its connection."""
        if outcome.kind is None:
            self.known = data
            self.known_outcome = outcome
