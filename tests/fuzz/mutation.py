"""JSON documents that went wrong: values that do not belong there, keys that are missing or there twice, bytes lost."""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any

from hypothesis import strategies as st

from webdyno.model.histogram import Histogram

# As they are written, since Python's own writer has no form for most of them.
ODD = (
    "1" + "0" * 400,
    "-1" + "0" * 400,
    "1e999",
    "-1e999",
    "NaN",
    "-Infinity",
    "1e308",
    "1e15",
    "1e-99",
    "5e-324",
    "-0.0",
    "0",
    "-1",
    "1",
    "1.5",
    "1e9",
    "9007199254740992",
    "9223372036854775807",
    "9223372036854775808",
    "null",
    "true",
    "[]",
    "{}",
    '""',
    '"\\ud800"',
    '"\\u0000\\u001b[31m"',
    '"\\u202e<script>"',
    '"Infinity"',
    '"0001-01-01T00:00:00Z"',
    '"9999-12-31T23:59:59-12:00"',
    '"2026-01-01T00:00:00"',
    '"' + "x" * 100_000 + '"',
    json.dumps(Histogram().encode()),
    json.dumps(Histogram().encode()[:20]),
    "[" * 900 + "]" * 900,
    "[" * 100_000,
    "[" + "0," * 3000 + "0]",
)
_MARK = "a place for something odd "
_Path = tuple[str | int, ...]


def mutated(document: Any, odd: Sequence[str] = ODD) -> st.SearchStrategy[bytes]:
    """The document as JSON with one to three faults; each field is as likely as the others, however often it comes."""
    places: dict[_Path, list[_Path]] = defaultdict(list)
    for path in _paths(document):
        places[tuple(0 if isinstance(part, int) else part for part in path)].append(path)
    place = st.sampled_from(list(places.values())).flatmap(st.sampled_from)
    kind = st.sampled_from(("put", "put", "put", "drop", "twice", "other"))
    fault = st.tuples(place, kind, st.sampled_from(odd), place)
    texts = st.lists(fault, min_size=1, max_size=3).map(lambda faults: _with(document, faults))
    return texts | st.tuples(texts, _damage()).map(lambda parts: parts[1](parts[0]))


def _damage() -> st.SearchStrategy[Any]:
    share, junk = st.floats(0, 1), st.binary(max_size=8)
    return st.builds(
        lambda at, length, new: lambda text: text[: int(at * len(text))] + new + text[int(at * len(text)) + length :],
        share,
        st.integers(0, 100),
        junk,
    )


def _paths(value: Any, path: _Path = ()) -> list[_Path]:
    found = [path] if path else []
    if isinstance(value, dict):
        pairs = list(value.items())
    elif isinstance(value, list):
        pairs = list(enumerate(value))
    else:
        return found
    for key, part in pairs:
        found += _paths(part, (*path, key))
    return found


def _with(document: Any, faults: list[tuple[_Path, str, str, _Path]]) -> bytes:
    changed = json.loads(json.dumps(document))
    odd: dict[str, str] = {}
    for path, kind, text, other in faults:
        try:
            *above, last = path
            parent: Any = _at(changed, above)
            if kind == "drop":
                del parent[last]
            elif kind == "twice" and isinstance(parent, list):
                parent.extend([_at(changed, path)] * 3)
            elif kind == "twice":
                odd[json.dumps(f"{_MARK}{len(odd)}") + ": 0"] = f"{json.dumps(str(last))}: {text}"
                parent[f"{_MARK}{len(odd) - 1}"] = 0
            elif kind == "other":
                parent[last] = json.loads(json.dumps(_at(changed, other)))
            else:
                odd[json.dumps(f"{_MARK}{len(odd)}")] = text
                parent[last] = f"{_MARK}{len(odd) - 1}"
        except (LookupError, TypeError):
            continue  # an earlier fault took the place away
    written = json.dumps(changed)
    return re.sub(f'"{_MARK}[0-9]"(: 0)?', lambda match: odd.get(match[0], "0"), written).encode()


def _at(value: Any, path: Iterable[str | int]) -> Any:
    for part in path:
        value = value[part]
    return value
