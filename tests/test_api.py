"""What `webdyno.compare()` makes of its arguments."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

import webdyno
from tests.store.samples import gate_run
from webdyno.errors import UsageError
from webdyno.lab.question import Question


class Asked(Exception):
    """In place of an answer."""


@pytest.mark.parametrize(
    ("given", "app_dirs"),
    [(None, ()), ("src", ("src",)), (Path("src"), ("src",)), (["src", Path("lib")], ("src", "lib")), ((), ())],
)
def test_folders_of_own_apps_are_one_or_several_or_found(
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    given: str | Path | Sequence[str | Path] | None,
    app_dirs: tuple[str, ...],
) -> None:
    def ask(question: Question, *_: object) -> None:
        assert question.settings.app_dirs == tuple(map(Path, app_dirs))
        assert question.settings.cwd == tmp_path
        assert question.settings.start_timeout_s == 90
        raise Asked

    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("webdyno.questions.compare.run_experiment", ask)
    with pytest.raises(Asked):
        webdyno.compare("shop:app@uvicorn", app_dir=given, start_timeout=90, store=None)


@pytest.mark.parametrize("seconds", [0.0, -1.0, 7200.0, float("nan")])
def test_a_start_timeout_that_cannot_be_is_refused(seconds: float) -> None:
    with pytest.raises(UsageError, match=r"^start_timeout"):
        webdyno.compare("shop:app@uvicorn", start_timeout=seconds, store=None)


@pytest.mark.parametrize("digits", [400, 5000])
@pytest.mark.parametrize(
    "name",
    [
        *("connections", "rate", "duration", "warmup", "timeout", "start_timeout"),
        *("blocks", "precision", "max_time", "seed", "status"),
    ],
)
def test_a_number_that_is_too_large_to_be_shown_is_refused(name: str, digits: int) -> None:
    given: dict[str, Any] = {name: 10**digits}
    with pytest.raises(UsageError, match=f"^{name}") as refused:
        webdyno.compare("shop:app@uvicorn", store=None, **given)
    assert refused.value.remedy
    assert len(refused.value.message) < 100


def test_what_is_hidden_is_masked_in_how_the_sides_of_a_gate_were_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("webdyno.questions.compare.run_experiment", lambda *_: gate_run().runs[0])
    found = webdyno.gate("flask@gunicorn", "flask@waitress", hidden={"env.SIDE": "waitress"}, store=None)
    assert (found.run.base.asked, found.run.head.asked) == ("flask@gunicorn", "flask@${env.SIDE}")
