"""A dependency as it really ran beside the stacks of a run."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from .base import Value
from .workload import JsonScalar

_Variable = Annotated[str, Field(pattern=r"^[A-Za-z_][A-Za-z0-9_]*$")]
_VariableValue = Annotated[str, Field(pattern=r"^[^\x00]*$")]


class DependencyRecord(Value):
    """A dependency as it really ran, started once for the whole run.

    Attributes:
        name: as the workload names it.
        version: of what ran.
        settings: how it was told to behave.
        address: where it answered.
        argv: its command line; empty where webdyno started no program for it.
        env: what every stack was told, as environment variables.
        cpus: the CPUs that it had, together with the other dependencies; empty for any.
        apart: True where these neither serve nor load.
    """

    name: str
    version: str
    settings: dict[str, JsonScalar] = Field(default_factory=dict)
    address: str
    argv: tuple[str, ...] = ()
    env: dict[_Variable, _VariableValue] = Field(default_factory=dict)
    cpus: tuple[int, ...] = ()
    apart: bool
