"""The tests pass whatever they are started by: a background job, nohup, or a program that ignores signals."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import pytest

IGNORING = (
    "import os, signal, sys\n"
    "for number in sys.argv[1].split(): signal.signal(int(number), signal.SIG_IGN)\n"
    "os.execv(sys.executable, [sys.executable, *sys.argv[2:]])\n"
)
# One that sends signals to itself, one that sends them to a process that it started.
SENDING = ("tests/lab/test_interruption.py", "tests/processes/test_run_to_end.py")


@pytest.mark.parametrize("ignored", [(signal.SIGHUP,), (signal.SIGINT, signal.SIGHUP, signal.SIGTERM)], ids=len)
def test_tests_that_send_signals_pass_where_these_are_ignored_from_the_outside(
    ignored: tuple[signal.Signals, ...],
) -> None:
    numbers = " ".join(str(int(number)) for number in ignored)
    options = ("-q", "-x", "-p", "no:cacheprovider", "-p", "no:schemathesis")
    done = subprocess.run(
        [sys.executable, "-c", IGNORING, numbers, "-m", "pytest", *options, *SENDING],
        cwd=Path(__file__).parents[1],
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.returncode == 0, done.stdout
