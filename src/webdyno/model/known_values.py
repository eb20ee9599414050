"""Known values found in a text, however many there are, also where a text was cut off in the middle of one."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Callable, Iterable

SHORTEST = 6
"""Characters that a value must have to be looked for; shorter ones would be found in ordinary words."""

# Where a text was shortened: at its end or at that of a quotation, or before what says so.
_CUT = re.compile(r"\\?[\"']|\.\.\.|\Z")


class KnownValues:
    """Looks for values in texts, in a time that grows with the text and hardly with their number."""

    def __init__(self, values: Iterable[str]) -> None:
        self._values = sorted(value for value in set(values) if len(value) >= SHORTEST)
        self._lengths: dict[str, list[int]] = {}
        for value in sorted(self._values, key=len, reverse=True):
            lengths = self._lengths.setdefault(value[:SHORTEST], [])
            if len(value) not in lengths[-1:]:
                lengths.append(len(value))
        first = "".join(re.escape(character) for character in sorted({value[0] for value in self._values}))
        self._starts = re.compile(f"[{first}]") if first else None
        self._known = frozenset(self._values)

    def replaced(self, text: str, replace: Callable[[str], str]) -> str:
        """The text with each value replaced, the longest first where several begin at the same place.

        Args:
            text: any text.
            replace: given the value, or as much of it as there is where the text was cut off.
        """
        written, end = list[str](), 0
        for start in self._starts.finditer(text) if self._starts else ():
            at = start.start()
            if at >= end and (length := self._length_at(text, at)):
                written += [text[end:at], replace(text[at : at + length])]
                end = at + length
        return "".join([*written, text[end:]]) if written else text

    def _length_at(self, text: str, at: int) -> int:
        lengths = self._lengths.get(text[at : at + SHORTEST])
        if lengths is None:
            return 0
        whole = next((length for length in lengths if text[at : at + length] in self._known), 0)
        return whole or self._cut_length(text[at : at + lengths[0]], text, at)

    def _cut_length(self, piece: str, text: str, at: int) -> int:
        """How much of a value is there, where nothing but the end of the text follows it."""
        place = bisect_left(self._values, piece)
        near = self._values[max(place - 1, 0) : place + 1]
        length = max(_common(piece, value) for value in near)
        return length if length >= SHORTEST and _CUT.match(text, at + length) else 0


def _common(one: str, other: str) -> int:
    """How many characters two texts have in common from their beginning."""
    pairs = zip(one, other, strict=False)
    return next((at for at, (a, b) in enumerate(pairs) if a != b), min(len(one), len(other)))
