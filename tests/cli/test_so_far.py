"""The table of a run that goes on."""

from __future__ import annotations

import pytest
from rich.console import Console

from tests.factories import Truth, make_run
from webdyno.cli.progress import Progress
from webdyno.cli.so_far import Figures, SoFar
from webdyno.lab.events import PilotDone, Standings, TrialDone
from webdyno.model.run import Run
from webdyno.model.standing import Standing
from webdyno.model.verdict import Estimate, Interval
from webdyno.questions.watching import so_far

A, B, C = "flask@gunicorn", "fastapi@granian", "quart@gunicorn?worker_class=uvicorn"
RUN = make_run((Truth(A, 3000, 300), Truth(B, 9000, 100), Truth(C, 6000, 150)), blocks=3, trial_sd=0.1)


def upto(block: int) -> Run:
    return RUN.model_copy(update={"trials": tuple(trial for trial in RUN.trials if trial.block <= block)})


def table(block: int, *, width: int = 80, most: int = 20, blocks_begun: int = 0) -> list[str]:
    """After so many blocks; `blocks_begun` more trials of the next one."""
    found = SoFar()
    found.figures = {name: Figures() for name in RUN.experiment.stacks}
    for trial in upto(block + blocks_begun).trials:
        found.figures[trial.stack].add(trial)
    if block:
        found.take(so_far(upto(block)))
    lines = found.lines(width, most)
    assert all(line.cell_len == width for line in lines)
    return [line.plain.rstrip() for line in lines]


def standing(ratio: Estimate | None, value: float | None = 9000.0) -> list[str]:
    found = SoFar()
    found.figures = {A: Figures(), B: Figures()}
    both = (Standing(stack=B, value=value, ratio=ratio), Standing(stack=A, value=3000.0))
    found.take(Standings(block=4, metric="throughput", baseline=A, standings=both))
    return [line.plain.rstrip() for line in found.lines(80, 20)]


def test_after_the_pilot_there_is_a_rough_order_and_no_ratio() -> None:
    title, *rows = table(0)
    assert "by the pilot alone" in title
    assert rows[::2] == [B, C, A]
    assert all(row.strip().startswith("~") and "x" not in row for row in rows[1::2])


def test_after_one_block_there_are_ratios_and_it_is_said_that_they_have_no_interval() -> None:
    title, *rows, legend = table(1)
    assert title == "preliminary, 1 block so far: ratio of throughput, 95 % interval"
    assert rows[::2] == [B, C, A]
    assert all("x?" in row and row.endswith("no interval") for row in rows[1:5:2])
    assert "baseline" in rows[5]
    assert "may still turn round" in legend


def test_a_second_run_begins_anew() -> None:
    found = SoFar()
    found.figures = {A: Figures(throughputs=[1.0], failed=3), B: Figures()}
    found.take(so_far(upto(2)))
    found.begin()
    assert [line.plain.strip() for line in found.lines(80, 20)] == ["nothing measured yet", A, "", B, ""]


def test_after_two_blocks_each_row_is_marked_whatever_its_interval() -> None:
    _, *rows, _ = table(2)
    assert all(row.endswith("two blocks") and "-" in row for row in rows[1:5:2])


@pytest.mark.parametrize(
    ("low", "high", "ends_with"),
    [(1.9, 4.7, "3.0x  1.9-4.7"), (2.9, 3.1, "3.00x  2.90-3.10"), (0.9, 10.0, "3.0x?  0.9-10.0")],
)
def test_a_wide_interval_is_marked_and_what_may_turn_round_as_well(low: float, high: float, ends_with: str) -> None:
    row = standing(Estimate(value=3.0, interval=Interval(low=low, high=high), blocks=4))[2]
    figures, wide = row.removesuffix("wide").rstrip(), row.endswith("wide")
    assert figures.endswith(ends_with)
    assert wide == (low < 2.7)


def test_a_stack_without_a_valid_block_has_no_figure() -> None:
    assert standing(None, value=None)[2].strip() == "not valid"


@pytest.mark.parametrize("width", [40, 80, 120])
@pytest.mark.parametrize("most", [2, 3, 4, 5, 6, 7, 8, 30])
@pytest.mark.parametrize("block", [0, 1, 3])
def test_it_is_never_larger_than_the_screen(width: int, most: int, block: int) -> None:
    lines = table(block, width=width, most=most)
    assert len(lines) <= most
    assert all(len(line) <= width for line in lines)


@pytest.mark.parametrize("width", [39, 40, 52, 54, 66, 79])
@pytest.mark.parametrize("most", [20, 6])
@pytest.mark.parametrize(("block", "mark"), [(1, "no interval"), (2, "two blocks")])
def test_on_a_narrow_screen_names_are_cut_and_never_a_figure_nor_its_mark(
    width: int, most: int, block: int, mark: str
) -> None:
    whole, narrow = ([line.split() for line in table(block, width=w, most=most)[1:-1]] for w in (80, width))
    marked = [row for row in narrow if row[-2:] == mark.split()]
    assert len(marked) == 2
    for row, all_of_it in zip(narrow, whole, strict=True):
        assert set(row[1:]) <= set(all_of_it)
        assert not row[1:] or row[0][:7] == all_of_it[0][:7]
    assert all(any(word.endswith(("x", "x?")) for word in row) for row in marked)
    assert all(any(word.replace(",", "").isdigit() for word in row) for row in marked)


def test_where_there_is_less_room_each_stack_has_one_line_and_then_the_best_are_shown() -> None:
    assert len(table(3, most=20)) == 1 + 2 * 3 + 1
    short = table(3, most=5)
    assert len(short) == 5 and short[1].startswith(B)
    shorter = table(3, most=4)
    assert shorter[1].startswith(B) and shorter[2] == "and 2 more"


def test_the_best_by_another_metric_is_the_one_that_needs_least() -> None:
    run = upto(2).model_copy(update={"experiment": RUN.experiment.model_copy(update={"metrics": ("p99",)})})
    found = so_far(run)
    ratios = [one.ratio.value if one.ratio else 1.0 for one in found.standings]
    assert found.metric == "p99"
    assert ratios == sorted(ratios)


def test_a_whole_screen_is_lower_than_the_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("COLUMNS", "80")
    for lines in (6, 8, 10, 24, 60):
        monkeypatch.setenv("LINES", str(lines))
        progress = Progress(quiet=False)
        progress._so_far.figures = {name: Figures() for name in RUN.experiment.stacks}
        for trial in upto(2).trials:
            progress._take(TrialDone(trial=trial))
        progress._take(PilotDone(rate=None, blocks=3, remaining_s=60.0))
        progress._take(so_far(upto(2)))
        console = Console(width=80, height=lines)
        with console.capture() as drawn:
            console.print(progress._screen())
        assert len(drawn.get().splitlines()) < lines


def test_nothing_is_printed_of_it_where_there_is_no_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    with Progress(quiet=False) as progress:
        progress(so_far(upto(2)))
    assert capsys.readouterr().err == ""
