import subprocess
import sys
import time

import pytest

from webdyno.probes.monitor import Monitor

pytestmark = pytest.mark.paced

BURNER = """
import sys, time
for line in sys.stdin:
    start = time.process_time()
    while time.process_time() - start < float(line):
        pass
    print(time.process_time(), flush=True)
"""


class Burner:
    """A process that burns CPU time when told, and says how much it has used in all."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        self._process = process
        self.pid = process.pid

    def burn(self, seconds: float) -> float:
        assert self._process.stdin is not None and self._process.stdout is not None
        self._process.stdin.write(f"{seconds}\n")
        self._process.stdin.flush()
        return float(self._process.stdout.readline())


def test_only_what_was_used_between_the_marks_counts() -> None:
    with subprocess.Popen(
        [sys.executable, "-I", "-S", "-c", BURNER], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        burner = Burner(process)
        with Monitor(burner.pid, hz=50) as monitor:
            before = burner.burn(0.2)
            opened = time.monotonic()
            monitor.opened(opened)
            after = burner.burn(0.3)
            closed = time.monotonic()
            monitor.closed(closed)
            burner.burn(0.2)
        use = monitor.found()
    assert use.cpu_s == pytest.approx(after - before, abs=0.02)
    times = [sample.at_s for sample in use.samples]
    assert times == sorted(times)
    assert times[0] >= 0
    assert times[-1] >= closed - opened
    assert len(times) >= 4
    cpu = [sample.cpu_s for sample in use.samples]
    assert cpu[0] == 0
    assert cpu[-1] == use.cpu_s
    assert use.rss_peak_bytes > 1 << 20
    assert use.system.memory_available_bytes > 0


def test_windows_of_one_trial_add_up_and_what_lies_between_them_is_left_out() -> None:
    with subprocess.Popen(
        [sys.executable, "-I", "-S", "-c", BURNER], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        burner = Burner(process)
        used, lengths = [], []
        with Monitor(burner.pid, hz=50) as monitor:
            for _ in range(3):
                before, opened = burner.burn(0.1), time.monotonic()
                monitor.opened(opened)
                after, closed = burner.burn(0.1), time.monotonic()
                monitor.closed(closed)
                used.append(after - before)
                lengths.append(closed - opened)
        use, each = monitor.found(), monitor.each()
    assert use.cpu_s == pytest.approx(sum(used), abs=0.03)
    assert [one.cpu_s for one in each] == pytest.approx(used, abs=0.02)
    assert all(one.system.memory_available_bytes for one in each)
    assert sum(one.cpu_s or 0.0 for one in each) == pytest.approx(use.cpu_s)
    times, cpu = (
        [round(value, 9) for value in values]
        for values in zip(*((one.at_s, one.cpu_s) for one in use.samples), strict=True)
    )
    assert (times, cpu) == (sorted(times), sorted(cpu))
    assert times[-1] == pytest.approx(sum(lengths))
    assert cpu[-1] == pytest.approx(use.cpu_s)


def test_a_window_that_was_never_closed_has_no_result() -> None:
    with subprocess.Popen([sys.executable, "-I", "-S", "-c", BURNER], stdin=subprocess.PIPE) as process:
        with Monitor(process.pid) as monitor:
            monitor.opened(time.monotonic())
        with pytest.raises(RuntimeError, match="no window was opened and closed"):
            monitor.found()


FAMILY = """
import subprocess, sys
children = []
for line in sys.stdin:
    for word in line.split():
        if word == "start":
            children.append(subprocess.Popen([sys.executable, "-I", "-S", "-c", "input()"], stdin=subprocess.PIPE))
        else:
            child = children.pop(int(word))
            child.kill()
            child.wait()
    print(flush=True)
"""


@pytest.mark.parametrize(
    ("warm_up", "window", "ended", "begun"),
    [("", "", 0, 0), ("", "0", 1, 0), ("", "0 start", 1, 1), ("start", "2", 0, 0), ("start start", "1 2 start", 1, 1)],
    ids=["none", "lost", "renewed", "of a request", "both"],
)
def test_only_processes_that_were_there_before_the_load_can_be_missed(
    warm_up: str, window: str, ended: int, begun: int
) -> None:
    with subprocess.Popen(
        [sys.executable, "-I", "-S", "-c", FAMILY], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdin is not None and process.stdout is not None

        def tell(words: str) -> None:
            print(words, file=process.stdin, flush=True)
            assert process.stdout and process.stdout.readline()

        tell("start start")
        with Monitor(process.pid) as monitor:
            tell(warm_up)
            monitor.opened(time.monotonic())
            tell(window)
            monitor.closed(time.monotonic())
        use = monitor.found()
    assert (use.children_ended, use.children_begun) == (ended, begun)
