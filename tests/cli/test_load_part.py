"""What an interrupted load tells, and the live view meanwhile, from ticks with known truth."""

from __future__ import annotations

import io
import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from rich.console import Console

from tests.loadgen.server import ScriptedServer, good
from webdyno.cli.load.live_view import LiveLoad
from webdyno.errors import StoreError
from webdyno.lab.measure_load import LoadPlan
from webdyno.loadgen.job import LoadJob, Tick
from webdyno.model.histogram import Histogram
from webdyno.model.load import OpenLoad, RateStep, RateSteps, Window
from webdyno.model.target import parse_target
from webdyno.questions.load.earlier import read_earlier
from webdyno.questions.load.part import in_words, part_of

WINDOW = Window(warmup_s=1, duration_s=60)
STEPS = RateSteps(steps=tuple(RateStep(rate=rate, seconds=15) for rate in (100, 200, 300, 400)))
LOAD = OpenLoad(rate=400, profile=STEPS)
PLAN = LoadPlan(
    parse_target("http://127.0.0.1:8000/items?" + "x" * 200),
    LoadJob(host="127.0.0.1", port=8000, load=LOAD, window=WINDOW),
)
TIMES_MS = np.random.default_rng(3).lognormal(0, 0.5, 3000)


def tick(at_s: float, times_ms: np.ndarray[tuple[int], np.dtype[np.float64]], *, failed: int = 0) -> Tick:
    histogram = Histogram()
    histogram.record(times_ms * 1e6)
    return Tick(
        at_s=at_s,
        interval_s=1,
        sent=len(times_ms) + failed,
        ok=len(times_ms),
        failed=failed,
        dropped=1,
        in_flight=3,
        waiting=2,
        times=histogram.encode() if len(times_ms) else "",
        p50_us=1000,
        p99_us=2000,
    )


def ticks() -> list[Tick]:
    """The warm-up, whose answers are 100 times as slow, then two seconds with answers and one without."""
    first, second = TIMES_MS[:1000], TIMES_MS[1000:]
    return [tick(0, TIMES_MS * 100), tick(1, first, failed=2), tick(2, second), tick(3, TIMES_MS[:0], failed=5)]


def test_the_part_is_the_sum_of_the_windows_seconds() -> None:
    part = part_of(ticks(), PLAN)
    assert part is not None
    assert (part.measured_s, part.ok, part.failed, part.dropped) == (3, 3000, 7, 3)
    ranked = np.sort(TIMES_MS)
    for q, value in ((0.5, part.p50_ms), (0.9, part.p90_ms), (0.99, part.p99_ms)):
        assert value == pytest.approx(ranked[int(np.ceil(q * 3000)) - 1], rel=0.001)
    assert Histogram.decode(part.times).count == 3000


def test_the_part_in_words_says_of_how_much_it_is() -> None:
    part = part_of(ticks(), PLAN)
    assert part is not None
    rate, times = in_words(part)
    said = "measured 3 s of 1 min: 1,000 successful responses/s (3,000), 7 errors, 3 arrivals given up"
    assert rate == f"{said}, because too many were waiting"
    assert times.startswith("response time of the successful ones: p50 ")


def test_too_few_answers_bound_no_percentile() -> None:
    part = part_of([tick(1, TIMES_MS[:5])], PLAN)
    assert part is not None
    assert part.p99_ms is None
    assert len(in_words(part)) == 1


def test_of_a_warm_up_there_is_no_part() -> None:
    assert part_of(ticks()[:1], PLAN) is None
    assert part_of([], PLAN) is None


@pytest.mark.parametrize("seen", range(5))
def test_the_live_view_fits_80_columns_whatever_is_known(seen: int) -> None:
    live = LiveLoad(PLAN.target.url, LOAD, WINDOW, quiet=True, blocks=True)
    for each in ticks()[:seen]:
        live(each)
    out = io.StringIO()
    Console(file=out, width=80).print(live.screen())
    told = out.getvalue().splitlines()
    assert max(map(len, told)) <= 80
    assert told[0].startswith("http://127.0.0.1:8000/items")
    assert told[1].startswith("open, poisson arrivals at 100/s for 15 s")
    assert "\x1b" not in out.getvalue()


def test_whoever_asks_for_colours_in_a_log_has_no_live_view_in_it(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")
    with LiveLoad(PLAN.target.url, LOAD, WINDOW, quiet=False, blocks=True) as live:
        for each in ticks():
            live(each)
    assert capsys.readouterr().err == ""


def test_with_json_an_interrupted_load_is_a_document_of_its_own(tmp_path: Path) -> None:
    with ScriptedServer(good) as server:
        command = [sys.executable, "-m", "webdyno", "load", f"http://127.0.0.1:{server.port}/", "-r", "50", "--json"]
        process = subprocess.Popen(
            [*command, "-d", "60s", "--warmup", "0s"],
            cwd=tmp_path,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env=os.environ,
        )
        # By then at least one second of the window has been told.
        while server.counts["requests"] < 90:
            assert process.poll() is None, process.communicate()
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=30)
    assert process.returncode == 130
    assert "only this part" in err
    document = json.loads(out)
    assert document["document"] == "load-part"
    assert document["ok"] == Histogram.decode(document["times"]).count > 0
    (tmp_path / "part.json").write_text(out)
    with pytest.raises(StoreError, match="not the document of a load"):
        read_earlier(tmp_path / "part.json")
