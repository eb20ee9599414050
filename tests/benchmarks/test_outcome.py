"""Outcomes in a file: gathered in pieces, whatever befell those who wrote it."""

from __future__ import annotations

from pathlib import Path

import pytest
from benchmarks.aa.kept import keep, read_kept
from benchmarks.aa.lines import FALSE
from benchmarks.aa.outcome import Outcome

from .outcomes import outcome, ratio


def test_outcomes_are_read_as_they_were_added(tmp_path: Path) -> None:
    file = tmp_path / "outcomes.jsonl"
    assert read_kept(file, Outcome) == []
    written = [outcome(FALSE, seed, ratios=[ratio(FALSE, half_width=0.03)]) for seed in range(3)]
    for one in written:
        keep(file, one)
    assert read_kept(file, Outcome) == written
    assert written[0].ratios[0].half_width == pytest.approx(0.03)


@pytest.mark.parametrize("cut", ["", '{"line": "fal', "[]\n", "\xff\n"])
def test_a_line_that_was_cut_off_costs_nothing_but_itself(
    tmp_path: Path, cut: str, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "outcomes.jsonl"
    keep(file, outcome(FALSE, 0))
    with file.open("a", encoding="latin-1") as opened:
        opened.write(cut)
    keep(file, outcome(FALSE, 1))
    assert [one.seed for one in read_kept(file, Outcome)] == [0, 1]
    assert ("outcomes.jsonl:2 is left out" in capsys.readouterr().err) == bool(cut)


def test_one_without_an_interval_has_no_half_width() -> None:
    assert ratio(FALSE).model_copy(update={"low": None, "high": None}).half_width is None
