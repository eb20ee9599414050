"""The command: what is asked for, gathered in pieces, and never measured twice."""

from __future__ import annotations

from pathlib import Path

import pytest
from benchmarks.aa import command
from benchmarks.aa.kept import read_kept
from benchmarks.aa.lines import CPU_5, CPU_10, DEFAULT_DESIGNS, FALSE, LINES
from benchmarks.aa.outcome import Comparison, Outcome

from .outcomes import outcome


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch) -> list[Comparison]:
    """The comparisons that were made, without measuring anything; that of seed 3 is interrupted."""
    found: list[Comparison] = []

    def measured(asked: Comparison, apps: Path) -> Outcome:
        assert (apps / "hashes.py").exists()
        found.append(asked)
        if asked.seed == 3:
            raise KeyboardInterrupt
        return outcome(LINES[asked.line], asked.seed, design=asked.design, burner=asked.burner)

    monkeypatch.setattr(command, "measured", measured)
    return found


def test_a_part_of_a_long_table_is_what_was_asked_for() -> None:
    words = "--line cpu-10 --line cpu-5 --design duet --burner --count 3 --seed-from 20"
    assert command.parsed(words.split()).plan == [Comparison("cpu-10", "duet", True, seed) for seed in (20, 21, 22)]


def test_a_long_table_has_as_many_as_its_figures_speak_of_and_a_first_look_few() -> None:
    for options, count in ((["--long"], FALSE.many), ([], FALSE.few)):
        plan = command.parsed(["--line", FALSE.name, "--quiet", *options]).plan
        assert len(plan) == count * len(DEFAULT_DESIGNS)
    assert {one.line for one in command.parsed([]).plan} == set(LINES)


def test_what_a_file_holds_is_not_measured_again(tmp_path: Path, made: list[Comparison]) -> None:
    words = ["--line", FALSE.name, "--design", "in-turn", "--into", str(tmp_path / "outcomes.jsonl"), "--count"]
    command.main([*words, "2"])
    command.main([*words, "3"])
    assert [(one.seed, one.burner) for one in made] == [(seed, burner) for seed in range(3) for burner in (False, True)]
    assert [one.comparison for one in read_kept(tmp_path / "outcomes.jsonl", Outcome)] == made


def test_ctrl_c_keeps_what_was_found_and_tells_it(
    tmp_path: Path, made: list[Comparison], capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["--line", CPU_5.name, "--design", "in-turn", "--count", "9", "--into", str(tmp_path / "outcomes.jsonl")]
    with pytest.raises(SystemExit) as stopped:
        command.main(words)
    assert stopped.value.code == 130
    assert [one.seed for one in read_kept(tmp_path / "outcomes.jsonl", Outcome)] == [0, 1, 2]
    assert "| 5 % more CPU per request" in capsys.readouterr().out


def test_none_is_begun_that_takes_longer_than_the_budget(
    made: list[Comparison], capsys: pytest.CaptureFixture[str]
) -> None:
    command.main(["--line", CPU_5.name, "--line", CPU_10.name, "--design", "in-turn", "--quiet", "--budget", "100"])
    assert [one.line for one in made] == [CPU_10.name]
    assert "1 of 2 are still to be made" in capsys.readouterr().err


def test_a_table_is_told_from_a_file_alone(
    tmp_path: Path, made: list[Comparison], capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "outcomes.jsonl"
    command.main(["--line", CPU_5.name, "--into", str(file)])
    measured, printed = len(made), capsys.readouterr().out
    command.main(["--from", str(file)])
    assert len(made) == measured
    assert printed.endswith(capsys.readouterr().out)


@pytest.mark.parametrize("words", ["--line other", "--design other", "--count -1", "--count 1.5", "--budget soon"])
def test_what_cannot_be_asked_for_is_refused(words: str) -> None:
    with pytest.raises(SystemExit):
        command.parsed(words.split())
