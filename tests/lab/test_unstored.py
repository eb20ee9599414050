"""A run that the store does not take is not lost, and nobody else can read or misdirect it."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from tests.store.samples import begun, small_run
from webdyno.cli.progress import Progress
from webdyno.errors import NoRoom
from webdyno.lab.interruption import Interruption
from webdyno.lab.session import Session, was_stored
from webdyno.model.run import Run
from webdyno.store.database import Store
from webdyno.store.document import read_document


class FullDisk(Store):
    """A store that has no room for anything."""

    def begin(self, run: Run) -> None:
        raise NoRoom("results.db has no space left on its disk")

    update = begin


@pytest.mark.parametrize("quiet", [True, False])
def test_it_goes_into_the_state_folder_and_that_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], quiet: bool
) -> None:
    temporary, victim = tmp_path / "tmp", tmp_path / "victim"
    temporary.mkdir()
    victim.write_text("precious")
    run = begun(small_run())
    (temporary / f"webdyno-{run.id}.json").symlink_to(victim)
    monkeypatch.setattr("tempfile.tempdir", str(temporary))
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    with FullDisk(tmp_path / "full.db") as store, Interruption() as interruption, Progress(quiet=quiet) as progress:
        session = Session(run, store, progress, interruption)
        with session.recording():
            pass
    (written,) = (tmp_path / "state" / "webdyno").iterdir()
    assert not was_stored(session.run)
    assert f"it is in {written}, see webdyno report {written}" in capsys.readouterr().err
    assert read_document(written).id == run.id
    assert stat.S_IMODE(written.stat().st_mode) == 0o600
    assert victim.read_text() == "precious"
