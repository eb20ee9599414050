"""The burner: it burns where it should, and is gone afterwards, however that comes."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import psutil
import pytest
from benchmarks.aa import burner as module
from benchmarks.aa.burner import burning

CPU = min(os.sched_getaffinity(0))
ON_S, OFF_S = 30.0, (0.0, 0.0)
# Where the burner's module is found without what else is imported with its package.
FOLDER = Path(module.__file__).parent
# Tells its pid, and sleeps until it is killed.
HOLDER = """
import signal
from burner import burning
with burning({cpu}, 0, 30.0, (0.0, 0.0)) as burner:
    print(burner.pid, flush=True)
    signal.pause()
"""


def gone(process: psutil.Process) -> bool:
    """Whether it ends soon."""
    return not psutil.wait_procs([process], timeout=10)[1]


def test_it_burns_on_its_cpu_alone_and_says_how_much() -> None:
    with burning(CPU, 0, ON_S, OFF_S) as burner:
        process = psutil.Process(burner.pid)
        while process.cpu_times().user < 0.05:
            assert process.is_running()
        assert process.cpu_affinity() == [CPU]
    assert gone(process)
    assert burner.burnt.bursts == 1
    assert burner.burnt.cpu_s >= 0.05


def test_it_rests_before_it_burns() -> None:
    with burning(CPU, 0, 0.0, (1000.0, 1000.0)) as burner:
        pass
    assert burner.burnt.bursts == 0


def test_an_error_beside_it_ends_it_as_well() -> None:
    with pytest.raises(KeyboardInterrupt), burning(CPU, 0, ON_S, OFF_S) as burner:
        process = psutil.Process(burner.pid)
        raise KeyboardInterrupt
    assert gone(process)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL], ids=lambda number: number.name)
def test_it_ends_with_the_process_that_holds_it(number: signal.Signals) -> None:
    command = [sys.executable, "-c", HOLDER.format(cpu=CPU)]
    with subprocess.Popen(
        command, cwd=FOLDER, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, start_new_session=True
    ) as holder:
        assert holder.stdout
        burner = psutil.Process(int(holder.stdout.readline()))
        os.killpg(holder.pid, number)
        holder.wait()
    assert gone(burner)


def test_one_that_has_ended_by_itself_spoils_what_was_measured_beside_it() -> None:
    with pytest.raises(SystemExit, match="ended by itself"), burning(CPU, 0) as burner:
        os.kill(burner.pid, signal.SIGKILL)
        # Reaped only by whoever started it.
        os.waitid(os.P_PID, burner.pid, os.WEXITED | os.WNOWAIT)


def test_a_cpu_that_is_not_there_is_said() -> None:
    with pytest.raises(SystemExit, match="did not start on CPU 100000"), burning(100_000, 0):
        pass
