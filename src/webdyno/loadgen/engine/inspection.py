"""What is looked for in the right answers of an endpoint: values that must be there, and values to take."""

from __future__ import annotations

import re
from collections.abc import Mapping

from ...errors import UsageError
from ...model.workload import TOKEN, JsonScalar
from .answer import Reader
from .content import Content
from .json_value import JsonPath, Unfit, parse_body, same, show, takeable


class Inspection:
    """The values of one endpoint's answers that are looked at.

    Attributes:
        json: some of them are in the body, as JSON.
        headers: the names of the headers that are taken, in lower case.
    """

    __slots__ = ("_take_headers", "_take_json", "_values", "headers", "json")

    def __init__(self, values: Mapping[str, JsonScalar], take: Mapping[str, str]) -> None:
        """Understand what is wanted.

        Args:
            values: what a JSON body must hold, by path.
            take: names for values of the answer: `json:PATH` or `header:NAME`.

        Raises:
            UsageError: something to take is written otherwise.
        """
        self._values = [(JsonPath(path), value) for path, value in values.items()]
        self._take_json: dict[str, JsonPath] = {}
        self._take_headers: dict[str, bytes] = {}
        for name, source in take.items():
            kind, colon, place = source.partition(":")
            if kind == "json" and colon:
                self._take_json[name] = JsonPath(place)
            elif kind == "header" and re.fullmatch(TOKEN, place):
                self._take_headers[name] = place.lower().encode()
            else:
                raise UsageError(f"{source!r} cannot be taken as {name!r}", "write json:PATH or header:NAME")
        self.json = bool(self._values or self._take_json)
        self.headers = frozenset(self._take_headers.values())

    def look(self, answer: Reader) -> Mapping[str, JsonScalar] | None:
        """See that a complete answer of the right status holds the values; those to take, or None if none are.

        Raises:
            Unfit: one is missing, another one, or cannot be taken.
        """
        taken: dict[str, JsonScalar] = {}
        for name, header in self._take_headers.items():
            value = answer.headers.get(header)
            if value is None:
                raise Unfit(f"there is no header {header.decode()} to take")
            taken[name] = _taken(f"header {header.decode()}", value.decode("latin-1").strip(" \t"))
        if self.json:
            if answer.content is None:
                raise Unfit("the answer to HEAD has no body to take a JSON value from")
            self._look_into(answer.content, taken)
        return taken or None

    def hold(self, body: bytes | bytearray, start: bytes) -> object:
        """See that a body holds the values; the JSON value of the whole.

        Args:
            body: the body, decoded.
            start: its first bytes, to show.

        Raises:
            Unfit: it is no JSON, or a value is missing or another one.
        """
        try:
            document = parse_body(body)
        except Unfit as error:
            raise Unfit(f"the body is no JSON to look into: {error}: {start!r}") from error
        for path, wanted in self._values:
            seen = _find(path, document, f" instead of {show(wanted)}, body {start!r}")
            if not same(seen, wanted):
                raise Unfit(f"{path} is {show(seen)} instead of {show(wanted)}")
        return document

    def _look_into(self, content: Content, taken: dict[str, JsonScalar]) -> None:
        document = self.hold(content.kept, content.body_start)
        for name, path in self._take_json.items():
            taken[name] = _taken(str(path), _find(path, document, f", body {content.body_start!r}"))


def _find(path: JsonPath, document: object, context: str) -> object:
    try:
        return path.find(document)
    except LookupError as error:
        raise Unfit(f"{path} is missing{context}") from error


def _taken(place: str, value: object) -> JsonScalar:
    try:
        return takeable(value)
    except Unfit as error:
        raise Unfit(f"{place} {error}") from error
