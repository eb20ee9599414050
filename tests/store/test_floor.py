import json
import os
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from webdyno.errors import NotGiven, StoreError
from webdyno.model.floor import MarginFloor
from webdyno.store.floor import floor_file, read_floor, write_floor

FLOOR = MarginFloor(
    machine="7d9396a7803c",
    measured=datetime(2026, 11, 21, 16, tzinfo=UTC),
    seconds=120.0,
    blocks=8,
    differences={"throughput": 0.034, "cpu_per_request": 0.011},
)


def test_a_floor_is_read_back_and_replaced(tmp_path: Path) -> None:
    folder = tmp_path / "not" / "made" / "yet"
    assert read_floor(folder, FLOOR.machine) is None
    path = write_floor(folder, FLOOR)
    assert read_floor(folder, FLOOR.machine) == FLOOR
    quieter = FLOOR.model_copy(update={"differences": {"throughput": 0.01}})
    write_floor(folder, quieter)
    assert read_floor(folder, FLOOR.machine) == quieter
    assert list(folder.iterdir()) == [path]


def test_each_machine_has_its_own(tmp_path: Path) -> None:
    write_floor(tmp_path, FLOOR)
    other = FLOOR.model_copy(update={"machine": "0123456789ab"})
    assert read_floor(tmp_path, other.machine) is None
    write_floor(tmp_path, other)
    assert read_floor(tmp_path, FLOOR.machine) == FLOOR


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"[]",
        b"null",
        b'{"schema": 1}',
        b'{"schema": "1", "floor": {}}',
        b'{"schema": 0, "floor": {}}',
        b"\xff\xfe",
        b"[" * 10_000,
        json.dumps({"schema": 1, "floor": {**json.loads(FLOOR.model_dump_json()), "machine": "abcdef"}}).encode(),
        json.dumps(
            {"schema": 1, "floor": {**json.loads(FLOOR.model_dump_json()), "differences": {"p99": -1}}}
        ).encode(),
    ],
)
def test_what_is_damaged_is_refused_with_a_remedy(tmp_path: Path, content: bytes) -> None:
    floor_file(tmp_path, FLOOR.machine).write_bytes(content)
    with pytest.raises(StoreError) as refused:
        read_floor(tmp_path, FLOOR.machine)
    assert "webdyno doctor" in refused.value.remedy


def test_a_newer_one_says_so(tmp_path: Path) -> None:
    floor_file(tmp_path, FLOOR.machine).write_text('{"schema": 2, "anything": {}}')
    with pytest.raises(StoreError, match="schema 2") as refused:
        read_floor(tmp_path, FLOOR.machine)
    assert "upgrade" in refused.value.remedy


@pytest.mark.parametrize("make", [Path.mkdir, os.mkfifo, lambda path: path.symlink_to("/dev/zero")])
def test_what_is_no_regular_file_is_refused_without_waiting(tmp_path: Path, make: Callable[[Path], object]) -> None:
    make(floor_file(tmp_path, FLOOR.machine))
    with pytest.raises(StoreError, match="not a regular file"):
        read_floor(tmp_path, FLOOR.machine)


def test_what_cannot_be_read_is_said(tmp_path: Path) -> None:
    path = floor_file(tmp_path, FLOOR.machine)
    path.symlink_to(path)
    with pytest.raises(StoreError, match="cannot be read"):
        read_floor(tmp_path, FLOOR.machine)


def test_a_file_too_large_to_be_a_floor_is_refused(tmp_path: Path) -> None:
    floor_file(tmp_path, FLOOR.machine).write_bytes(b" " * (1 << 16) + b"{}")
    with pytest.raises(StoreError, match=r"larger than 65.5 kB"):
        read_floor(tmp_path, FLOOR.machine)


def test_a_write_that_fails_leaves_the_earlier_one(tmp_path: Path) -> None:
    path = write_floor(tmp_path, FLOOR)
    (tmp_path / "file").write_text("")
    with pytest.raises(NotGiven):
        write_floor(tmp_path / "file", FLOOR)
    assert read_floor(tmp_path, FLOOR.machine) == FLOOR
    assert path.exists()
