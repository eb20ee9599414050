"""JSON in answers: read without trust, and the values in it found by their path."""

from __future__ import annotations

import math
import re

from ...model.json_text import NotJson, parse_json
from ...model.workload import MOST_BITS, JsonScalar
from ..request_template import TAKEN_BYTES

_SHOWN = 80
_UNWRITABLE = re.compile(r"[\x00-\x1f\x7f\ud800-\udfff]")


class Unfit(Exception):
    """A body or a value in it is not what it must be. The text says why."""


class JsonPath:
    r"""Where a value is: keys and places of lists joined with dots, as in `user.roles.0`.

    The empty path is the whole value. A dot in a key is written `\.`.
    """

    __slots__ = ("_keys", "_text")

    def __init__(self, text: str) -> None:
        self._text = text
        self._keys = [key.replace(r"\.", ".") for key in re.split(r"(?<!\\)\.", text)] if text else []

    def __str__(self) -> str:
        return f"json:{self._text[:_SHOWN]}"

    def find(self, document: object) -> object:
        """The value there.

        Raises:
            LookupError: there is none.
        """
        for key in self._keys:
            if isinstance(document, dict):
                document = document[key]
            elif isinstance(document, list) and re.fullmatch("[0-9]{1,9}", key):
                document = document[int(key)]
            else:
                raise LookupError(key)
        return document


def parse_body(body: bytes | bytearray) -> object:
    """The value of a JSON text in UTF-8, with no key twice in an object.

    Raises:
        Unfit: it is no such text, or nested deeper, or with longer numbers, than can be read.
    """
    try:
        return parse_json(body.decode())
    except UnicodeDecodeError as error:
        raise Unfit("it is not in UTF-8") from error
    except NotJson as error:
        raise Unfit(str(error)) from error


def same(seen: object, wanted: JsonScalar) -> bool:
    """Whether they are the same JSON value: 1 is 1.0, and neither is true."""
    return seen == wanted and (type(seen) is type(wanted) or {type(seen), type(wanted)} == {int, float})


def takeable(value: object) -> JsonScalar:
    """The value, if it can be written into a later request.

    Raises:
        Unfit: it is no string, number or truth value, is too long, or holds what does not belong in a header or path.
    """
    if isinstance(value, str):
        if _UNWRITABLE.search(value):
            raise Unfit(f"is {show(value)}, with a control character or half of a surrogate pair")
        if len(value.encode()) > TAKEN_BYTES:
            raise Unfit(f"is a string of more than {TAKEN_BYTES} bytes")
        return value
    if isinstance(value, bool):
        return value
    if isinstance(value, int) and value.bit_length() <= MOST_BITS:
        return value
    if isinstance(value, float) and math.isfinite(value):
        return value
    raise Unfit(f"is {show(value)}, which cannot be used in a request")


def show(value: object) -> str:
    """A JSON value, shortened."""
    if isinstance(value, dict):
        return f"an object of {len(value)}"
    if isinstance(value, list):
        return f"a list of {len(value)}"
    if isinstance(value, int) and value.bit_length() > MOST_BITS:
        return f"a number of {value.bit_length()} bits"
    if isinstance(value, str):
        return repr(value) if len(value) <= _SHOWN else f"{value[:_SHOWN]!r}..."
    return "null" if value is None else str(value).lower() if isinstance(value, bool) else repr(value)
