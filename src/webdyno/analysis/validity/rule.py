"""Rules of other packages, found in the entry-point group `webdyno.validity`: each judges every trial, or load.

A rule of webdyno's own is a function in `*_rules.py` and a text in `webdyno.texts`; another package brings both here.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache, partial
from typing import NamedTuple

from ...errors import UsageError
from ...model.fact import Fact
from ...plugins import find, names
from ...texts.catalogue import told
from ..measured_load import MeasuredLoad
from ..measured_trial import MeasuredTrial
from .finding import Finding, Severity

_GROUP = "webdyno.validity"
# Those without a dot are webdyno's own, and mean something to it.
_NAME = re.compile(r"[a-z0-9_-]+\.[a-z0-9_.-]+")


class Shown(NamedTuple):
    """What a rule sees in one trial, or in one load.

    Attributes:
        severity: `invalid`: the trial is excluded from every average; `caution`: it counts, and the reason is shown.
        figures: what stands in the rule's texts, by name.
        weight: how bad it is; of several trials with the same reason, the worst gives the figures.
    """

    severity: Severity
    figures: Mapping[str, int | float | str]
    weight: float = 1.0


@dataclass(frozen=True)
class Rule:
    """What another package judges trials by, and loads where it says how.

    Attributes:
        name: of the reason, with the package before a dot: `acme.cold-cache`.
        text: what happened, as a template: `{misses:count} of its keys were cold`. Forms of numbers, as in
            `texts/sentence_template.py`: `bytes`, `count`, `duration` (of seconds), `number`, `percent` (of a share),
            `rate`.
        judge: pure; given a trial, says what it shows, or None.
        remedy: what to do, a template of the same figures; may be empty.
        judge_load: as `judge`, given the load of `webdyno load`, which has no stack; None where it says nothing of one.

    Raises:
        ValueError: the name has no package before a dot.
    """

    name: str
    text: str
    judge: Callable[[MeasuredTrial], Shown | None]
    remedy: str = ""
    judge_load: Callable[[MeasuredLoad], Shown | None] | None = None

    def __post_init__(self) -> None:
        if not _NAME.fullmatch(self.name):
            raise ValueError(f"a reason is named as PACKAGE.REASON, not {self.name!r}")

    def findings(self, measured: MeasuredTrial) -> Iterator[Finding]:
        """What it says of a trial.

        Raises:
            UsageError: it fails, or its figures do not fit its texts.
        """
        return self._found(partial(self.judge, measured))

    def findings_of_load(self, measured: MeasuredLoad) -> Iterator[Finding]:
        """What it says of a load; raises as `findings`."""
        return self._found(partial(self.judge_load, measured)) if self.judge_load else iter(())

    def _found(self, judge: Callable[[], Shown | None]) -> Iterator[Finding]:
        try:
            shown = judge()
            if shown is None:
                return
            what = self._fact(self.text, shown)
            advice = self._fact(self.remedy, shown) if self.remedy else None
            _ = told(what), told(advice)
            finding = Finding(self.name, shown.severity, what, advice, shown.weight)
        except Exception as error:
            message = f"the rule of validity {self.name} fails: {type(error).__name__}: {error}"
            raise UsageError(message, "repair or uninstall the package that adds it") from error
        yield finding

    def _fact(self, template: str, shown: Shown) -> Fact:
        return Fact(key=self.name, figures=dict(shown.figures), template=template)


@cache
def rules_of_others() -> tuple[Rule, ...]:
    """All of them, by the names of their entry points.

    Raises:
        UsageError: one cannot be loaded, or is no rule.
    """
    found = (find(name, {}, _GROUP, Rule) for name in names({}, _GROUP))
    return tuple(rule for rule in found if rule)
