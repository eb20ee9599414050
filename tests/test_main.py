"""The entry point: a signal during the imports ends the command as one at any other time does."""

from __future__ import annotations

import subprocess
import sys

import pytest

# Stands for the command, whose imports run such classes: in them Python before 3.12 wraps what is raised.
RUN = """
import os, signal, sys, types
import webdyno.__main__ as entry

class Field:
    def __set_name__(self, owner, name):
        {happens}

def main():
    class Owner:
        field = Field()

sys.modules["webdyno.cli"] = types.SimpleNamespace(main=main)
entry.run()
"""


def run(happens: str) -> subprocess.CompletedProcess[str]:
    code = RUN.format(happens=happens)
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)


@pytest.mark.parametrize("number", ["SIGINT", "SIGTERM"])
def test_a_signal_while_a_class_is_made_ends_it_silently(number: str) -> None:
    done = run(f"signal.raise_signal(signal.{number})")
    assert (done.returncode, done.stderr) == (130, "")


def test_a_fault_of_our_own_there_is_told_as_ever() -> None:
    done = run("raise ValueError('our own')")
    assert done.returncode == 1
    assert "ValueError: our own" in done.stderr


def test_a_file_that_a_full_disk_does_not_take_is_told_without_a_traceback() -> None:
    code = (
        "import errno, sys, types, webdyno.cli\n"
        "def app():\n"
        "    raise OSError(errno.ENOSPC, 'No space left on device', '/tmp/file')\n"
        "sys.modules['webdyno.cli.app'] = types.SimpleNamespace(app=app)\n"
        "webdyno.cli.main()\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)
    assert done.returncode == 3
    assert done.stderr == "error: '/tmp/file' cannot be written: No space left on device\n  -> free some space\n"
