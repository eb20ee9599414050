"""One load as text, document and chart, from loads with known truth."""

from __future__ import annotations

import io
import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console

from tests.load_runs import load_run
from webdyno.analysis.load.analyse_load import analyse_load
from webdyno.analysis.load.threshold import parse_threshold
from webdyno.errors import MeasurementError
from webdyno.model.histogram import Histogram
from webdyno.model.load import OpenLoad, RateStep, RateSteps
from webdyno.model.load_run import LoadRun
from webdyno.model.trial import DriverRecord, EndpointResult, EngineUse, FailureSample
from webdyno.report.json_document import to_json
from webdyno.report.load.bars import bar, bins, sparkline
from webdyno.report.load.comparison import compare_loads
from webdyno.report.load.plot import chart
from webdyno.report.load.terminal import render

TIMES = np.random.default_rng(7).lognormal(0, 0.5, 20_000) * 1e6
OPEN = OpenLoad(rate=2000)
LIMITED = EngineUse(cpu_s=9.9, loop_gap_max_s=0.001)


def _text(run: LoadRun, *conditions: str, earlier: LoadRun | None = None, blocks: bool = True) -> str:
    analysis = analyse_load(run, [parse_threshold(condition) for condition in conditions])
    beside = compare_loads((run, analysis), (earlier, analyse_load(earlier)), "old.json") if earlier else None
    out = io.StringIO()
    Console(file=out, width=80).print(render(run, analysis, beside, blocks=blocks))
    return out.getvalue()


@pytest.mark.parametrize(
    "run",
    [
        load_run(TIMES),
        load_run(
            TIMES, load=OPEN, dropped=1_000_000, failures={"timeout": 10**9, "status": 10**9}, statuses={503: 10**9}
        ),
        load_run(np.array([]), failures={"connect": 3}),
        load_run(TIMES, url="http://127.0.0.1:8000/" + "a" * 300),
        load_run(TIMES * 1000, engine=LIMITED, steal_percent=12.5),
    ],
)
def test_every_load_fits_80_columns(run: LoadRun) -> None:
    text = _text(run, "p99<50ms", "p99.999<1s", "errors<0.1%", earlier=load_run(TIMES, load=OPEN))
    assert max(len(line) for line in text.splitlines()) <= 80


def test_the_kind_of_time_is_always_said() -> None:
    assert "service time, ms" in _text(load_run(TIMES))
    assert "response time, ms" in _text(load_run(TIMES, load=OPEN))


def test_what_is_not_valid_says_so_with_the_remedy() -> None:
    text = _text(load_run(TIMES, engine=LIMITED))
    assert "NOT VALID" in text
    assert "it was the limit, not the server" in " ".join(text.split())
    assert "-> share the load among more --processes" in text


def test_what_a_server_answers_cannot_drive_the_terminal() -> None:
    sample = FailureSample(kind="status", detail="\x1b[2J\u202ehi\x07")
    text = _text(load_run(TIMES, failures={"status": 1}, samples=(sample,)))
    assert "\\x1b[2J" in text
    assert not {"\x1b", "\u202e", "\x07"} & set(text)


def test_without_block_characters_the_text_is_ascii() -> None:
    assert _text(load_run(TIMES), blocks=False).isascii()


def test_the_document_reads_back_as_the_equal_load() -> None:
    run = load_run(TIMES, load=OPEN)
    document = json.loads(to_json(run, analyse_load(run)))
    assert document["schema"] == 1
    assert document["analysis"]["valid"] is True
    del document["analysis"]
    assert LoadRun.model_validate_json(json.dumps(document)) == run


def test_two_loads_stand_side_by_side_with_ratios_and_without_a_verdict() -> None:
    text = " ".join(_text(load_run(TIMES * 2), earlier=load_run(TIMES)).split())
    assert "old.json (2026-11-21 10:00 UTC)" in text
    assert "2.00x" in text
    assert "no verdict" in text
    assert "CI" not in text


def test_times_of_two_kinds_are_not_put_into_a_ratio() -> None:
    text = " ".join(_text(load_run(TIMES), earlier=load_run(TIMES, load=OPEN)).split())
    assert "two kinds" in text
    assert "service time p99 ms" not in text


@given(st.lists(st.integers(0, 10**12), max_size=200), st.integers(1, 30))
def test_every_answer_is_in_exactly_one_row(times_ns: list[int], rows: int) -> None:
    histogram = Histogram()
    histogram.record(times_ns)
    found = bins(histogram, rows)
    assert sum(row.answers for row in found) == len(times_ns)
    assert [row.upper_ms for row in found] == sorted(row.upper_ms for row in found)


@given(st.floats(0, 1), st.integers(1, 60), st.booleans())
def test_a_bar_is_as_long_as_its_share_and_never_empty_for_something(share: float, width: int, blocks: bool) -> None:
    drawn = bar(share, width, blocks=blocks)
    assert len(drawn) <= width
    assert bool(drawn) == (share > 0)


@given(st.lists(st.one_of(st.none(), st.floats(0, 1e9)), max_size=100), st.booleans())
def test_a_sparkline_has_one_character_for_each_value(values: list[float | None], blocks: bool) -> None:
    drawn = sparkline(values, blocks=blocks, width=60)
    assert len(drawn) == min(len(values), 60)
    assert all((char == " ") == (not value) for char, value in zip(drawn, values[-60:], strict=True))


def test_the_chart_says_what_is_not_valid_and_names_no_css_variable() -> None:
    run = load_run(TIMES, engine=LIMITED)
    spec = json.dumps(chart([("now", run), ("earlier", load_run(TIMES))], analyse_load(run)))
    assert "NOT VALID" in spec
    assert "service time (ms, log)" in spec
    assert "var(--" not in spec


def test_a_chart_of_too_few_answers_is_refused() -> None:
    run = load_run(TIMES[:5])
    with pytest.raises(MeasurementError):
        chart([("now", run)], analyse_load(run))


def test_the_page_of_the_document_names_every_field() -> None:
    page = (Path(__file__).parents[3] / "docs" / "load.md").read_text(encoding="utf-8")
    document = json.loads(to_json(load_run(TIMES), analyse_load(load_run(TIMES))))
    names = [*document, *(f"analysis.{name}" for name in document.pop("analysis"))]
    assert [name for name in names if name != "analysis" and f"`{name}`" not in page] == []


def _shop() -> LoadRun:
    """A scenario with an endpoint that nothing is wrong with, and one that only fails."""
    run = load_run(TIMES, failures={"status": 40}, statuses={201: 5, 503: 40}, load=OPEN)
    slow = Histogram()
    slow.record(np.full(40, 250e6))
    counted = {name: getattr(run.result, name) for name in ("late", "lag", "service", "response")}
    fine = EndpointResult(
        name="list " + "of things" * 6, method="GET", path="/", scheduled=20_000, ok=20_000, completed=20_000, **counted
    )
    empty = dict.fromkeys(counted, Histogram().encode())
    failures = {"failures": {"status": 40}, "failed_response": {"status": slow.encode()}}
    broken = EndpointResult(
        name="\x1b[2Jorder", method="POST", path="/o", scheduled=40, ok=0, completed=0, **empty, **failures
    )
    result = run.result.model_copy(
        update={
            "endpoints": (fine, broken),
            "failed_response": failures["failed_response"],
            "waited": counted["lag"],
            "engine": EngineUse(cpu_s=2, loop_gap_max_s=0.001, processes=3, render_s=0.5),
        }
    )
    return run.model_copy(update={"scenario": "shop.toml", "method": "", "expected_status": None, "result": result})


def test_every_endpoint_has_a_row_that_fits_80_columns() -> None:
    text = _text(_shop(), earlier=_shop())
    lines = text.splitlines()
    assert max(map(len, lines)) <= 80
    assert lines[0] == "shop.toml at http://127.0.0.1:8000/"
    rows = lines[next(at for at, line in enumerate(lines) if line.startswith("endpoint")) + 1 :]
    assert rows[0].split()[-5:-3] == ["2,000", "0"]
    assert rows[0].startswith("list of thingsof thing...")
    assert rows[1].split()[-5:] == ["0", "40", "-", "-", "-"]
    assert "\\x1b[2Jorder" in rows[1]
    assert "\x1b" not in text


def test_how_long_failures_took_and_what_the_generator_spent_is_said() -> None:
    text = " ".join(_text(_shop()).split())
    assert "40 wrong status, after p50 250 ms" in text
    assert "statuses of all responses 200: 20,000, 201: 5, 503: 40" in text
    assert "waiting for a connection: p99" in text
    assert "3 processes, of which the busiest used 20 % of a core, 5 % to fill in templates" in text


def test_a_kind_of_failure_has_one_name_wherever_it_is_told() -> None:
    run = load_run(TIMES, load=OpenLoad(rate=2000), dropped=900)
    text = " ".join(_text(run).split())
    name = "arrivals given up, because too many were waiting"
    assert f"900 {name}" in text
    assert f"({900:,}): {name}" in text


def test_what_did_not_happen_is_not_told() -> None:
    run = load_run(TIMES, failures={"connect": 20})
    at_once = Histogram()
    at_once.record(np.zeros(20))
    text = _text(
        run.model_copy(
            update={"result": run.result.model_copy(update={"failed_response": {"connect": at_once.encode()}})}
        )
    )
    assert "20 connections refused or not made\n" in text
    assert "because the server had closed" not in text
    closed = _text(run.model_copy(update={"result": run.result.model_copy(update={"reconnects": 3})}))
    assert "32 opened in the window, 3 of them because the server had closed one" in " ".join(closed.split())


def test_the_way_to_the_server_is_said_and_held_against_the_earlier_one() -> None:
    run = load_run(TIMES)
    other = run.model_copy(update={"unix_socket": "/run/shop.sock", "keep_alive": False})
    text = " ".join(_text(other, earlier=run).split())
    assert "over /run/shop.sock" in text
    assert "a new one for every request" in text
    assert "They differ in the way to the server: /run/shop.sock, earlier TCP." in text
    assert "They differ in the requests per connection: 1, earlier any." in text


def test_every_condition_that_differs_is_named() -> None:
    run = load_run(TIMES)
    changed: dict[str, tuple[object, str]] = {
        "headers": ((("Accept-Encoding", "gzip"),), "They differ in the headers: Accept-Encoding: gzip, earlier none."),
        "expected_status": (201, "They differ in the expected status: 201, earlier 200."),
        "body_checked": (True, "They differ in the check of bodies: yes, earlier no."),
        "insecure": (True, "They differ in the trust in certificates: any, earlier checked."),
        "address": ("[::1]:8000", f"They differ in the address: [::1]:8000, earlier {run.address}."),
    }
    for field, (value, words) in changed.items():
        other = run.model_copy(update={field: value})
        assert words in " ".join(_text(other, earlier=run).split())


def test_arrivals_that_differ_under_the_same_words_are_told_apart() -> None:
    steps = [RateSteps(steps=tuple(RateStep(rate=rate, seconds=1) for rate in (1, 2, 3, last, 9))) for last in (4, 5)]
    new, old = (load_run(TIMES).model_copy(update={"load": OpenLoad(rate=9, profile=each)}) for each in steps)
    assert new.load.what == old.load.what
    assert "They differ in the load, though the words for it are the same." in " ".join(_text(new, earlier=old).split())
    fewer = old.model_copy(update={"load": OpenLoad(rate=9, profile=steps[1], waiting=5)})
    assert "They differ in the arrivals that may wait: 100,000, earlier 5." in " ".join(
        _text(old, earlier=fewer).split()
    )


def test_a_scenario_whose_steps_have_changed_under_its_name_is_told() -> None:
    shop = _shop()
    endpoints = shop.result.endpoints
    moved = (endpoints[0].model_copy(update={"path": "/other"}), *endpoints[1:])
    other = shop.model_copy(update={"result": shop.result.model_copy(update={"endpoints": moved})})
    assert "steps of the scenario" not in _text(shop, earlier=shop)
    assert "They differ in the steps of the scenario." in " ".join(_text(other, earlier=shop).split())


def test_whether_users_kept_cookies_is_held_against_the_earlier_load() -> None:
    shop = _shop()
    other = shop.model_copy(update={"cookies": not shop.cookies})
    kept, lost = ("kept", "not kept") if shop.cookies else ("not kept", "kept")
    assert f"They differ in the cookies of users: {lost}, earlier {kept}." in " ".join(
        _text(other, earlier=shop).split()
    )
    assert "cookies of users" not in _text(shop, earlier=shop)


def test_a_document_from_before_these_fields_still_reads() -> None:
    run = load_run(TIMES)
    document = json.loads(run.model_dump_json(by_alias=True))
    for name in ("scenario", "cookies", "unix_socket", "insecure", "keep_alive", "requests_per_connection"):
        del document[name]
    assert LoadRun.model_validate_json(json.dumps(document)) == run


def _of_another_tool(**result: object) -> LoadRun:
    run = load_run([1e6] * 1000)
    told = {"driver": DriverRecord(name="other", version="1.2"), **result}
    return run.model_copy(update={"result": run.result.model_copy(update=told)})


def test_what_another_load_tool_does_not_tell_is_shown_nowhere_as_a_figure() -> None:
    nothing = dict.fromkeys(("statuses", "unfinished", "connects", "reconnects", "bytes_in"))
    shown = _text(_of_another_tool(**nothing, engine=EngineUse(cpu_s=2), series=()))
    assert "other 1.2, 20 % of a core\n" in shown
    assert not any(word in shown for word in ("received", "opened in", "unfinished", "longest pause"))
    assert "which does not report what it used" in _text(_of_another_tool(engine=None))


def test_loads_of_two_tools_are_told_apart() -> None:
    assert "the load tool: other, earlier own" in _text(_of_another_tool(), earlier=load_run([1e6] * 1000))
