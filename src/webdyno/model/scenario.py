"""Scenario: users who do different things, several requests each, with values that change from one to the next."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from .base import Value
from .workload import Expected, JsonScalar, Request

Name = Annotated[str, Field(pattern=r"^[A-Za-z_][A-Za-z0-9_-]{0,63}$")]
Label = Annotated[str, Field(min_length=1, max_length=64)]
ENV = "env"
"""The data whose one row are variables of webdyno's own environment: `${env.TOKEN}`."""
_Think = Annotated[float, Field(ge=0, le=3600)]


class Step(Value):
    """One request of a flow: an endpoint, with figures of its own in the result.

    Attributes:
        name: of the endpoint.
        request: path, header values and body are templates, see `webdyno.loadgen.request_template`.
        basic: a template of `NAME:PASSWORD` for basic authentication, or None.
        expected: what the response is held against.
        take: names for values of the response, which later steps of the flow use: `json:PATH` or `header:NAME`.
        think_s: least and most seconds from the response to the next step, drawn evenly.
    """

    name: Label
    request: Request = Request()
    basic: str | None = None
    expected: Expected = Expected(status=None)
    take: dict[Name, str] = Field(default_factory=dict)
    think_s: tuple[_Think, _Think] = (0.0, 0.0)


class Flow(Value):
    """What one user does: steps in their order; one that fails ends it.

    Attributes:
        name: of the flow.
        weight: how often it is chosen, against the weights of the others.
        steps: its steps.
    """

    name: Label
    weight: Annotated[float, Field(ge=1e-6, le=1e6)] = 1.0
    steps: Annotated[tuple[Step, ...], Field(min_length=1, max_length=100)]


class Rows(Value):
    """Data for templates; every journey takes one row.

    Attributes:
        rows: values by column.
        pick: `next`: one after the other, from the beginning again after the last; `random`: any.
    """

    rows: Annotated[tuple[dict[str, JsonScalar], ...], Field(min_length=1)]
    pick: Literal["next", "random"] = "next"


class Scenario(Value):
    """What users do.

    Under closed load each connection stands for a user, who begins anew when done; under open load each arrival is a
    user, who goes through one flow.

    Attributes:
        flows: chosen at random by their weights.
        data: rows by the name that templates use.
        cookies: each journey keeps the cookies that it is sent, and sends them back.
    """

    flows: Annotated[tuple[Flow, ...], Field(min_length=1, max_length=100)]
    data: dict[Name, Rows] = Field(default_factory=dict)
    cookies: bool = True

    @model_validator(mode="after")
    def _agree(self) -> Self:
        names = [step.name for flow in self.flows for step in flow.steps]
        if twice := {name for name in names if names.count(name) > 1}:
            raise ValueError(f"two steps have the name {sorted(twice)[0]!r}; figures are told by step")
        return self
