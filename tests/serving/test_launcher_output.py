import os
import subprocess
import sys
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from webdyno.processes import output_file
from webdyno.processes.output_file import OutputFile
from webdyno.serving.launch_output import readable, tail


def test_controls_are_escaped() -> None:
    assert readable("Error\tat \x1b[2Jhome \x07\u202e") == "Error   at \\x1b[2Jhome \\x07\\u202e"


def test_colours_go_and_so_do_secrets_also_those_of_several_lines_and_those_that_are_cut_off(tmp_path: Path) -> None:
    written = (
        "\x1b[31mpassword\x1b[0m=\x1b[1mviolet-1\x1b[0m a 'quote\n"
        "-----BEGIN PRIVATE KEY-----\nviolet\nrosy\n-----END PRIVATE KEY----- it's\n"
        f"{'x' * 200} postgres://ann:violet-{'2' * 50}@db/shop\n"
    )
    with OutputFile(tmp_path) as output:
        os.write(output.descriptor, written.encode())
        lines = tail(output, 9)
    assert lines[:2] == ("password=*** a 'quote", "*** it's")
    assert lines[2].endswith("postgres://ann:***@db/shop")


@given(st.text(max_size=500))
def test_nothing_that_moves_the_cursor_is_left_and_lines_are_short(text: str) -> None:
    line = readable(text)
    assert len(line) <= 240
    assert line.isprintable()
    line.encode()


def test_only_the_last_lines_are_read(tmp_path: Path) -> None:
    with OutputFile(tmp_path) as output:
        os.write(output.descriptor, "".join(f"line {number}\n\n" for number in range(100_000)).encode())
        assert tail(output, 2) == ("line 99998", "line 99999")


def test_a_log_that_is_gone_or_empty_has_no_lines(tmp_path: Path) -> None:
    with OutputFile(tmp_path) as output:
        assert tail(output, 5) == ()
    assert tail(output, 5) == ()
    assert output.written == 0
    assert not output.path.exists()


def test_of_a_log_that_was_cut_the_first_and_last_lines_are_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(output_file, "MOST_BYTES", 1_000_000)
    with OutputFile(tmp_path) as output:
        for part in range(5):
            os.write(output.descriptor, f"begins {part}\n".encode() + b"x" * 799_980 + f"\nends {part}\n".encode())
            output.look()
        written = output.written
        assert os.fstat(output.descriptor).st_size < 1_000_000
        lines = tail(output, 1)
    assert 3_999_000 < written < 4_001_000
    assert lines[0] == "begins 0"
    assert lines[-2:] == ("... 4.00 MB in all, of which the first and the last part were kept ...", "ends 4")


def test_of_a_process_that_does_not_append_no_more_is_counted_than_it_has_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(output_file, "MOST_BYTES", 1_000_000)
    with OutputFile(tmp_path) as output:
        anew = os.open(f"/dev/fd/{output.descriptor}", os.O_WRONLY)
        for part in range(20):
            os.write(anew, b"x" * 799_990 + f"\nends {part:2}\n".encode())
            output.look()
        os.write(anew, b"the end\n")
        os.close(anew)
        assert 15_900_000 < output.written < 16_500_000
        assert tail(output, 3)[-2:] == ("ends 19", "the end")
        assert "\0" not in output.ends()[1].decode()


@given(st.lists(st.binary(min_size=1, max_size=60), max_size=20))
def test_whatever_is_cut_nothing_is_kept_that_was_not_written(
    tmp_path_factory: pytest.TempPathFactory, parts: list[bytes]
) -> None:
    with pytest.MonkeyPatch.context() as patch, OutputFile(tmp_path_factory.getbasetemp()) as output:
        patch.setattr(output_file, "MOST_BYTES", 100)
        patch.setattr(output_file, "KEPT_BYTES", 16)
        for part in parts:
            os.write(output.descriptor, part)
            output.look()
        whole = b"".join(parts)
        first, last = output.ends()
        assert output.written == len(whole)
        assert whole.startswith(first)
        assert whole.endswith(last)
        assert len(last) == min(len(whole), 16)


FLOODS = """
import sys, time
line = b"x" * 99 + b"\\n"
for _ in range(3_000):
    sys.stdout.buffer.write(line * 1_000)
print("done")
"""


def test_a_flood_of_output_never_fills_the_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(output_file, "MOST_BYTES", 20_000_000)
    monkeypatch.setattr(output_file, "_LOOK_S", 0.01)
    largest = 0
    with (
        OutputFile(tmp_path) as output,
        subprocess.Popen([sys.executable, "-c", FLOODS], stdout=output.descriptor) as process,
    ):
        while process.poll() is None:
            largest = max(largest, os.fstat(output.descriptor).st_blocks * 512)
            time.sleep(0.001)
        assert process.returncode == 0
        assert tail(output, 1)[-1] == "done"
        # What comes while the file is cut is lost, and counted nowhere.
        assert 100_000_000 < output.written <= 300_000_005
    assert largest < 200_000_000
