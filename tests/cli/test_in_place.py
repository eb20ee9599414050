"""A view that is drawn over itself, as a terminal shows it."""

from __future__ import annotations

import io
import re

import pytest
from rich.console import Console, Group
from rich.text import Text

from tests.cli.test_so_far import RUN, upto
from webdyno.cli.in_place import InPlace
from webdyno.cli.progress import Progress
from webdyno.lab.events import Event, Launching, PilotDone, RunStarted, StackReady, TrialDone, remark
from webdyno.model.fact import fact
from webdyno.questions.watching import so_far

_TOKEN = re.compile(
    "\x1b\\[(?P<figures>[0-9;?]*)(?P<command>[A-Za-z])|(?P<return>\r)|(?P<line>\n)|(?P<text>[^\x1b\r\n]+)"
)


class Terminal(io.StringIO):
    """What stands on a screen of so many lines after what was written to it, and each piece that was written."""

    def __init__(self, height: int = 24) -> None:
        super().__init__()
        self.pieces: list[str] = []
        self.lines = [""]
        self.at = self.scrolled = 0
        self._column = 0
        self._height = height

    def write(self, text: str) -> int:
        self.pieces += [text] if text else []
        for token in _TOKEN.finditer(text):
            self._take(token)
        return len(text)

    def isatty(self) -> bool:
        return True

    @property
    def shown(self) -> list[str]:
        return [line.rstrip() for line in self.lines if line.strip()]

    def _take(self, token: re.Match[str]) -> None:
        if token["return"]:
            self._column = 0
        elif token["line"]:
            self.at, self._column = self.at + 1, 0
            self.lines += [""] * (self.at + 1 - len(self.lines))
            self.scrolled = max(self.scrolled, self.at + 1 - self._height)
        elif token["command"] == "A":
            self.at -= int(token["figures"] or 1)
            assert self.at >= self.scrolled, "what has scrolled away cannot be drawn over"
        elif token["command"] == "J":
            self.lines[self.at :] = [self.lines[self.at][: self._column]]
        elif token["text"]:
            line = self.lines[self.at].ljust(self._column)
            self.lines[self.at] = line[: self._column] + token["text"] + line[self._column + len(token["text"]) :]
            self._column += len(token["text"])


def view(terminal: Terminal) -> InPlace:
    return InPlace(Console(file=terminal, force_terminal=True, width=20, color_system=None))


def frame(*lines: str) -> Text:
    return Text("\n".join(line.ljust(20) for line in lines))


def test_each_frame_stands_where_the_last_one_stood_and_is_written_in_one_piece() -> None:
    terminal = Terminal()
    shown = view(terminal)
    for lines in (["one", "two", "three"], ["four"], ["five", "six"]):
        shown.draw(frame(*lines))
        assert terminal.shown == lines
    assert len(terminal.pieces) == 3
    assert all("\x1b[2" not in piece for piece in terminal.pieces)


def test_what_stands_above_a_frame_stays() -> None:
    terminal = Terminal()
    shown = view(terminal)
    shown.draw(frame("one", "two"))
    shown.draw(frame("three"), Text("remember"))
    shown.draw(frame("four", "five"))
    assert terminal.shown == ["remember", "four", "five"]


def test_nothing_is_left_of_it_but_what_stood_above() -> None:
    terminal = Terminal()
    shown = view(terminal)
    shown.draw(frame("one", "two"), Text("remember"))
    shown.erase()
    assert terminal.shown == ["remember"]
    assert terminal.pieces[-1].endswith("\x1b[?25h")


def events() -> list[Event]:
    pilot = [TrialDone(trial=trial) for trial in RUN.trials if trial.block == 0]
    told: list[Event] = [RunStarted(run_id=RUN.id, remaining_s=150.0)]
    told += [StackReady(record=record) for record in RUN.stacks]
    told += [*pilot, PilotDone(rate=None, blocks=3, remaining_s=60.0)]
    for block in (1, 2, 3):
        told.append(Launching(block=block, position=0, stack=RUN.experiment.stacks[0], remaining_s=60.0 - block))
        told += [TrialDone(trial=trial) for trial in RUN.trials if trial.block == block]
        told += [so_far(upto(block)), remark(fact("looked.undecided", blocks=block, left_s=9.0))]
    return told


@pytest.mark.parametrize("height", [4, 6, 9, 24])
def test_the_table_of_a_run_closes_in_in_place_and_never_scrolls(monkeypatch: pytest.MonkeyPatch, height: int) -> None:
    terminal = Terminal(height)
    monkeypatch.setattr("sys.stderr", terminal)
    for name, value in (("TERM", "xterm"), ("COLUMNS", "80"), ("LINES", str(height))):
        monkeypatch.setenv(name, value)
    with Progress(quiet=False) as progress:
        for event in events():
            before = len(terminal.pieces)
            progress(event)
            assert len(terminal.pieces) == before + 1
            assert all(len(line) <= 80 for line in terminal.lines)
    assert terminal.shown == [f"after {n} block{'s' * (n > 1)}: not decided yet, about 9 s left" for n in (1, 2, 3)]


def test_a_dumb_terminal_is_told_line_by_line(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = Terminal()
    monkeypatch.setattr("sys.stderr", terminal)
    monkeypatch.setenv("TERM", "dumb")
    with Progress(quiet=False) as progress:
        for event in events():
            progress(event)
    assert "\x1b" not in "".join(terminal.pieces)
    assert any("pilot done" in line for line in terminal.lines)


class AsciiTerminal(Terminal):
    """One without other characters, to which Python writes those as escapes, as to standard error."""

    encoding = "ascii"

    def write(self, text: str) -> int:
        return super().write(text.encode("ascii", "backslashreplace").decode("ascii"))


def test_a_terminal_without_other_characters_has_lines_as_wide_as_it_is() -> None:
    terminal = AsciiTerminal()
    view = InPlace(Console(file=terminal, force_terminal=True, width=20, height=24, legacy_windows=False))
    long, other = Text("a" * 30, no_wrap=True, overflow="ellipsis"), Text("caf\u00e9")
    for _ in range(2):
        view.draw(Group(long, other), Text("\u00fcber"))
    assert terminal.shown == ["?ber", "?ber", "a" * 19 + ".", "caf?"]
