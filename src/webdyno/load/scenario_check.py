"""Whether everything that templates draw from is there, and may stand where it is put."""

from __future__ import annotations

import re
from collections.abc import Mapping

from ..errors import UsageError
from ..model.http_request import check_fields
from ..model.scenario import Rows, Step
from ..units import printable
from .scenario_format import within
from .template import WORDS, Form, Template, nearest

_CONTROL = re.compile(r"[\x00-\x08\x0a-\x1f\x7f]")


class TemplateCheck:
    """Checks the templates of one scenario; a column is looked through once, however many templates use it."""

    def __init__(self, data: Mapping[str, Rows]) -> None:
        """Begin with the data of the scenario."""
        self._data = data
        self._missing: dict[tuple[str, str], int | None] = {}
        self._control: dict[tuple[str, str], int | None] = {}

    def check(self, step: Step, taken: set[str]) -> None:
        """Check one step.

        Args:
            step: as it will be sent.
            taken: what earlier steps of the flow have taken.

        Raises:
            UsageError: a template that does not parse, draws from something that is not there, or could end a header;
                a header that contradicts what is sent.
        """
        self._template("path", step.request.path, "url", taken)
        for name, value in step.request.headers:
            self._line(f"header {name}", value.encode("latin-1").decode(), taken)
        if step.basic is not None:
            self._line("basic", step.basic, taken)
        body = self._template("body", (step.request.body or b"").decode("utf-8", "surrogateescape"), "plain", taken)
        check_fields(step.request.headers, None if body.constant is None else len(body.constant))

    def _template(self, place: str, text: str, form: Form, taken: set[str]) -> Template:
        with within(place):
            template = Template.parse(text, form)
            if unknown := sorted(template.names - taken):
                known = [*taken, *WORDS, *self._data]
                raise UsageError(
                    f"no earlier step of this flow takes {unknown[0]!r}",
                    nearest(unknown[0], known, 'take it there, as in take = { token = "json:token" }'),
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
            raise UsageError(
                f"row {number + 1} of the data {name!r} has no column {shown!r}",
                nearest(column, list(rows[number]), "add it there"),
            )

    def _line(self, place: str, text: str, taken: set[str]) -> None:
        """Check a template that fills one line of the head: no value may end that line."""
        for name, column in sorted(self._template(place, text, "plain", taken).columns):
            if (name, column) not in self._control:
                rows = enumerate(self._data[name].rows)
                self._control[name, column] = next((n for n, row in rows if _CONTROL.search(str(row[column]))), None)
            if (number := self._control[name, column]) is not None:
                shown = printable(column[:64])
                raise UsageError(
                    f"{place}: {shown!r} in row {number + 1} of the data {name!r} has a control character",
                    "take it out: it could end the header",
                )
