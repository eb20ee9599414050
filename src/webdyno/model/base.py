"""The base of every value: frozen, strict about its fields, written as JSON."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict


class Value(BaseModel):
    """An immutable typed value; unknown fields are refused, so that a stored document is read whole or not at all."""

    # Infinity and NaN as strings: as null, the default, a document could be written but never read again.
    model_config = ConfigDict(
        frozen=True, extra="forbid", ser_json_bytes="base64", val_json_bytes="base64", ser_json_inf_nan="strings"
    )
