"""Templates of bodies that are written as values: JSON, and the fields of a form."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping
from urllib.parse import quote

from ..errors import UsageError
from ..units import printable
from .request_template import Template, placeholders, unescaped
from .scenario_format import within


def json_template(value: object) -> str:
    """The template of a JSON text, for a value whose strings are templates.

    A string that is one placeholder and nothing else becomes the value itself: a number stays a number. With the form
    `string` or `plain` it becomes a string. In all other text placeholders are escaped for a JSON string.

    Raises:
        UsageError: something that JSON does not have, or a template that does not parse. The text names the key.
    """
    if isinstance(value, dict):
        return "{" + ", ".join(f"{_json_string(key)}: {_item(key, item)}" for key, item in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(_item(str(number), item) for number, item in enumerate(value)) + "]"
    if isinstance(value, str):
        only = [match for match in placeholders(value) if match[0] == value]
        if only and not only[0][1].endswith((":string", ":plain", ":url")):
            Template.parse(value, "plain")
            return f"${{{only[0][1].removesuffix(':json')}:json}}"
        return _json_string(value)
    if value is None or isinstance(value, int) or (isinstance(value, float) and math.isfinite(value)):
        return json.dumps(value)
    raise UsageError("JSON has no such value", "write dates and times as text, and leave out inf and nan")


def form_template(fields: Mapping[str, str]) -> str:
    """The template of a URL-encoded form; names and values are templates.

    Raises:
        UsageError: a template that does not parse.
    """
    return "&".join(f"{_encoded(name)}={_encoded(value)}" for name, value in fields.items())


def _item(key: str, value: object) -> str:
    with within(printable(key[:64])):
        return json_template(value)


def _json_string(text: str) -> str:
    def escaped(placeholder: str) -> str:
        if placeholder.endswith(":json"):
            raise UsageError("a JSON value cannot stand inside a string", "use the form string, or leave it out")
        return (
            placeholder if placeholder.endswith((":string", ":url")) else placeholder.removesuffix(":plain") + ":string"
        )

    return '"' + _rewritten(text, lambda piece: json.dumps(piece)[1:-1], escaped) + '"'


def _encoded(text: str) -> str:
    return _rewritten(
        text,
        lambda piece: quote(unescaped(piece), safe=""),
        lambda placeholder: placeholder if ":" in placeholder else placeholder + ":url",
    )


def _rewritten(text: str, literal: Callable[[str], str], placeholder: Callable[[str], str]) -> str:
    """The template with its literal pieces and what stands in its placeholders replaced."""
    Template.parse(text, "plain")
    pieces, end = list[str](), 0
    for match in placeholders(text):
        pieces += literal(text[end : match.start()]), "${", placeholder(match[1]), "}"
        end = match.end()
    return "".join(pieces) + literal(text[end:])
