"""What is shown while `webdyno load` runs: figures, sparklines, what is left; drawn once a second."""

from __future__ import annotations

from rich.console import Console, Group
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from ...loadgen.job import LoadEvent, Tick
from ...model.fact import Fact, fact
from ...model.load import Load, OpenLoad, Window
from ...questions.load.part import measured
from ...report.load.bars import sparkline
from ...report.load.load_facts import kind_of_time
from ...texts.catalogue import told
from ...units import format_duration, format_number, printable
from ..in_place import can_redraw

ROOM = 24


class LiveLoad:
    """Follows one load: a live view on a terminal, nothing elsewhere.

    Attributes:
        ticks: all that was said, for what Ctrl-C would lose.

    It is drawn when the engine speaks, about once a second, so that it costs the measurement next to nothing.
    """

    def __init__(self, title: str, load: Load, window: Window, *, quiet: bool, blocks: bool) -> None:
        self._console = Console(stderr=True, highlight=False)
        self._shown = can_redraw(self._console) and not quiet
        self._live = Live(console=self._console, auto_refresh=False, transient=True)
        self._title = ((printable(title), "bold"), (told(load.what), "dim"))
        self._load, self._window, self._blocks = load, window, blocks
        self.ticks: list[Tick] = []

    def __enter__(self) -> LiveLoad:
        if self._shown:
            self._live.start()
            self._draw()
        return self

    def __exit__(self, *_: object) -> None:
        if self._shown:
            self._live.stop()

    def __call__(self, event: LoadEvent) -> None:
        """Take in one event."""
        if isinstance(event, Tick):
            self.ticks.append(event)
            if self._shown:
                self._draw()

    def _draw(self) -> None:
        try:
            self._live.update(self.screen(), refresh=True)
        except OSError:
            # Nobody reads it any more, which must not end the measurement.
            self._shown = False

    def screen(self) -> Group:
        """The view as it stands."""
        url, load = (Text(text, style, no_wrap=True, overflow="ellipsis") for text, style in self._title)
        return Group(url, load, self._clock(), Text(), *self._figures(), Text(told(fact("live.end")), "dim"))

    def _clock(self) -> Table:
        at_s = self.ticks[-1].at_s if self.ticks else -self._window.warmup_s
        warming = at_s < 0
        total, done = (
            (self._window.warmup_s, self._window.warmup_s + at_s)
            if warming
            else (self._window.duration_s, max(at_s, 0))
        )
        line = Table.grid(padding=(0, 2), expand=True)
        line.add_column(no_wrap=True)
        line.add_column(ratio=1)
        what = fact("live.warm-up" if warming else "live.measuring", done_s=done, total_s=total)
        line.add_row(told(what), ProgressBar(total=total, completed=done))
        return line

    def _figures(self) -> list[Text]:
        if not self.ticks:
            return [Text(told(fact("live.nothing")), "dim")]
        now, seen = self.ticks[-1], measured(self.ticks)
        p50, p99 = ("-" if value is None else format_duration(value / 1e6) for value in (now.p50_us, now.p99_us))
        rates = [tick.ok / tick.interval_s for tick in self.ticks if tick.interval_s > 0]
        rate, failed = format_number(rates[-1] if rates else 0.0), sum(tick.failed for tick in seen)
        half = fact("live.label.p50", kind=kind_of_time(self._load.reports))
        lines = [
            _line(fact("live.label.rate"), rate).append(self._spark(rates), "cyan"),
            _line(half, p50).append(self._spark([tick.p50_us for tick in self.ticks]), "cyan"),
            _line(fact("live.label.p99"), p99).append(self._spark([tick.p99_us for tick in self.ticks]), "cyan"),
            _line(fact("live.label.errors"), f"{failed:,}", "red" if failed else ""),
            _line(fact("live.label.in-flight"), f"{now.in_flight:,}"),
        ]
        if isinstance(self._load, OpenLoad):
            dropped = sum(tick.dropped for tick in seen)
            waiting = told(fact("live.waiting", waiting=now.waiting, dropped=dropped))
            lines.append(_line(fact("live.label.waiting"), waiting, "yellow" if now.waiting else ""))
        return lines

    def _spark(self, values: list[float] | list[float | None]) -> str:
        return sparkline(values, blocks=self._blocks, width=max(self._console.width - ROOM - 16, 10))


def _line(label: Fact, value: str, style: str = "") -> Text:
    return Text(f"{told(label):<{ROOM}}").append(f"{value:>12}  ", style or "bold")
