"""Scenario files: what users do, written by hand as TOML, or as JSON of the same structure. See docs/scenarios.md."""

from __future__ import annotations

import os
import re
import tomllib
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from ..bounded_file import read_bounded
from ..errors import UsageError
from ..model.json_text import NotJson, read_json
from ..model.scenario import ENV, Flow, Rows, Scenario, Step
from ..model.workload import TOKEN, Expected, JsonScalar, Request, is_scalar
from ..units import parse_duration, printable
from .body_template import form_template, json_template
from .data_file import decoded, read_rows
from .request_template import FUNCTIONS, WORDS
from .scenario_check import MOST_BODY_BYTES, TemplateCheck
from .scenario_format import Defaults, ExpectTable, FlowTable, ScenarioTable, StepTable, parse_tables, titled, within
from .scenario_headers import check_defaults, step_headers

MOST_FILE_BYTES = 4_000_000
LONGEST_THINK_S = 3600.0

_PATH = re.compile(r"/[!-~]*")


def read_scenario(path: Path) -> Scenario:
    """Read a scenario and everything that it names.

    Args:
        path: a `.toml` or `.json` file; names of files in it are relative to it.

    Raises:
        UsageError: something in it cannot be carried out. The text names file, flow, step and key, and never repeats
            the values of headers and credentials.
    """
    with within(printable(str(path))):
        try:
            tables = parse_tables(_document(path))
            check_defaults(tables)
            data = dict(_data(tables, path.parent))
            templates = TemplateCheck(data | {ENV: Rows(rows=(dict(os.environ),))})
            flows = tuple(_flows(tables, path.parent, templates))
        except RecursionError:
            raise UsageError("values are nested too deep", "write flatter ones") from None
        _check_step_names(flows)
        if variables := templates.columns_of(ENV):
            data[ENV] = Rows(rows=({name: os.environ[name] for name in variables},))
        return Scenario(flows=flows, data=data, cookies=tables.cookies)


def _document(path: Path) -> Any:
    content = read_bounded(path, MOST_FILE_BYTES)
    if path.suffix.lower() != ".json":
        try:
            return tomllib.loads(decoded(content))
        except ValueError as error:
            # The parser quotes single characters and key names only.
            raise UsageError(f"not TOML: {printable(str(error))}", "correct it there") from error
    try:
        return read_json(content)
    except NotJson as error:
        raise UsageError(f"not JSON: {printable(str(error))}", "correct it there") from error


def _data(tables: ScenarioTable, folder: Path) -> Iterator[tuple[str, Rows]]:
    for name, table in tables.data.items():
        with within(f"data {name}"):
            if name == ENV:
                raise UsageError("this name is that of the environment: ${env.NAME}", "choose another")
            yield name, read_rows(folder / table.file, table.pick)


def _flows(tables: ScenarioTable, folder: Path, templates: TemplateCheck) -> Iterator[Flow]:
    for index, flow in enumerate(tables.flow):
        with within(titled("flow", index, flow.name)):
            steps = tuple(_steps(flow, tables.defaults, folder, templates))
            yield Flow(name=flow.name, weight=flow.weight, steps=steps)


def _steps(flow: FlowTable, defaults: Defaults, folder: Path, templates: TemplateCheck) -> Iterator[Step]:
    taken = set[str]()
    for index, table in enumerate(flow.step):
        with within(titled("step", index, table.name)):
            step = _step(table, defaults, taken, folder)
            templates.check(step, taken)
            taken |= step.take.keys()
            yield step


def _step(table: StepTable, defaults: Defaults, taken: set[str], folder: Path) -> Step:
    body, content_type = _body(table, folder)
    method = (table.method or ("GET" if body is None else "POST")).upper()
    if not re.fullmatch(TOKEN, method):
        raise UsageError("method: this is no HTTP method", "write it as GET or POST")
    if not _PATH.fullmatch(table.path):
        raise UsageError(
            "path: it must begin with / and hold neither spaces nor characters beyond ASCII",
            "percent-encode them: a space is %20; there is no space in a placeholder either",
        )
    headers, basic = step_headers(table, defaults, content_type, taken)
    return Step(
        name=table.name or f"{method} {table.path}"[:64],
        request=Request(method=method, path=table.path, headers=headers, body=body),
        basic=basic,
        expected=_expected(table.expect, folder),
        take={name: _taken(name, source) for name, source in table.take.items()},
        think_s=_think(table.think),
    )


def _body(table: StepTable, folder: Path) -> tuple[bytes | None, str | None]:
    """The body's template and its content type, where there is one to tell."""
    given = [key for key in ("body", "body_file", "json", "form") if _has(table, key)]
    if len(given) > 1:
        raise UsageError(f"there is both {given[0]} and {given[1]}", "give one of them")
    if "json" in given:
        with within("json"):
            return json_template(table.json_body).encode(), "application/json"
    if table.form is not None:
        with within("form"):
            return form_template(table.form).encode(), "application/x-www-form-urlencoded"
    if table.body_file is not None:
        return _content(folder / table.body_file).replace(b"${", b"$${"), None
    return table.body.encode() if table.body is not None else None, None


def _content(path: Path) -> bytes:
    with within(f"body_file: {printable(str(path))}"):
        return read_bounded(path, MOST_BODY_BYTES)


def _has(table: StepTable, key: str) -> bool:
    # In a JSON file, null is a body like any other.
    return "json_body" in table.model_fields_set if key == "json" else getattr(table, key) is not None


def _expected(table: ExpectTable, folder: Path) -> Expected:
    with within("expect"):
        if table.body is not None and table.body_file is not None:
            raise UsageError("there is both body and body_file", "give one of them")
        body = table.body.encode() if table.body is not None else None
        if table.body_file is not None:
            body = _content(folder / table.body_file)
        return Expected(status=table.status, body=body, json_values=dict(_flat(table.values)))


def _flat(values: Mapping[str, object], above: str = "") -> Iterator[tuple[str, JsonScalar]]:
    for key, value in values.items():
        path = f"{above}{key}"
        if isinstance(value, dict) and value:
            yield from _flat(value, f"{path}.")
        elif is_scalar(value):
            yield path, value
        else:
            raise UsageError(
                f"json: {printable(path[:64])}: this is no plain JSON value", "name its parts, as in roles.0"
            )


def _taken(name: str, source: str) -> str:
    with within(f"take: {name}"):
        if name in (*FUNCTIONS, *WORDS):
            raise UsageError("this name has a meaning of its own in templates", "choose another")
        kind, _, what = source.partition(":")
        if (kind == "json" and ":" in source) or (kind == "header" and re.fullmatch(TOKEN, what)):
            return source
        raise UsageError("this names no part of an answer", "write json:user.id or header:Location")


def _think(text: str) -> tuple[float, float]:
    with within("think"):
        least, dots, most = text.partition("..")
        low = parse_duration(least, "think time")
        high = parse_duration(most, "think time") if dots else low
        if not low <= high <= LONGEST_THINK_S:
            raise UsageError("it goes from more to less, or is over an hour", "write it as 200ms or 100ms..300ms")
        return low, high


def _check_step_names(flows: tuple[Flow, ...]) -> None:
    names = Counter(step.name for flow in flows for step in flow.steps)
    name, times = names.most_common(1)[0]
    if times > 1:
        raise UsageError(
            f"{times} steps have the name {printable(name)!r}, and figures are told by step",
            'give each a name of its own, as in name = "list"',
        )
