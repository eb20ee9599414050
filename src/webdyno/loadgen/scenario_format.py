"""The keys of a scenario file and their types."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from itertools import pairwise
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from ..errors import UsageError
from ..model.scenario import Label, Name
from ..units import printable
from .request_template import nearest


class _Table(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class DataTable(_Table):
    """Where the rows of some data come from."""

    file: str
    pick: Literal["next", "random"] = "next"


class Defaults(_Table):
    """What holds for every step that does not give its own."""

    headers: dict[str, str] = Field(default_factory=dict)
    bearer: str | None = None
    basic: str | None = None


class ExpectTable(_Table):
    """What an answer is held against."""

    status: int | None = Field(None, ge=200, le=599)
    body: str | None = None
    body_file: str | None = None
    values: dict[str, Any] = Field(default_factory=dict, alias="json")


class StepTable(_Table):
    """One request."""

    path: str
    name: Label | None = None
    method: str | None = None
    headers: dict[str, str] = Field(default_factory=dict)
    bearer: str | None = None
    basic: str | None = None
    body: str | None = None
    body_file: str | None = None
    json_body: Any = Field(None, alias="json")
    form: dict[str, str] | None = None
    compressed: bool = False
    expect: ExpectTable = ExpectTable()
    take: dict[Name, str] = Field(default_factory=dict)
    think: str = "0s"


class FlowTable(_Table):
    """What one user does."""

    name: Label
    weight: float = Field(1.0, ge=1e-6, le=1e6)
    step: list[StepTable] = Field(min_length=1, max_length=100)


class ScenarioTable(_Table):
    """The whole file."""

    flow: list[FlowTable] = Field(min_length=1, max_length=100)
    data: dict[Name, DataTable] = Field(default_factory=dict)
    defaults: Defaults = Defaults()
    cookies: bool = True


def parse_tables(document: Any) -> ScenarioTable:
    """Check the keys and types of a parsed file.

    Raises:
        UsageError: with the place of the first thing that is wrong, and never its value.
    """
    try:
        return ScenarioTable.model_validate(document)
    except ValidationError as invalid:
        # An unknown key explains a missing one, as with a typing error.
        errors = sorted(invalid.errors(include_url=False), key=lambda error: error["type"] != "extra_forbidden")
        location = errors[0]["loc"]
        place = "".join(f"{part}: " for part in _place(document, location))
        key = printable(str(location[-1])[:64]) if location else ""
        if errors[0]["type"] == "extra_forbidden":
            known = _known_keys(location)
            raise UsageError(
                f"{place}there is no key {key!r}", nearest(key, known, f"one of {', '.join(known)}")
            ) from None
        if errors[0]["type"] == "missing":
            raise UsageError(f"{place}the key {key!r} is missing", "add it") from None
        if key == "[key]":
            name = printable(str(location[-2])[:64])
            raise UsageError(
                f"{place}{name!r} is no name", "begin with a letter; then letters, digits, _ and -"
            ) from None
        what = f"{place}{key}: " if location and isinstance(location[-1], str) else place
        message = "should be a table" if errors[0]["type"] == "model_type" else errors[0]["msg"].removeprefix("Input ")
        raise UsageError(f"{what}{message}", "see docs/scenarios.md for the format") from None


def _place(document: Any, location: tuple[int | str, ...]) -> list[str]:
    """Where an error is, in the names that the file gives to its flows and steps."""
    place, table = list[str](), document
    for part, below in pairwise(location):
        try:
            table = table[part]
        except (LookupError, TypeError):
            return place
        if isinstance(part, int):
            continue
        if isinstance(below, int) and part in ("flow", "step"):
            name = table[below].get("name") if isinstance(table[below], dict) else None
            place.append(titled(part, below, name))
        elif below != "[key]":
            place.append(printable(part[:64]))
    return place


def titled(kind: str, index: int, name: object) -> str:
    """A flow or step as errors name it: by its name or, without one, by its number."""
    return f"{kind} {printable(name[:64])!r}" if isinstance(name, str) and name else f"{kind} {index + 1}"


@contextmanager
def within(place: str) -> Iterator[None]:
    """Put the place before the text of every usage error that comes out of the block."""
    try:
        yield
    except UsageError as error:
        raise UsageError(f"{place}: {error.message}", error.remedy, error.details) from error


def _known_keys(location: tuple[int | str, ...]) -> list[str]:
    match location:
        case ("data", _, _):
            table: type[_Table] = DataTable
        case ("defaults", _):
            table = Defaults
        case ("flow", _, "step", _, "expect", _):
            table = ExpectTable
        case ("flow", _, "step", _, _):
            table = StepTable
        case ("flow", _, _):
            table = FlowTable
        case _:
            table = ScenarioTable
    return [field.alias or name for name, field in table.model_fields.items()]
