"""JSON read without trust: in bounded memory, each name once, each number a finite one."""

from __future__ import annotations

import json
import math
from collections import Counter
from typing import Any, NoReturn

MOST_VALUES = 5_000_000
# Each that a document may not have is kept as a fault of its own.
MOST_KEYS = 100_000
_SHOWN = 80


class NotJson(ValueError):
    """The text is no JSON that is read. It says why, and where as far as that is known."""


def read_json(content: bytes) -> Any:
    """The value of a document.

    Raises:
        NotJson: it is no JSON in UTF-8, names something twice in an object, has a number that is not finite or too long
            to be read, half a surrogate pair, more than `MOST_VALUES` values or `MOST_KEYS` in one object, or is nested
            too deeply.
    """
    # Each value but the first comes after one of these; strings may hold some, so it is a little strict.
    if sum(map(content.count, (b",", b"[", b"{"))) > MOST_VALUES:
        raise NotJson(f"there are more than {MOST_VALUES:,} values in it")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise NotJson(f"byte {error.start + 1} is not UTF-8") from error
    value = parse_json(text, bounded=True)
    if "\\ud" in text or "\\uD" in text:
        _refuse_surrogates(value)
    return value


def parse_json(text: str, *, bounded: bool = False) -> Any:
    """The value of a JSON text.

    Args:
        text: the text.
        bounded: refuse numbers that are beyond those of a float, such as 1e999, and objects of more than `MOST_KEYS`.

    Raises:
        NotJson: it is none, names something twice in an object, has a number that is too long, or is nested too deeply.
    """
    parse_float, make = (_finite, _bounded_object) if bounded else (None, _object)
    try:
        return json.loads(text, parse_constant=_no_constant, parse_float=parse_float, object_pairs_hook=make)
    except RecursionError as error:
        raise NotJson("nested too deeply") from error
    except json.JSONDecodeError as error:
        raise NotJson(str(error)) from error
    except NotJson:
        raise
    except ValueError as error:
        raise NotJson("a number has too many digits") from error


def _no_constant(name: str) -> NoReturn:
    raise NotJson(f"{name} is no JSON number")


def _finite(text: str) -> float:
    value = float(text)
    if math.isinf(value):
        raise NotJson(f"{text[:_SHOWN]} is beyond every number")
    return value


def _bounded_object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    if len(pairs) > MOST_KEYS:
        raise NotJson(f"an object has more than {MOST_KEYS:,} keys")
    return _object(pairs)


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    result = dict(pairs)
    if len(result) != len(pairs):
        twice = Counter(name for name, _ in pairs).most_common(1)[0][0]
        shown = repr(twice) if len(twice) <= _SHOWN else f"{twice[:_SHOWN]!r}..."
        raise NotJson(f"an object has the key {shown} more than once")
    return result


def _refuse_surrogates(value: Any) -> None:
    try:
        json.dumps(value, ensure_ascii=False).encode()
    except UnicodeEncodeError as error:
        raise NotJson("half a surrogate pair, which is no character") from error
    except RecursionError as error:
        raise NotJson("nested too deeply") from error
