"""A dependency's program: waited for, told by its last output where it fails, and stopped with all that it started."""

from __future__ import annotations

import signal
import sys
from pathlib import Path

import psutil
import pytest

from webdyno.dependencies.dependency import Place
from webdyno.dependencies.dependency_program import Program, run_program
from webdyno.errors import DependencyFailed

# Says when it is ready, and how it was asked to end.
ASKED = """
import signal, sys, time
def asked(number, frame):
    print("asked by", signal.Signals(number).name, flush=True)
    if len(sys.argv) == 1:
        sys.exit(0)
signal.signal(signal.SIGINT, asked)
signal.signal(signal.SIGTERM, asked)
print("ready", flush=True)
while True:
    time.sleep(60)
"""
PARENT = """
import subprocess, sys, time
print(subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"], start_new_session=True).pid, flush=True)
time.sleep(600)
"""


def python(source: str, *arguments: str) -> list[str]:
    return [sys.executable, "-c", source, *arguments]


def said(program: Program, line: str) -> bool | None:
    return line in program.output_tail() or None


def test_it_is_waited_for_and_asked_to_end_as_it_likes() -> None:
    with run_program("asked", python(ASKED), Place()) as program:
        program.wait_until(lambda: said(program, "ready"), 20)
        program.check()
        program.stop(signal.SIGINT, 20)
        assert said(program, "asked by SIGINT")
        with pytest.raises(DependencyFailed, match="the dependency asked exited with code 0") as ended:
            program.check()
    assert ended.value.details == ("ready", "asked by SIGINT")


def test_one_that_does_not_end_when_asked_is_killed() -> None:
    with run_program("asked", python(ASKED, "stays"), Place()) as program:
        program.wait_until(lambda: said(program, "ready"), 20)
        (process,) = [each for each in psutil.process_iter(["cmdline"]) if each.info["cmdline"] == list(program.argv)]
        program.stop(within_s=0.05)
        program.check()
    assert not process.is_running()


def test_what_it_has_started_ends_with_it() -> None:
    with run_program("parent", python(PARENT), Place()) as program:
        pid = program.wait_until(lambda: next(iter(program.output_tail()), None), 20)
        child = psutil.Process(int(pid))
    assert not child.is_running()


def test_one_that_ends_before_it_is_ready_is_told_with_its_output() -> None:
    failing = python("import sys; sys.exit('port 5432 is in use')")
    told = pytest.raises(DependencyFailed, match="the dependency database exited with code 1")
    with told as failed, run_program("database", failing, Place()) as program:
        program.wait_until(lambda: None, 20)
    assert failed.value.details == ("port 5432 is in use",)


def test_one_that_is_never_ready_is_given_up() -> None:
    late = pytest.raises(DependencyFailed, match="was not ready within 100 ms")
    with late, run_program("asked", python(ASKED), Place()) as program:
        program.wait_until(lambda: None, 0.1)


@pytest.mark.parametrize("argv", [["/nowhere/postgres"], ["/"], [sys.executable, "a\0b"]])
def test_what_cannot_be_started_is_told(argv: list[str]) -> None:
    told = pytest.raises(DependencyFailed, match="the dependency database cannot be started")
    with told, run_program("database", argv, Place()):
        raise AssertionError("it was started")


def test_its_variables_and_its_folder_are_given(tmp_path: Path) -> None:
    seen = "os.environ['PGDATA'], os.getcwd(), 'PYTEST_CURRENT_TEST' in os.environ"
    show = python(f"import os, time; print({seen}, flush=True); time.sleep(600)")
    with run_program("shown", show, Place(), env={"PGDATA": "here"}, cwd=tmp_path) as program:
        assert program.wait_until(lambda: said(program, f"here {tmp_path} False"), 20)
