"""The headers of a step: its own, and the defaults of the scenario."""

from __future__ import annotations

import re

from ..errors import UsageError
from ..model.workload import TOKEN
from ..units import printable
from .request_template import Template, nearest, placeholders
from .scenario_format import Defaults, ScenarioTable, StepTable, within

# They ask for what the engine does not speak.
_UNSPOKEN = frozenset({"transfer-encoding", "trailer", "upgrade", "te"})
_CONTROL = re.compile(r"[\x00-\x08\x0a-\x1f\x7f]")

# By name in small letters: the name as written, and the template. Basic authentication stands as the header that it
# becomes, named `basic`, so that one way to authenticate replaces the other.
_Headers = dict[str, tuple[str, str]]


def step_headers(
    table: StepTable, defaults: Defaults, content_type: str | None, taken: set[str]
) -> tuple[tuple[tuple[str, str], ...], str | None]:
    """The headers of a step, and its template of basic authentication.

    Its own replace the defaults of the same name. Defaults that use a taken value hold from the step on that comes
    after the one that takes it.

    Args:
        table: the step as written.
        defaults: checked by `check_defaults`.
        content_type: of its body, unless it gives one itself.
        taken: what earlier steps of the flow have taken.

    Raises:
        UsageError: a header that cannot be sent.
    """
    headers: _Headers = {}
    if content_type:
        headers["content-type"] = ("Content-Type", content_type)
    for key, (name, value) in _written(defaults).items():
        if Template.parse(value, "plain").names <= taken:
            headers[key] = (name, value)
    if table.compressed:
        headers["accept-encoding"] = ("Accept-Encoding", "gzip, deflate")
    headers |= _written(table)
    name, _ = headers.get("authorization", ("", ""))
    basic = headers.pop("authorization")[1] if name == "basic" else None
    # A header of the model has one character for each byte that is sent.
    return tuple((name, value.encode().decode("latin-1")) for name, value in headers.values()), basic


def check_defaults(tables: ScenarioTable) -> None:
    """See that every default can be sent, and that the values it uses are taken somewhere.

    Raises:
        UsageError: it cannot, or they are not.
    """
    takes = {name for flow in tables.flow for step in flow.step[:-1] for name in step.take}
    with within("defaults"):
        for name, value in _written(tables.defaults).values():
            with within(f"header {printable(name)}"):
                if unknown := sorted(Template.parse(value, "plain").names - takes):
                    raise UsageError(
                        f"no step takes {unknown[0]!r} for a later one",
                        nearest(unknown[0], [*takes], "take it in a step"),
                    )


def _written(table: StepTable | Defaults) -> _Headers:
    headers: _Headers = {}
    fields = list(table.headers.items())
    if table.bearer is not None:
        fields.append(("Authorization", f"Bearer {table.bearer}"))
    for name, value in fields:
        with within(f"header {printable(name[:64])}"):
            _check_field(name, value)
            if name.lower() in headers:
                raise UsageError("it is given twice", "give it once; bearer = ... is the header Authorization")
            headers[name.lower()] = (name, value)
    if table.basic is not None:
        with within("basic"):
            if "authorization" in headers:
                raise UsageError("the header Authorization is given as well", "give one of the two")
            if ":" not in table.basic and not any(placeholders(table.basic)):
                raise UsageError("there is no colon between name and password", "write it as name:password")
        headers["authorization"] = ("basic", table.basic)
    return headers


def _check_field(name: str, value: str) -> None:
    if not re.fullmatch(TOKEN, name):
        raise UsageError("this is no name of a header", "letters, digits and - only")
    if name.lower() in _UNSPOKEN:
        raise UsageError("this header may not be given", "leave it out: bodies are sent in one piece, as HTTP/1.1")
    if _CONTROL.search(value):
        raise UsageError("its value has a line break or another control character", "write it without")
