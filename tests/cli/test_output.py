"""A result that could not be given is no success, whichever the command and form; a reader that left is no fault."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.factories import make_run
from webdyno.cli.output import KEPT
from webdyno.cli.telling import read_telling, tell
from webdyno.errors import NotGiven
from webdyno.questions.analysed import result_of

from .conftest import Call

Outcome = tuple[int, str]


@pytest.fixture(scope="module")
def outcomes() -> dict[tuple[str, str, str], Outcome]:
    """Exit code and standard error by command, form and what standard output is."""
    command = [sys.executable, "-m", "tests.cli.every_output"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    return {(name, form, kind): (code, said) for name, form, kind, code, said in json.loads(done.stdout)}


def test_every_command_tells_its_result_in_every_form(outcomes: dict[tuple[str, str, str], Outcome]) -> None:
    assert len({(name, form) for name, form, _ in outcomes}) == 19
    assert {code for (_, _, kind), (code, _) in outcomes.items() if kind == "read"} == {0}


def test_a_reader_that_left_is_no_fault(outcomes: dict[tuple[str, str, str], Outcome]) -> None:
    left = {key: code for key, (code, _) in outcomes.items() if key[2] == "unread"}
    assert set(left.values()) == {0}, left


@pytest.mark.parametrize(("kind", "reason"), [("closed", "Bad file descriptor"), ("full", "No space left on device")])
def test_a_result_that_nothing_takes_ends_with_3_and_says_why(
    outcomes: dict[tuple[str, str, str], Outcome], kind: str, reason: str
) -> None:
    lost = {key: outcome for key, outcome in outcomes.items() if key[2] == kind}
    assert {code for code, _ in lost.values()} == {3}, lost
    for said in (said for _, said in lost.values()):
        assert f"the output cannot be written: {reason}" in said
        assert "  -> " in said
        assert "Traceback" not in said


def test_what_goes_into_a_file_is_written_whatever_becomes_of_standard_output(
    outcomes: dict[tuple[str, str, str], Outcome],
) -> None:
    written = {key[:2]: said for key, (_, said) in outcomes.items() if key[2] == "only files"}
    assert written["compare", ""] == "report.html"
    assert written["gate", "--markdown=gate.md"] == "gate.md"


@pytest.mark.parametrize("arguments", [("--version",), ("--help",), ("compare", "--help")])
def test_what_was_asked_of_the_command_itself_ends_alike(arguments: tuple[str, ...]) -> None:
    command = [sys.executable, "-m", "webdyno", *arguments]
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, text=True, timeout=60)
    assert done.returncode == 3
    assert "No space left on device" in done.stderr


def test_no_threads_are_started_that_nothing_needs() -> None:
    code = (
        "import os, webdyno.cli, webdyno.cli.app as commands\n"
        "def look():\n"
        "    import numpy\n"
        "    print(len(os.listdir('/proc/self/task')))\n"
        "commands.app = look\n"
        "webdyno.cli.main()\n"
    )
    env = {name: value for name, value in os.environ.items() if name != "OPENBLAS_NUM_THREADS"}
    done = subprocess.run([sys.executable, "-c", code], env=env, capture_output=True, text=True, timeout=60)
    assert done.stdout == "1\n", done.stderr


def test_where_the_reader_of_a_help_left_that_is_no_fault() -> None:
    process = subprocess.Popen([sys.executable, "-m", "webdyno", "--help"], stdout=subprocess.PIPE)
    assert process.stdout
    process.stdout.close()
    assert process.wait(60) == 0


def test_a_page_that_cannot_be_written_costs_the_table_nothing_and_is_a_result_not_given(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    telling = read_telling(files={"html": tmp_path / "pages" / "report.html"})
    # It could have been made before the measurement.
    (tmp_path / "pages").write_text("")
    with pytest.raises(NotGiven, match=r"report\.html cannot be written") as lost:
        tell(result_of(make_run(blocks=3)), telling, KEPT)
    assert lost.value.exit_code == 3
    assert "requests/s" in capsys.readouterr().out


def test_a_file_name_that_the_system_does_not_take_is_refused_before_anything_is_measured(call: Call) -> None:
    done = call("compare", "--html", "x" * 300)
    assert done.returncode == 2
    assert "--html" in done.stderr
