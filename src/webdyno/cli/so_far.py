"""The table of a run that goes on: what is known of each stack so far, and how little that is."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from rich.text import Text

from ..analysis.measured_trial import MeasuredTrial
from ..lab.events import Standings
from ..model.fact import Fact, fact
from ..model.standing import Standing
from ..model.trial import Trial
from ..texts.catalogue import noted, told
from ..units import decimals_of, printable

# An interval with an end farther from the ratio than this is called wide.
WIDE = 0.10
BASELINE = "baseline"
# How the figures of a stack are written below its name, and beside it.
_BELOW = {
    "value": "{:>16}",
    "ratio": "{:>10}",
    "interval": "  {:<12}",
    "p99": "{:>13}",
    "failed": "{:>14}",
    "mark": "  {:<11}",
}
_BESIDE = {"value": "{:>9}", "ratio": "{:>10}", "interval": "  {:<12}", "mark": " {:<11}"}
# Which of them stay longest where there is no room for all: a ratio that needs care is never shown without its mark.
_STAYING = ("value", "ratio", "mark", "interval", "p99", "failed")
_LEAST_NAME, _MOST_NAME = 8, 35


@dataclass
class Figures:
    """What the trials of one stack show before anything is analysed."""

    throughputs: list[float] = field(default_factory=list)
    cpu_us: list[float] = field(default_factory=list)
    pilot: float | None = None
    p99_ms: float | None = None
    failed: int = 0
    failure: str = ""

    def add(self, trial: Trial) -> None:
        """Take in one trial."""
        if trial.failure:
            self.failure = noted(trial.failure)
        if trial.result is None:
            return
        measured = MeasuredTrial(trial, trial.result)
        self.failed += trial.result.failed
        if trial.phase == "pilot":
            self.pilot = trial.result.throughput
        elif trial.phase == "saturation":
            self.throughputs.append(trial.result.throughput)
        elif trial.phase == "duet":
            self.cpu_us += [cost] if (cost := measured.cpu_per_request_us) else []
        else:
            self.p99_ms = measured.response_ms(0.99)

    def carried(self) -> float | None:
        """Its figure before the first block is analysed; the mean, since a block may hold several trials of it."""
        known = self.cpu_us or self.throughputs
        return sum(known) / len(known) if known else None


class Row(NamedTuple):
    """What is shown of one stack; `mark` says what to think of its figures."""

    name: Text
    value: str = ""
    ratio: str = ""
    interval: str = ""
    p99: str = ""
    failed: str = ""
    mark: str = ""

    @property
    def style(self) -> str:
        """Figures that need care are drawn faint."""
        return "dim" if self.mark else ""


class SoFar:
    """Takes in trials and standings, and gives the lines of the table.

    Attributes:
        figures: by notation, in the order in which the stacks were named.
    """

    def __init__(self) -> None:
        self.figures: dict[str, Figures] = {}
        self._standings: Standings | None = None

    def begin(self) -> None:
        """A run begins: what another one before it showed is forgotten."""
        self._standings = None
        self.figures = {name: Figures() for name in self.figures}

    def take(self, standings: Standings) -> None:
        """Take in where the stacks stand after a block."""
        self._standings = standings

    def lines(self, width: int, most: int) -> list[Text]:
        """The table in at most so many lines: two for each stack where there is room, else one, else the best only."""
        rows = [self._row(name) for name in self._best_first()]
        foot = self._legend()
        room = most - 1 - len(foot)
        if 2 * len(rows) <= room:
            body = [line for row in rows for line in _two_lines(row, width)]
        elif len(rows) <= room:
            body = [_one_line(row, width) for row in rows]
        else:
            shown = max(room - 1, 1)
            body = [_one_line(row, width) for row in rows[:shown]]
            body.append(Text(told(fact("so-far.more", count=len(rows) - shown)), "dim"))
        lines = [Text(printable(told(self._title())), "bold"), *body, *foot]
        for line in lines:
            line.no_wrap, line.overflow = True, "ellipsis"
            line.truncate(width, overflow="ellipsis", pad=True)
        return lines[: max(most, 0)]

    def _best_first(self) -> list[str]:
        if self._standings:
            ranked = [one.stack for one in self._standings.standings]
            return [*ranked, *(name for name in self.figures if name not in ranked)]
        if all(figures.pilot is not None or figures.failure for figures in self.figures.values()):
            return sorted(self.figures, key=lambda name: -(self.figures[name].pilot or 0.0))
        return list(self.figures)

    def _standing(self, name: str) -> Standing | None:
        found = self._standings.standings if self._standings else ()
        return next((one for one in found if one.stack == name), None)

    def _title(self) -> Fact:
        if self._standings is None:
            piloted = any(figures.pilot is not None for figures in self.figures.values())
            return fact("so-far.pilot" if piloted else "so-far.nothing")
        metric = fact(f"metric.{self._standings.metric}")
        return fact("so-far.blocks", blocks=self._standings.block, metric=metric)

    def _legend(self) -> list[Text]:
        if self._standings is None or not any(one.ratio for one in self._standings.standings):
            return []
        return [Text(told(fact("so-far.legend", wide=WIDE)), "dim")]

    def _row(self, name: str) -> Row:
        figures, standing = self.figures[name], self._standing(name)
        duet = any(each.cpu_us for each in self.figures.values())
        unit = "us CPU" if duet else "req/s"
        row = Row(
            Text(printable(name), "red" if figures.failure else "bold"),
            p99="" if figures.p99_ms is None else f"p99 {figures.p99_ms:.2f} ms",
            failed=told(fact("so-far.failed", count=figures.failed)) if figures.failed else "",
        )
        value = standing.value if standing else figures.carried()
        if value is not None:
            row = row._replace(value=f"{value:,.0f} {unit}")
            return _compared(row, standing, self._baseline) if standing else row
        if figures.failure or standing:
            return row._replace(mark=told(fact("screen.failed" if figures.failure else "so-far.invalid")))
        known = figures.pilot is not None and not duet
        return row._replace(value=f"~{figures.pilot:,.0f} {unit}") if known else row

    @property
    def _baseline(self) -> str:
        return self._standings.baseline if self._standings else ""


def _compared(row: Row, standing: Standing, baseline: str) -> Row:
    """With the ratio to the baseline, and how sure that is."""
    if standing.stack == baseline:
        return row._replace(ratio=BASELINE)
    if standing.ratio is None:
        return row
    value, ends = standing.ratio.value, standing.ratio.interval
    wide = ends is None or max(ends.high / value, value / ends.low) > 1 + WIDE
    places = min(decimals_of(value, 2 if wide else 3), 4)
    if ends is None:
        return row._replace(ratio=f"{value:,.{places}f}x?", mark=told(fact("so-far.no-interval")))
    # Two blocks know their own scatter so badly that the interval may as well be narrow by luck.
    mark = fact("so-far.two-blocks") if standing.ratio.blocks == 2 else fact("so-far.wide") if wide else None
    return row._replace(
        ratio=f"{value:,.{places}f}x{'?' if ends.low <= 1 <= ends.high else ''}",
        interval=f"{ends.low:,.{places}f}-{ends.high:,.{places}f}",
        mark=told(mark),
    )


def _two_lines(row: Row, width: int) -> Iterator[Text]:
    yield row.name
    yield Text(_figures(row, _that_fit(_BELOW, width)).rstrip(), row.style)


def _one_line(row: Row, width: int) -> Text:
    beside = row._replace(value=row.value.split(" ")[0])
    figures = _figures(beside, _that_fit(_BESIDE, width - _LEAST_NAME))
    line = row.name.copy()
    line.truncate(max(_LEAST_NAME, min(_MOST_NAME, width - len(figures))), overflow="ellipsis", pad=True)
    return line.append(figures.rstrip(), row.style)


def _figures(row: Row, forms: Mapping[str, str]) -> str:
    return "".join(form.format(getattr(row, name)) for name, form in forms.items())


def _that_fit(forms: Mapping[str, str], room: int) -> dict[str, str]:
    kept = []
    for name in _STAYING:
        room -= len(forms.get(name, "").format(""))
        if room < 0:
            break
        kept.append(name)
    return {name: form for name, form in forms.items() if name in kept}
