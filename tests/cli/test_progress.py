"""What is shown while a run goes on until it is precise."""

from __future__ import annotations

import sys

import pytest

from tests.factories import Truth, make_run
from webdyno.cli.progress import Progress
from webdyno.cli.so_far import Figures
from webdyno.lab.events import BlockDone, Launching, PilotDone
from webdyno.model.load import OpenLoad
from webdyno.model.verdict import Closing

NEAR = Closing(metric="throughput", stack="fastapi@granian", against="a", half_width=0.042, more_blocks=6)
THERE = Closing(metric="p99", stack="evil\x1b[2J", against="a", half_width=0.01, more_blocks=0)
UNKNOWN = Closing(metric="memory", stack="quart@uvicorn", against="a", half_width=None, more_blocks=None)


def shown(capsys: pytest.CaptureFixture[str], *closings: Closing) -> str:
    with Progress(quiet=False) as progress:
        progress(PilotDone(rate=OpenLoad(rate=1500), blocks=None, remaining_s=140.0))
        progress(Launching(block=7, position=0, stack="fastapi@granian", remaining_s=90.0))
        progress(BlockDone(block=7, closings=closings, remaining_s=62.4))
    return capsys.readouterr().err


def test_every_interval_is_shown_closing_a_line_each(capsys: pytest.CaptureFixture[str]) -> None:
    assert shown(capsys, NEAR, UNKNOWN, THERE).splitlines() == [
        "pilot done; fixed rate 1500/s; as many blocks as it takes, at most 140 s left",
        "block 7: throughput of fastapi@granian +-4.2 %, about 6 blocks to go",
        "block 7: memory of quart@uvicorn no interval yet, unknown how many blocks to go",
        "block 7: p99 of evil\\x1b[2J +-1 %, precise; about 1 min 2 s left",
    ]


def test_a_run_without_any_valid_ratio_says_so(capsys: pytest.CaptureFixture[str]) -> None:
    assert "block 7: no valid ratio yet; about 1 min 2 s left" in shown(capsys)


def test_on_a_terminal_the_intervals_stand_below_the_figures(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("COLUMNS", "100")
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    text = shown(capsys, NEAR, THERE)
    assert "ratio to the baseline, 95 %" in text
    assert "throughput of fastapi@granian" in text
    assert "+-4.2 %" in text
    assert "about 6 blocks to go" in text
    assert "evil\x1b[2J" not in text
    assert "1:02 left" in text


@pytest.mark.parametrize("name", ["FORCE_COLOR", "TTY_COMPATIBLE"])
def test_whoever_asks_for_colours_in_a_log_has_lines_and_no_frames_in_it(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    plain = shown(capsys, NEAR, THERE)
    monkeypatch.setenv(name, "1")
    assert shown(capsys, NEAR, THERE) == plain
    assert "\x1b" not in plain


def test_the_p99_so_far_is_not_that_of_the_survivors() -> None:
    trial = next(t for t in make_run((Truth("fastapi@granian", 9000, 100),), blocks=1).trials if t.phase == "rate")
    assert trial.result
    frozen = trial.result.model_copy(update={"unfinished": trial.result.ok // 20})
    figures = Figures()
    figures.add(trial)
    assert figures.p99_ms
    figures.add(trial.model_copy(update={"result": frozen}))
    assert figures.p99_ms is None
