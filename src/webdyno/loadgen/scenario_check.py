"""Whether everything that templates draw from is there, and may stand where it is put."""

from __future__ import annotations

import re
from collections.abc import Mapping

from ..errors import UsageError
from ..model.http_request import check_fields
from ..model.scenario import ENV, Rows, Scenario, Step
from ..units import format_bytes, printable
from .forms import Encode, Form
from .request_template import WORDS, Template, nearest
from .scenario_format import within

MOST_BODY_BYTES = 8_000_000
MOST_HEAD_BYTES = 1_000_000
MOST_BYTES = 4_000_000_000
_UNDECODED = re.compile(r"[\ud800-\udfff]")
_CONTROL = re.compile(r"[\x00-\x08\x0a-\x1f\x7f]")


class TemplateCheck:
    """Checks the templates of one scenario; a column is looked through once, however many templates use it."""

    def __init__(self, data: Mapping[str, Rows]) -> None:
        """Begin with the data of the scenario."""
        self._data = data
        self._missing: dict[tuple[str, str], int | None] = {}
        self._control: dict[tuple[str, str], int | None] = {}
        self._longest: dict[tuple[str, str, Encode], int] = {}

    def check(self, step: Step, taken: set[str]) -> int:
        """Check one step.

        Args:
            step: as it will be sent.
            taken: what earlier steps of the flow have taken.

        Returns:
            How many bytes a request of it has at most, but for the cookies that users keep.

        Raises:
            UsageError: a template that does not parse, draws from something that is not there, could end a header, or
                could become too long; a header that contradicts what is sent.
        """
        head = self._length(self._template("path", step.request.path, "url", taken))
        for name, value in step.request.headers:
            line = self._line(f"header {name}", value.encode("latin-1").decode(), taken)
            head += len(name) + self._length(line)
        if step.basic is not None:
            head += self._length(self._line("basic", step.basic, taken)) * 4 // 3
        _check_length("path and headers", head, MOST_HEAD_BYTES)
        body = self._template("body", (step.request.body or b"").decode("utf-8", "surrogateescape"), "plain", taken)
        length = self._length(body)
        _check_length("body", length, MOST_BODY_BYTES)
        check_fields(step.request.headers, None if body.constant is None else len(body.constant))
        return head + length

    def _length(self, template: Template) -> int:
        return template.longest(self._longest_of)

    def _longest_of(self, name: str, column: str, encode: Encode) -> int:
        key = name, column, encode
        if key not in self._longest:
            self._longest[key] = max(len(encode(row[column])) for row in self._data[name].rows)
        return self._longest[key]

    def columns_of(self, name: str) -> list[str]:
        """The columns of some data that the templates so far use."""
        return sorted(column for used, column in self._missing if used == name)

    def _template(self, place: str, text: str, form: Form, taken: set[str]) -> Template:
        with within(place):
            template = Template.parse(text, form)
            if unknown := sorted(template.names - taken):
                known = [*taken, *WORDS, *self._data]
                raise UsageError(
                    f"no earlier step of this flow takes {unknown[0]!r}",
                    nearest(unknown[0], known, 'take it there, as in take = { id = "json:id" }'),
                )
            for name, column in sorted(template.columns):
                self._column(name, column)
            return template

    def _column(self, name: str, column: str) -> None:
        if name not in self._data:
            raise UsageError(f"there is no data {name!r}", nearest(name, list(self._data), f"add [data.{name}]"))
        rows = self._data[name].rows
        if (name, column) not in self._missing:
            self._missing[name, column] = next((n for n, row in enumerate(rows) if column not in row), None)
        if (number := self._missing[name, column]) is not None:
            shown = printable(column[:64])
            if name == ENV:
                raise UsageError(f"the variable {shown} is not set here", f"set it: export {shown}=...")
            raise UsageError(
                f"row {number + 1} of the data {name!r} has no column {shown!r}",
                nearest(column, list(rows[number]), "add it there"),
            )
        if name == ENV and _UNDECODED.search(str(rows[0][column])):
            raise UsageError(f"the variable {column} is not UTF-8", "set it in UTF-8: what a scenario sends is text")

    def _line(self, place: str, text: str, taken: set[str]) -> Template:
        """Check a template that fills one line of the head: no value may end that line."""
        template = self._template(place, text, "plain", taken)
        for name, column in sorted(template.columns):
            if (name, column) not in self._control:
                rows = enumerate(self._data[name].rows)
                self._control[name, column] = next((n for n, row in rows if _CONTROL.search(str(row[column]))), None)
            if (number := self._control[name, column]) is not None:
                shown = printable(column[:64])
                raise UsageError(
                    f"{place}: {shown!r} in row {number + 1} of the data {name!r} has a control character",
                    "take it out: it could end the header",
                )
        return template


def check_memory(scenario: Scenario, connections: int) -> None:
    """See that the requests of all connections together fit into memory while no server takes them.

    Raises:
        UsageError: they might not.
    """
    templates, longest = TemplateCheck(scenario.data), 0
    for flow in scenario.flows:
        taken = set[str]()
        for step in flow.steps:
            longest = max(longest, templates.check(step, taken))
            taken |= step.take.keys()
    if longest * connections > MOST_BYTES:
        raise UsageError(
            f"requests of up to {format_bytes(longest)} on {connections:,} connections may need more than"
            f" {format_bytes(MOST_BYTES)} of memory",
            "give fewer --connections, or shorter texts and data",
        )


def _check_length(what: str, length: int, most: int) -> None:
    if length > most:
        raise UsageError(
            f"{what}: what is put in for the placeholders can make it {format_bytes(length)} long",
            f"at most {format_bytes(most)}: put less in, or shorter texts",
        )
