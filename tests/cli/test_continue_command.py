"""The command that is shown below a result can be given as it stands."""

from __future__ import annotations

import shlex
from pathlib import Path

import pytest

from tests.factories import Truth, make_run
from webdyno.questions.analysed import result_of
from webdyno.questions.keeping import kept_in
from webdyno.questions.options import DEFAULT_STORE
from webdyno.store.database import Store

from .conftest import Call

OPEN = make_run((Truth("fastapi@granian", 5200, 190), Truth("flask@gunicorn", 5000, 190)), trial_sd=0.03)
SHOWN = f"webdyno compare --continue {OPEN.id}"


def command_in(text: str) -> list[str]:
    """The arguments of the one that a text shows."""
    (line,) = (line for line in text.splitlines() if line.strip().startswith("webdyno compare --continue"))
    return shlex.split(line)[1:]


@pytest.mark.parametrize(
    "location",
    [
        DEFAULT_STORE,
        "other.db",
        "kept here, in a folder with a long name that no terminal holds/my runs.db",
        "sqlite:///other.db",
    ],
)
@pytest.mark.parametrize("state", ["complete", "interrupted"])
def test_it_finds_the_run_in_whatever_store_it_is(
    call: Call, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, location: str, state: str
) -> None:
    monkeypatch.chdir(tmp_path)
    with Store(location) as store:
        store.update(OPEN.model_copy(update={"state": state}))
    for form in ("text", "markdown"):
        command = command_in(call("report", "--store", location, "--format", form).stdout)
        assert ("--store" in command) == (location != DEFAULT_STORE)
        done = call(*command)
        # It was measured on no machine that there is.
        assert done.returncode == 2 and OPEN.id in done.stderr and "no results" not in done.stderr, done.stderr


@pytest.mark.parametrize("state", ["complete", "interrupted"])
def test_a_document_that_no_store_has_comes_without_it(call: Call, tmp_path: Path, state: str) -> None:
    run = OPEN.model_copy(update={"state": state})
    (tmp_path / "sent.json").write_text(result_of(run).told("json"))
    told = call("report", "sent.json").stdout
    assert "would decide" in told and "--continue" not in told


def test_the_password_of_a_database_is_not_in_it(tmp_path: Path) -> None:
    class Elsewhere(Store):
        """One whose address has a password."""

        def __init__(self, location: str | Path) -> None:
            super().__init__(location)
            self.name = "postgresql://me:***@db/runs"

    with Elsewhere(tmp_path / "results.db") as store:
        result = kept_in(result_of(OPEN), store, "postgresql://me:s3cret@db/runs")
    assert result.continued_by[-2:] == ("--store", "postgresql://me:***@db/runs")
    assert "s3cret" not in result.told("text") + result.told("markdown")
