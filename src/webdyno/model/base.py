"""The base of every value: frozen, strict about its fields and the size of its numbers, written as JSON."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any, ClassVar

from pydantic import BaseModel, ConfigDict, GetCoreSchemaHandler
from pydantic_core import CoreSchema, PydanticCustomError, core_schema

LARGEST = 1e15
# How near to zero: with `LARGEST`, far enough from the ends of a float for all that is worked out.
SMALLEST = 1e-100
MOST_WHOLE = 2**63 - 1
_FIRST, _LAST = datetime(1900, 1, 1, tzinfo=UTC), datetime(2200, 1, 1, tzinfo=UTC)

_Schema = dict[str, Any]
_Bounds = Mapping[str, Callable[[_Schema], Any]]


def _bounded(schema: Any, bounds: _Bounds) -> Any:
    """The schema with ends for every number and moment, however deep in it; what has ends of its own keeps them."""
    if isinstance(schema, list | tuple):
        return type(schema)([_bounded(part, bounds) for part in schema])
    if not isinstance(schema, dict) or _has_ends(schema):
        return schema
    inside = {key: part if key == "default" else _bounded(part, bounds) for key, part in schema.items()}
    kind = inside.get("type")
    return bounds[kind](inside) if isinstance(kind, str) and kind in bounds else inside


def _has_ends(schema: _Schema) -> bool:
    """Whether it is that of another value, which was given its ends when its class was made."""
    made = schema.get("type") == "model" and schema["cls"].__dict__.get("__pydantic_complete__")
    return bool(made) and issubclass(schema["cls"], Value)


def _whole(schema: _Schema) -> _Schema:
    return {"ge": -MOST_WHOLE, "le": MOST_WHOLE} | schema


def _real(schema: _Schema) -> Any:
    ended: Any = {"ge": -LARGEST, "le": LARGEST, "allow_inf_nan": False} | schema
    if ended["le"] > LARGEST:
        return ended
    return core_schema.no_info_after_validator_function(_not_tiny, ended)


def _not_tiny(value: float) -> float:
    if 0 < abs(value) < SMALLEST:
        raise PydanticCustomError("tiny", "Input should be 0 or further from it")
    return value


def _moment(schema: _Schema) -> _Schema:
    return {"ge": _FIRST, "le": _LAST, "tz_constraint": "aware"} | schema


def _until_first_fault(schema: _Schema) -> _Schema:
    """Of many wrong items only the first is told: to keep a million faults would fill the memory."""
    return schema | {"fail_fast": True}


class Value(BaseModel):
    """An immutable typed value; unknown fields are refused, so that a stored document is read whole or not at all.

    Every number in it has ends, given by its field or here, so that no document makes arithmetic overflow; every moment
    has a time zone and lies between 1900 and 2200.
    """

    # Infinity and NaN, which only a fault of ours could bring in, as strings: JSON has no numbers for them.
    # What does not fit may be a secret, which no error repeats.
    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        ser_json_bytes="base64",
        val_json_bytes="base64",
        ser_json_inf_nan="strings",
        hide_input_in_errors=True,
    )
    bounds: ClassVar[_Bounds] = {
        "int": _whole,
        "float": _real,
        "datetime": _moment,
        "tuple": _until_first_fault,
        "dict": _until_first_fault,
    }

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        schema: CoreSchema = _bounded(handler(source), cls.bounds)
        return schema


class Figure(Value):
    """A value that is worked out of others and never read again: its numbers are finite."""

    bounds: ClassVar[_Bounds] = {"float": lambda schema: schema | {"allow_inf_nan": False}}
