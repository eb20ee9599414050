"""What the requests of one endpoint have in common: how their answers are read and held against the expected one."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum, auto
from types import MappingProxyType
from typing import NamedTuple

from ...model.trial import Bodies, FailureKind
from ...model.workload import Expected, JsonScalar
from .answer import AnswerReader, Reader, Reading, is_right
from .body_examples import BodyExamples, media_type
from .content import Content
from .inspection import Inspection
from .json_value import Unfit
from .set_cookie import SetCookie, read_set_cookie


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
        cookies: what a right answer asks the user to keep, where users keep cookies.
    """

    kind: FailureKind | None
    detail: str
    status: int
    after: After
    taken: Mapping[str, JsonScalar] | None = None
    cookies: tuple[SetCookie, ...] = ()


# Looking a member up in its class costs as much as a method call in CPython 3.11, and this is done per request.
KEPT = After.KEPT

_NOTHING: Mapping[str, str] = MappingProxyType({})
_CONTENT_TYPE = frozenset([b"content-type"])


class Dialogue:
    """What all requests of an endpoint have in common: the expected answer, and the last right one seen.

    The same bytes always parse to the same answer, so an answer that equals the last right one need not be parsed:
    servers repeat themselves until the clock in their Date header moves on. Where bodies may vary, only one that was
    looked into becomes known, so that what comes over and over has been looked into once.

    Attributes:
        known: the bytes of the last right answer that is complete in itself; empty where there is none.
        known_outcome: its outcome.
        bytes_in: bytes read so far.
    """

    __slots__ = (
        "_body",
        "_examples",
        "_inspection",
        "_last",
        "_length",
        "_looked",
        "_looks",
        "_reading",
        "_status",
        "bytes_in",
        "known",
        "known_outcome",
    )

    def __init__(
        self,
        expected: Expected,
        *,
        head_only: bool,
        take: Mapping[str, str] = _NOTHING,
        last: bool = False,
        cookies: bool = False,
    ) -> None:
        """Begin before the first answer.

        Args:
            expected: what every answer is held against.
            head_only: the requests are HEAD requests, whose answers have no body.
            take: names for values of the answer: `json:PATH` or `header:NAME`.
            last: the requests ask the server to close the connection: that it does is no loss of it.
            cookies: note the cookies that come with the answers.

        Raises:
            UsageError: something to take is written otherwise.
        """
        self.known = b""
        self.known_outcome = Outcome(None, "", expected.status or 0, After.KEPT)
        self.bytes_in = 0
        self._status = expected.status
        self._last = last
        self._length = None if head_only else expected.length
        self._body = None if head_only else expected.body
        self._inspection = Inspection({} if head_only else expected.json_values, take)
        self._looks = bool(expected.json_values or take)
        self._examples = BodyExamples(expected.examples) if expected.examples and not head_only else None
        self._looked = True
        examples, inspection = self._examples, self._inspection
        self._reading = Reading(
            head_only=head_only,
            body=self._body,
            status=self._status,
            keep=inspection.json or examples is not None,
            headers=inspection.headers | _CONTENT_TYPE if examples else inspection.headers,
            cookies=cookies,
            keep_now=examples.due if examples and not self._looks else None,
        )

    def reader(self, earlier: Reader | None = None) -> Reader:
        """A parser for the answers to these requests on one connection; `earlier` is the one for its answers so far."""
        if isinstance(earlier, AnswerReader):
            earlier.read_for(self._reading)
            return earlier
        return AnswerReader(self._reading)

    def judge(self, answer: Reader, *, until_close: bool) -> Outcome:
        """Hold a complete answer against the expected one."""
        after = After.KEPT if answer.keep_alive and not until_close else After.CLOSED_BY_SERVER
        if self._last:
            after = After.SPENT
        status = answer.status
        if not is_right(status, self._status):
            seen = f"status {status} instead of {self._status or 'any 2xx'}, body {answer.body_start!r}"
            return Outcome("status", seen, status, after)
        try:
            self._hold_body(answer)
            taken = self._inspection.look(answer) if self._looks else None
        except Unfit as error:
            return Outcome("body", str(error), status, after)
        if self._examples:
            self._looked = self._look(answer, self._examples)
        cookies = tuple(filter(None, map(read_set_cookie, answer.cookies))) if answer.cookies else ()
        outcome = Outcome(None, "", status, after, taken, cookies)
        return self.known_outcome if outcome == self.known_outcome else outcome

    def _look(self, answer: Reader, examples: BodyExamples) -> bool:
        if answer.content is None or not examples.due():
            return False
        examples.look(answer.content, media_type(answer.headers.get(b"content-type", b"").decode("latin-1")))
        return True

    def _hold_body(self, answer: Reader) -> None:
        if self._length is not None and answer.length != self._length:
            raise Unfit(f"{answer.length} bytes instead of {self._length}: {answer.body_start!r}")
        body: Reader | Content = answer
        if answer.content is not None:
            answer.content.end()
            if answer.content.trouble and (self._body is not None or self._inspection.json):
                raise Unfit(answer.content.trouble)
            body = answer.content
        if self._body is not None and body.length != len(self._body):
            raise Unfit(f"{body.length} bytes instead of {len(self._body)}: {body.body_start!r}")
        if body.body_differs:
            raise Unfit(f"other bytes than expected: {body.body_start!r}")

    def bodies(self) -> Bodies:
        """What was seen of bodies that may vary."""
        return self._examples.bodies() if self._examples else Bodies()

    def remember(self, data: bytes, outcome: Outcome) -> None:
        """Keep the bytes of an answer that is right and complete without the end of its connection."""
        if outcome.kind is None and self._looked:
            self.known = data
            self.known_outcome = outcome
