"""What the terminal shows: 80 columns, plain ASCII, best first, nothing that a terminal acts on."""

from __future__ import annotations

import io
import re

import pytest
from rich.console import Console
from rich.markup import escape

from tests.factories import DEFAULT_TRUTHS, Truth, analysed, make_run
from webdyno.model.metric import Metric
from webdyno.model.note import Note
from webdyno.model.run import Run
from webdyno.report.comparison.terminal import render

LONG = "shop.backend.entrypoints.http.main:create_app@gunicorn?worker_class=gthread&threads=8&python=/opt/py"


def shown(run: Run, *, width: int = 80, terminal: bool = False, colour: bool = True, stored: str = "") -> str:
    out = io.StringIO()
    console = Console(file=out, width=width, force_terminal=terminal, highlight=False)
    console.print(render(run, analysed(run), width=width, colour=colour, stored=stored))
    return out.getvalue()


def asked_for(run: Run, precision: float, *metrics: Metric) -> Run:
    plan = run.experiment.model_copy(update={"precision": precision, "metrics": metrics})
    return run.model_copy(update={"experiment": plan})


def partial_runs() -> list[Run]:
    whole = make_run()
    cuts = [
        whole.model_copy(update={"trials": whole.trials[:count], "state": "interrupted"}) for count in (0, 6, 17, 19)
    ]
    none = whole.model_copy(update={"trials": (), "stacks": (), "state": "failed"})
    long = make_run((Truth(LONG, 900, 900), *DEFAULT_TRUTHS[:2]), blocks=2)
    return [
        whole,
        *cuts,
        none,
        long,
        make_run(blocks=1),
        make_run(rate=None),
        asked_for(whole, 0.03, "cpu_per_request", "p50"),
        make_run((Truth("flask@gunicorn", 7.5, 9e5),)),
    ]


@pytest.mark.parametrize("run", partial_runs())
def test_every_line_fits_80_columns_and_is_ascii(run: Run) -> None:
    text = shown(run, stored=".webdyno/results.db")
    assert text.isascii()
    assert max(map(len, text.splitlines())) <= 80


def test_it_says_how_the_verdicts_came_about() -> None:
    told = " ".join(shown(make_run()).split())
    assert "margin of 2 %, corrected (Holm) for 5 comparisons of throughput; the other metrics are a second" in told
    told = " ".join(shown(asked_for(make_run(), 0.03, "cpu_per_request")).split())
    assert "margin of 2 %, corrected (Holm) for 4 comparisons of CPU time per request" in told
    assert "second family" not in told
    assert "blocks until every asked ratio is known to +-3 %, or time is up" in told
    assert "faster" not in told
    assert "The CPU time per request of flask@gunicorn?worker_class=gthread&threads=8 is 0.9" in told
    assert "intervals are wide" not in told


def test_the_table_of_a_default_run() -> None:
    table = shown(make_run()).split("\n\n")[2]
    assert (
        table
        == """\
                                  response time, ms  server CPU   peak
                                      at 1,640/s         us per    RSS
     req/s    ratio  95 % CI            p50      p99    request     MB  errors
A fastapi@granian
    11,031    3.50x  3.44-3.56        0.300    0.803       86.1   75.2       0
B fastapi@gunicorn?worker_class=uvicorn
     9,522    3.02x  2.95-3.09        0.369     1.02        102   71.0       0
C quart@gunicorn?worker_class=uvicorn [1]
     6,725    2.15x  2.12-2.17        0.487     1.37        143   67.8       0
D flask@gunicorn?worker_class=gthread&threads=8
     3,438    1.09x  1.07-1.11        0.854     3.46        280   56.3       0
E flask@gunicorn [2] [3]
     3,153 baseline                   0.956     2.74        296   55.2       0
F flask@gunicorn?worker_class=uvicorn&wrap=asgiref [4]
  not ranked                                                               48%"""
    )


def test_notes_name_their_stacks_blocks_and_remedy() -> None:
    text = shown(make_run())
    assert "[1] C: quart@gunicorn: the server exited with status 1 during the load (block 3)\n    -> run it" in text
    assert "[4] F: 48 % of the requests failed: status 500" in text
    assert "[5] only 6 blocks, so intervals are wide" in text


def test_the_same_remark_about_several_stacks_is_one_note_with_the_figures_of_each() -> None:
    run = make_run()
    steal = iter(range(11, 40))
    noisy = {name: next(steal) / 10 for name in run.experiment.stacks}
    trials = tuple(
        trial.model_copy(
            update={
                "resources": trial.resources.model_copy(
                    update={"system": trial.resources.system.model_copy(update={"steal_percent": noisy[trial.stack]})}
                )
            }
        )
        if trial.resources
        else trial
        for trial in run.trials
    )
    text = shown(run.model_copy(update={"trials": trials}))
    assert text.count("the hypervisor took") == 1
    assert "A, B, C, D, E, F: the hypervisor took 1.6 % of the CPU time" in text
    assert "B: 1.5 %; C: 1.4 %" in " ".join(text.split())
    assert max(map(len, text.splitlines())) <= 80


def test_a_note_about_several_stacks_repeats_no_figure_that_is_the_same_for_all() -> None:
    two = (Truth("fastapi@granian", 5000, 190), Truth("flask@gunicorn", 3000, 190))
    text = shown(make_run(two, rate=100, blocks=2))
    assert re.search(r"A, B: no p99: \d+ responses at the fixed rate, 1,000 needed; B: \d+\n", text)


def test_ties_and_undecided_ratios_are_marked_and_the_marks_explained() -> None:
    text = shown(make_run((Truth("fastapi@granian", 5000, 190), Truth("flask@gunicorn", 5000, 190)), trial_sd=0.002))
    assert "0x~ " in text
    assert "~ the same to within 2 %" in text
    assert "x? " in shown(make_run(blocks=1))


def test_without_a_rate_the_times_are_called_service_time() -> None:
    text = shown(make_run(rate=None))
    assert "service time, ms" in text
    assert "response time" not in text


def test_a_failed_trial_shows_the_last_lines_of_its_server() -> None:
    run = make_run()
    broken = run.trials[5].model_copy(
        update={
            "result": None,
            "failure": Note(text="it exited"),
            "server_output": ("one", "two", "ValueError: kaputt\x1b[2J"),
        }
    )
    text = shown(run.model_copy(update={"trials": (*run.trials[:5], broken, *run.trials[6:])}))
    assert "what its server said last\n  one\n  two\n  ValueError: kaputt\\x1b[2J\n" in text


def test_what_is_stored_where_is_said_last() -> None:
    assert shown(make_run(), stored=".webdyno/results.db").rstrip().endswith("results: .webdyno/results.db")


def test_a_pipe_gets_no_escape_codes_and_a_terminal_does() -> None:
    run = make_run()
    assert "\x1b" not in shown(run)
    assert "\x1b" in shown(run, terminal=True)
    assert "\x1b" not in shown(run, terminal=True, colour=False)


def test_colours_change_no_character() -> None:
    coloured = Console(file=io.StringIO(), width=80, force_terminal=True, highlight=False)
    with coloured.capture() as captured:
        coloured.print(render(make_run(), analysed(make_run()), width=80))
    lines = [line.split("\x1b") for line in captured.get().splitlines()]
    plain = ["".join([parts[0], *(part.split("m", 1)[1] for part in parts[1:])]) for parts in lines]
    assert plain == shown(make_run()).splitlines()


def test_what_came_from_outside_can_neither_steer_the_terminal_nor_the_markup() -> None:
    hostile = "\x1b]0;owned\x07\x1b[2J[bold red]\u202eboo\r\n" + escape("[/]")
    run = make_run(
        (*DEFAULT_TRUTHS[3:], Truth("flask@gunicorn", 3000, 320, failing=0.5, failure_detail=hostile, notes=(hostile,)))
    )
    run = run.model_copy(update={"notes": (Note(text=hostile),)})
    text = shown(run)
    assert not set(text) & {"\x1b", "\x07", "\r", "\u202e"}
    assert "[bold red]" in text
    assert max(map(len, text.splitlines())) <= 80


def test_another_load_tool_is_named() -> None:
    run = make_run(DEFAULT_TRUTHS[:2], blocks=2)
    assert "sent by" not in shown(run)
    other = run.model_copy(update={"experiment": run.experiment.model_copy(update={"driver": "wrk"})})
    assert "connections, sent by wrk" in " ".join(shown(other).split())
