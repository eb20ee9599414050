"""What is said of one property of the machine."""

from __future__ import annotations

from typing import Literal

from pydantic import computed_field

from ...model.fact import Fact, InWords, fact
from ...texts.catalogue import told

State = Literal["ok", "warning", "bad", "unknown"]


class Check(InWords):
    """One property of the machine.

    Attributes:
        name: stable identifier, such as `governor`.
        state: `ok`: does not disturb; `warning`: widens intervals or moves figures a little; `bad`: makes figures wrong
            or trials invalid; `unknown`: could not be seen, so nothing is said.
        what: what was seen: a key and the figures.
        why: why it matters; None where it is `ok`.
        advice: what to do; None where there is nothing to do.
        seen, matters, remedy: the same in words, empty where there is none.
    """

    name: str
    state: State
    what: Fact
    why: Fact | None = None
    advice: Fact | None = None

    @computed_field  # type: ignore[prop-decorator]
    @property
    def seen(self) -> str:
        """What was seen."""
        return told(self.what)

    @computed_field  # type: ignore[prop-decorator]
    @property
    def matters(self) -> str:
        """Why it matters."""
        return told(self.why)

    @computed_field  # type: ignore[prop-decorator]
    @property
    def remedy(self) -> str:
        """What to do."""
        return told(self.advice)


def ok(name: str, what: Fact) -> Check:
    """A property that does not disturb."""
    return Check(name=name, state="ok", what=what)


def graded(figure: float, warning_above: float, bad_above: float) -> State:
    """The state of a figure that should be small."""
    if figure <= warning_above:
        return "ok"
    return "bad" if figure > bad_above else "warning"


def listed(cpus: tuple[int, ...]) -> Fact:
    """CPU numbers."""
    return fact("cpus", count=len(cpus), numbers=tuple(map(str, cpus)))
