"""What is said of one property of the machine."""

from __future__ import annotations

from typing import Literal

from ...model.base import Figure

State = Literal["ok", "care", "bad", "unknown"]

NOT_READABLE = "could not be read here"


class Check(Figure):
    """One property of the machine.

    Attributes:
        name: stable identifier, such as `governor`.
        state: `ok`: does not disturb; `care`: widens intervals or moves figures a little; `bad`: makes figures wrong or
            trials invalid; `unknown`: could not be seen, so nothing is said.
        seen: what was seen, with the figure.
        matters: why it matters; empty where it is `ok`.
        remedy: what to do; empty where there is nothing to do.
    """

    name: str
    state: State
    seen: str
    matters: str = ""
    remedy: str = ""


def graded(figure: float, care_above: float, bad_above: float) -> State:
    """The state of a figure that should be small."""
    if figure <= care_above:
        return "ok"
    return "bad" if figure > bad_above else "care"


def listed(cpus: tuple[int, ...]) -> str:
    """CPU numbers in words: `CPU 1`, `CPUs 1, 2`."""
    return f"CPU{'s' if len(cpus) > 1 else ''} {', '.join(map(str, cpus))}"
