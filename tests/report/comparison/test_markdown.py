"""Markdown for pull requests: a well-formed table, and nothing from outside becomes markup."""

from __future__ import annotations

import re

from tests.factories import DEFAULT_TRUTHS, Truth, analysed, make_run
from webdyno.model.note import Note
from webdyno.model.run import Run
from webdyno.report.comparison.markdown import to_markdown

HOSTILE = "a|b `c` <script>alert(1)</script> [x](http://y) **z** @someone \x1b[31m\n# heading"


def markdown(run: Run) -> str:
    return to_markdown(run, analysed(run))


def cells(line: str) -> list[str]:
    return re.split(r"(?<!\\)\|", line)[1:-1]


def test_the_table_has_one_row_for_each_stack_and_as_many_cells_as_heads() -> None:
    table = [line for line in markdown(make_run()).splitlines() if line.startswith("|")]
    assert len(table) == 2 + len(DEFAULT_TRUTHS)
    assert {len(cells(line)) for line in table} == {11}
    assert "response time at 1,640/s" in table[0]
    assert cells(table[2])[1:5] == [" `fastapi@granian` ", " 11,031 ", " 3.50x ", " 3.44-3.56 "]
    assert cells(table[-1])[2] == " not ranked "


def test_sentences_set_notations_as_code_the_longer_ones_whole() -> None:
    text = markdown(make_run())
    assert text.startswith("### `fastapi@granian` is fastest: 3.50x `flask@gunicorn` (95 % CI")
    assert "- `fastapi@granian` is faster than `fastapi@gunicorn?worker_class=uvicorn`: 1.16x (95 % CI" in text


def test_text_from_outside_stays_text() -> None:
    broken = Truth("flask@gunicorn", 3000, 320, failing=0.5, failure_detail=HOSTILE, notes=(HOSTILE,))
    text = markdown(make_run((*DEFAULT_TRUTHS[3:], broken)).model_copy(update={"notes": (Note(text=HOSTILE),)}))
    assert "<script" not in re.sub(r"\\<", "", text)
    assert "\x1b" not in text
    assert "\n# heading" not in text
    assert not re.search(r"(?<!\\)\*\*z", text)
    assert not re.search(r"(?<!\\)\[x", text)


def test_a_pipe_in_a_notation_does_not_break_the_table() -> None:
    run = make_run((Truth("flask@gunicorn", 3000, 320), Truth("fastapi@granian", 9000, 105)), blocks=2)
    text = run.model_dump_json(by_alias=True).replace("fastapi@granian", "fastapi@granian?x=a|b")
    table = [line for line in markdown(Run.model_validate_json(text)).splitlines() if line.startswith("|")]
    assert {len(cells(line)) for line in table} == {11}


def test_partial_runs_are_written() -> None:
    run = make_run()
    assert "No stack can be ranked" in markdown(run.model_copy(update={"trials": run.trials[:6]}))
