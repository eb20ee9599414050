"""Progress of a run: what is being done, what is left, and the figures so far."""

from __future__ import annotations

import sys
from contextlib import suppress

from rich.console import Console, Group
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from ..analysis.measured_trial import MeasuredTrial
from ..lab.events import (
    BlockDone,
    Event,
    Launching,
    Measuring,
    PilotDone,
    Remark,
    RunStarted,
    SettingUp,
    StackReady,
    Standings,
    StartingDependency,
    TrialDone,
)
from ..model.fact import Fact, fact
from ..model.load import OpenLoad
from ..model.stack import URL
from ..model.trial import LoadFigures, Trial
from ..model.verdict import Closing
from ..texts.catalogue import in_sentence, told
from ..units import printable
from .in_place import InPlace, can_redraw
from .so_far import Figures, SoFar

# With fewer lines for the stacks, how near each ratio is to a precision is left out.
_LEAST_LINES = 5


class Progress:
    """Shows events: a live table on a terminal (see `SoFar`), a line a trial elsewhere, nothing when quiet.

    The live table is drawn between windows only, never while something is measured: drawing costs CPU.
    """

    def __init__(self, *, quiet: bool) -> None:
        self._console = Console(stderr=True, highlight=False)
        self._quiet = quiet
        self._view = InPlace(self._console)
        self._so_far = SoFar()
        self._blocks: int | None = None
        self._block = 0
        self._closings: tuple[Closing, ...] = ()
        self._total_s = self._left_s = 0.0
        self._doing = ""

    def __enter__(self) -> Progress:
        return self

    def __exit__(self, *_: object) -> None:
        if self._is_live:
            with suppress(OSError):
                self._view.erase()

    def __call__(self, event: Event) -> None:
        """Take in one event."""
        if self._quiet and not (isinstance(event, Remark) and event.always):
            return
        self._take(event)
        try:
            self._show(event)
        except OSError:
            # Nobody reads it any more (`2>&1 | head`), which must not end the measurement.
            self._quiet = True

    def _show(self, event: Event) -> None:
        if self._is_live:
            above = Text(printable(event.text), "yellow") if isinstance(event, Remark) else None
            self._view.draw(self._screen(), above)
        else:
            for line in self._lines(event):
                print(printable(line), file=sys.stderr, flush=True)

    @property
    def _is_live(self) -> bool:
        return can_redraw(self._console) and not self._quiet

    def _take(self, event: Event) -> None:
        match event:
            case SettingUp(stack=stack, what=what):
                self._doing = told(fact("doing.set-up", stack=stack, what=what))
            case StackReady(record=record):
                self._so_far.figures[record.notation] = Figures()
            case StartingDependency(dependency=name):
                self._doing = told(fact("doing.dependency", dependency=name))
            case RunStarted(remaining_s=remaining_s):
                self._total_s = self._left_s = remaining_s
                # A gate measures once more where a limit seems broken.
                self._so_far.begin()
            case PilotDone(blocks=blocks, remaining_s=remaining_s):
                self._blocks = blocks
                self._total_s += remaining_s - self._left_s
                self._left_s = remaining_s
            case Launching(block=block, stack=stack, remaining_s=remaining_s):
                self._block, self._left_s = block, remaining_s
                self._doing = told(fact("doing.turn" if stack.startswith(URL) else "doing.start", stack=stack))
            case Measuring(stacks=stacks, phase=phase, seconds=seconds, remaining_s=remaining_s):
                self._left_s = remaining_s
                several = fact("doing.both") if phase == "duet" else fact("doing.several", count=len(stacks))
                who = stacks[0] if len(stacks) == 1 else several
                self._doing = told(fact("doing.measure", stack=who, phase=fact(f"doing.{phase}"), seconds=seconds))
            case TrialDone(trial=trial):
                self._so_far.figures[trial.stack].add(trial)
            case BlockDone(closings=closings, remaining_s=remaining_s):
                self._closings, self._left_s = closings, remaining_s
            case Standings():
                self._so_far.take(event)

    def _where(self) -> Fact:
        if not self._total_s:
            return fact("where.set-up")
        if self._block == 0:
            return fact("where.pilot")
        if self._blocks:
            return fact("where.block.of", block=self._block, blocks=self._blocks)
        return fact("where.block", block=self._block)

    def _lines(self, event: Event) -> list[str]:
        if not isinstance(event, BlockDone):
            line = self._line(event)
            return [line] if line else []
        where = self._where()
        *first, last = [
            fact("closing", where=where, ratio=_ratio(one), half=_half(one), to_go=_to_go(one))
            for one in event.closings
        ] or [fact("closing.none", where=where)]
        if event.remaining_s:
            last = fact("closing.left", what=last, left_s=float(round(event.remaining_s)))
        return [*map(told, first), told(last)]

    def _line(self, event: Event) -> str:
        match event:
            case SettingUp() | StartingDependency() | Remark():
                return event.text if isinstance(event, Remark) else self._doing
            case PilotDone(rate=rate, blocks=blocks, remaining_s=remaining_s):
                return told(_pilot_done(rate, blocks, remaining_s))
            case TrialDone(trial=trial) if trial.failure:
                why = in_sentence(trial.failure)
                return told(fact("done.failed", where=self._where(), stack=trial.stack, why=why))
            case TrialDone(trial=trial) if trial.result:
                return told(_trial_done(self._where(), trial, trial.result))
        return ""

    def _screen(self) -> Group:
        head = Table.grid(expand=True)
        head.add_column(no_wrap=True, overflow="ellipsis", ratio=1)
        head.add_column(justify="right", no_wrap=True)
        time = f"{self._left_s // 60:.0f}:{self._left_s % 60:02.0f}"
        left = told(fact("screen.left", time=time)) if self._total_s else ""
        head.add_row(Text(f"{told(self._where())} · {printable(self._doing)}"), Text(left, "bold"))
        bar = ProgressBar(total=self._total_s or 1, completed=max(0.0, self._total_s - self._left_s))
        # In a grid, since a bar by itself does not end its line.
        line = Table.grid(expand=True)
        line.add_row(bar)
        intervals = [self._intervals()] if self._closings else []
        # One line is left for the cursor: a view as tall as the screen would scroll it at each drawing.
        room = self._console.height - 3 - (len(self._closings) + 1 if intervals else 0)
        if room < _LEAST_LINES:
            intervals, room = [], self._console.height - 3
        return Group(head, line, *self._so_far.lines(self._console.width, room), *intervals)

    def _intervals(self) -> Table:
        table = Table(box=None, pad_edge=False, expand=True)
        table.add_column(told(fact("screen.intervals")), no_wrap=True, overflow="ellipsis", ratio=1)
        table.add_column("", justify="right", no_wrap=True)
        table.add_column("", justify="right", no_wrap=True)
        for one in self._closings:
            table.add_row(Text(printable(told(_ratio(one)))), told(_half(one)), told(_to_go(one)))
        return table


def _pilot_done(rate: OpenLoad | None, blocks: int | None, remaining_s: float) -> Fact:
    how_many, left = fact("done.pilot.open"), fact("done.pilot.at-most", seconds=remaining_s)
    if blocks is not None:
        how_many, left = fact("done.pilot.blocks", count=blocks), fact("done.pilot.about", seconds=remaining_s)
    if rate:
        return fact("done.pilot.rate", rate=rate.rate, blocks=how_many, left=left)
    return fact("done.pilot", blocks=how_many, left=left)


def _trial_done(where: Fact, trial: Trial, result: LoadFigures) -> Fact:
    cost = MeasuredTrial(trial, result).cpu_per_request_us if trial.phase == "duet" else None
    figure = fact("done.rate", rate=result.throughput) if cost is None else fact("done.cpu", cpu_us=cost)
    if result.failed:
        figure = fact("done.figure", figure=figure, failed=result.failed)
    if trial.phase == "pilot":
        return fact("done.trial", where=where, stack=trial.stack, figure=figure)
    phase = fact(f"doing.{trial.phase}")
    return fact("done.trial.phase", where=where, stack=trial.stack, phase=phase, figure=figure)


def _ratio(closing: Closing) -> Fact:
    return fact("closing.ratio", metric=closing.metric, stack=closing.stack)


def _half(closing: Closing) -> Fact:
    if closing.half_width is None:
        return fact("closing.no-half")
    return fact("closing.half", half=closing.half_width)


def _to_go(closing: Closing) -> Fact:
    if closing.more_blocks is None:
        return fact("closing.unknown" if closing.half_width is None else "closing.many")
    return fact("closing.blocks", count=closing.more_blocks) if closing.more_blocks else fact("closing.precise")
