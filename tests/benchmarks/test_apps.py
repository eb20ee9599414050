"""Apps of a known difference, and how the time in windows is counted."""

from __future__ import annotations

from pathlib import Path

import pytest
from benchmarks.aa import apps
from benchmarks.aa.measure import inside_s

from tests.factories import make_run


def test_the_known_differences_are_those_of_whole_requests() -> None:
    own = apps.ROUNDS * apps.OWN_SHARE / (1 - apps.OWN_SHARE)
    for more in (0.05, 0.10):
        assert (apps.more_rounds(more) + own) / (apps.ROUNDS + own) == pytest.approx(1 + more, rel=1e-4)
    assert (apps.SLEEP_S + apps.OWN_S) / (apps.longer_s(0.05) + apps.OWN_S) == pytest.approx(0.95)


def start_response(status: str, headers: list[tuple[str, str]]) -> None:
    """As a server's, which sends both."""
    assert (status, headers) == ("200 OK", [("Content-Length", "2")])


def test_every_app_answers(tmp_path: Path) -> None:
    apps.write_apps(tmp_path)
    written = sorted(file.stem for file in tmp_path.iterdir())
    assert written == ["hashes", "hashes_10_more", "hashes_5_more", "sleeps", "sleeps_longer"]
    for file in tmp_path.iterdir():
        scope: dict[str, object] = {}
        exec(compile(file.read_text(), str(file), "exec"), scope)
        app = scope["app"]
        assert callable(app)
        assert app({}, start_response) == [b"ok"]


def test_windows_and_their_warm_ups_are_time_inside_those_of_a_duet_once() -> None:
    trials = make_run(blocks=1).trials
    known = [trial.result for trial in trials if trial.result]
    assert inside_s(trials) == pytest.approx(sum(one.window_s + (one.warmup_s or 0) for one in known))
    first = next(trial for trial in trials if trial.result)
    both = [first.model_copy(update={"phase": "duet", "position": at}) for at in (0, 1)]
    assert inside_s(both) == inside_s([first])
