import errno
import os
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.store.samples import child
from webdyno.errors import NoRoom, UsageError
from webdyno.store.run_lock import lock_folder, run_lock

HOLD = """
import sys
from pathlib import Path
from webdyno.store.run_lock import run_lock

with run_lock(Path(sys.argv[1])):
    print("locked", flush=True)
    sys.stdin.read()
"""


def test_a_second_run_is_refused_with_the_process_and_the_time_of_the_first(tmp_path: Path) -> None:
    with child(HOLD, tmp_path) as (process, output):
        assert output.readline() == "locked\n"
        with pytest.raises(UsageError) as refused, run_lock(tmp_path):
            pass
        assert re.fullmatch(
            rf"another run measures into {tmp_path}: process {process.pid}, since \d{{4}}-\d\d-\d\d \d\d:\d\d:\d\d UTC",
            refused.value.message,
        )
        assert "wait for it" in refused.value.remedy
        assert refused.value.exit_code == 2


def test_the_lock_is_free_once_its_holder_was_killed(tmp_path: Path) -> None:
    with child(HOLD, tmp_path) as (process, output):
        assert output.readline() == "locked\n"
        process.kill()
        process.wait()
        with run_lock(tmp_path):
            assert (tmp_path / "lock").read_text().startswith(f"{os.getpid()} ")


def test_the_lock_is_free_after_an_error(tmp_path: Path) -> None:
    with pytest.raises(ZeroDivisionError), run_lock(tmp_path):
        raise ZeroDivisionError
    with run_lock(tmp_path):
        pass


def test_the_same_process_cannot_run_twice_either(tmp_path: Path) -> None:
    with run_lock(tmp_path), pytest.raises(UsageError, match=f"process {os.getpid()}"), run_lock(tmp_path):
        pass


def test_another_folder_is_not_locked(tmp_path: Path) -> None:
    with run_lock(tmp_path / "one"), run_lock(tmp_path / "two"):
        pass


@pytest.mark.parametrize("content", [b"", b"\x1b[31m\xff", b"12 yesterday", b"9" * 4000])
def test_whatever_an_old_lock_file_holds_it_does_not_matter(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "lock"
    file.write_bytes(content)
    with run_lock(tmp_path):
        file.write_bytes(content)
        with pytest.raises(UsageError, match="a process that has just begun"), run_lock(tmp_path):
            pass


@pytest.mark.parametrize(
    ("put", "remedy"),
    [(Path.mkdir, "remove it"), (lambda path: path.symlink_to("elsewhere"), "remove it"), (os.mkfifo, "local disk")],
)
def test_what_is_no_file_where_the_lock_would_be_is_refused_and_left_alone(
    tmp_path: Path, put: Callable[[Path], None], remedy: str
) -> None:
    put(tmp_path / "lock")
    kind = (tmp_path / "lock").lstat().st_mode
    with pytest.raises(UsageError, match="lock cannot be") as refused, run_lock(tmp_path):
        pass
    assert remedy in refused.value.remedy
    assert (tmp_path / "lock").lstat().st_mode == kind


def test_a_folder_that_cannot_be_made_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("a file in place of the folder")
    with pytest.raises(UsageError, match="file/lock cannot be made") as refused, run_lock(tmp_path / "file"):
        pass
    assert refused.value.remedy


@pytest.mark.parametrize("at", ["open", "pwrite", "mkdir"])
def test_a_full_disk_is_no_wrong_use(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, at: str) -> None:
    def full(*_: object) -> int:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, at, full)
    with (
        pytest.raises(NoRoom, match="No space left on device") as refused,
        run_lock(tmp_path / "in"),
    ):
        pass
    assert refused.value.exit_code == 3
    assert "free some space" in refused.value.remedy


def test_the_lock_lies_beside_the_results() -> None:
    assert lock_folder(".webdyno/results.db") == Path(".webdyno")
    assert lock_folder(Path("/data/kept.db")) == Path("/data")
    assert lock_folder("postgresql://host/name") == Path(".webdyno")
