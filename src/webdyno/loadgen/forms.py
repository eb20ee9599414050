"""How a value is written into a template: as it is, percent-encoded, as JSON, or for the inside of a JSON string."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable
from typing import Literal

from ..model.workload import JsonScalar

Form = Literal["json", "string", "url", "plain"]
Encode = Callable[[JsonScalar], bytes]

_UNRESERVED = re.compile(r"[A-Za-z0-9._~-]*")
# What stands for each byte: in a URL but for unreserved characters, and in a path that has its structure already.
_IN_URL = [b"%c" % byte if _UNRESERVED.fullmatch(chr(byte)) else b"%%%02X" % byte for byte in range(256)]
_IN_TARGET = [b"%c" % byte if 0x20 < byte < 0x7F else b"%%%02X" % byte for byte in range(256)]
_JSON = json.JSONEncoder().encode


def _json_text(value: JsonScalar) -> str:
    if type(value) is int:  # the encoder is three times as slow
        return str(value)
    # A server may send 1e999; JSON has no infinity.
    return "null" if isinstance(value, float) and not math.isfinite(value) else _JSON(value)


def _text(value: JsonScalar) -> str:
    return value if isinstance(value, str) else _json_text(value)


def _string_text(value: JsonScalar) -> str:
    return _JSON(_text(value))[1:-1]


def _encoded(text: str, encoded: list[bytes]) -> bytes:
    return b"".join([encoded[byte] for byte in text.encode("utf-8", "replace")])


def _url(text: str) -> bytes:
    return text.encode("ascii") if _UNRESERVED.fullmatch(text) else _encoded(text, _IN_URL)


ELSEWHERE: dict[str, Encode] = {
    "json": lambda value: _json_text(value).encode("ascii"),
    "string": lambda value: _string_text(value).encode("ascii"),
    "url": lambda value: _url(_text(value)),
    "plain": lambda value: _text(value).encode("utf-8", "replace"),
}
# No value may end the request line, whatever its form.
IN_PATH: dict[str, Encode] = {
    "json": lambda value: _url(_json_text(value)),
    "string": lambda value: _url(_string_text(value)),
    "url": lambda value: _url(_text(value)),
    "plain": lambda value: _encoded(_text(value), _IN_TARGET),
}


def longest(form: str, size: int, *, in_path: bool) -> int:
    """The most bytes that a text of at most so many bytes of UTF-8, without control characters, can become."""
    if in_path:
        # A quotation mark in JSON in a path: %5C%22.
        return {"json": 6 * size + 6, "string": 6 * size}.get(form, 3 * size)
    # Two bytes of UTF-8 are six in JSON; one is three in a URL.
    return {"json": 3 * size + 2, "plain": size}.get(form, 3 * size)
