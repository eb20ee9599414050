"""Bodies that may vary, compared with those that came before the load; not all, so that it costs little."""

from __future__ import annotations

import json
import time
from collections.abc import Sequence

from ...model.trial import Bodies
from ...model.workload import Example
from ...units import printable
from .content import KEPT_BYTES, START_BYTES, Content
from .shape import Shape, misfit, shape_of

# A look takes 20 us where a body is short. At most 0.5 % of the time is spent on looks, so that they cannot show in
# the share of requests that are late.
EVERY_NS = 4_000_000
_PAUSE = 200
# Reading more of JSON would take longer than 3 ms.
LONGEST_JSON = 2**18
_MOST_MISFITS = 3
_MOST_TEXT = 200

clock = time.monotonic_ns


class BodyExamples:
    """What is right without being the same, and how many such bodies came.

    Attributes:
        looked, varied, misshapen: as in `Bodies`.
    """

    def __init__(self, examples: Sequence[Example]) -> None:
        self.looked = self.varied = self.misshapen = 0
        self._due_ns = 0
        self._misfits: dict[str, None] = {}
        self._bodies = {example.body for example in examples}
        self._media_types = sorted({example.media_type for example in examples})
        self._shape = _shape([example.body for example in examples])

    def due(self) -> bool:
        """Whether the next body is to be looked into."""
        return clock() >= self._due_ns

    def look(self, content: Content, media_type: str) -> None:
        """Compare a body that was kept, and count it.

        Args:
            content: the body, which has ended.
            media_type: of its `Content-Type`, as in `Example`.
        """
        if content.crowded:
            return
        began = clock()
        self.looked += 1
        body = bytes(content.kept)
        if content.trouble or body not in self._bodies:
            self.varied += 1
            found = self._misfit(body, media_type) if not content.trouble else content.trouble
            # Of a body that is too long to be kept nothing is known but that.
            if found and content.length <= KEPT_BYTES:
                self.misshapen += 1
                if len(self._misfits) < _MOST_MISFITS:
                    self._misfits[printable(f"{found}: {content.body_start!r}")[:_MOST_TEXT]] = None
        ended = clock()
        self._due_ns = ended + max(EVERY_NS, (ended - began) * _PAUSE)

    def bodies(self) -> Bodies:
        """What was seen."""
        return Bodies(looked=self.looked, varied=self.varied, misshapen=self.misshapen, misfits=tuple(self._misfits))

    def _misfit(self, body: bytes, media_type: str) -> str | None:
        if not body:
            return None if b"" in self._bodies else "an empty body"
        if media_type not in self._media_types and self._media_types != [""]:
            return f"{media_type or 'no media type'} instead of {' or '.join(self._media_types)}"
        if self._shape is None or len(body) > LONGEST_JSON:
            return None
        try:
            return misfit(json.loads(body), self._shape)
        except (ValueError, RecursionError):
            return "no JSON"


def media_type(content_type: str) -> str:
    """The media type in a `Content-Type`, as in `Example`."""
    return content_type.partition(";")[0].strip().lower()[:START_BYTES]


def _shape(bodies: Sequence[bytes]) -> Shape | None:
    """The JSON shape of the bodies, but for empty ones; None where one is no JSON, or too long to be read as such."""
    if any(len(body) > LONGEST_JSON for body in bodies):
        return None
    try:
        values = [json.loads(body) for body in bodies if body]
        return shape_of(values) if values else None
    except (ValueError, RecursionError):
        return None
