"""What the probe costs: share of a core at 5 and 10 samples per second over a tree of 10 processes.

Run it with `python -m benchmarks.probe [SECONDS]`. To reach: less than 1 % of a core at 5 Hz.
"""

from __future__ import annotations

import subprocess
import sys
import time

from webdyno.probes.monitor import Monitor

PROCESSES = 10
GOAL_PERCENT = 1.0

# Each worker has a few threads and descriptors, as servers have.
TREE = """
import os, sys, threading
for _ in range({children}):
    if os.fork() == 0:
        break
files = [os.open("/dev/null", os.O_RDONLY) for _ in range(20)]
for _ in range(4):
    threading.Thread(target=threading.Event().wait, daemon=True).start()
os.write(1, b".")
sys.stdin.read()
"""


def measure(hz: float, seconds: float) -> tuple[float, float]:
    """Watch an idle tree; percent of a core that watching took, and microseconds per sample."""
    program = TREE.format(children=PROCESSES - 1)
    with subprocess.Popen(
        [sys.executable, "-I", "-S", "-c", program], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as tree:
        assert tree.stdout is not None
        for _ in range(PROCESSES):
            tree.stdout.read(1)
        with Monitor(tree.pid, hz) as monitor:
            monitor.opened(time.monotonic())
            used, started = time.process_time(), time.monotonic()
            time.sleep(seconds)
            used, elapsed = time.process_time() - used, time.monotonic() - started
            monitor.closed(time.monotonic())
        samples = monitor.found().samples
    assert all(sample.processes == PROCESSES for sample in samples)
    return 100 * used / elapsed, 1e6 * used / max(len(samples) - 2, 1)


def main(seconds: float = 4.0) -> None:
    """Print the table."""
    print(f"the probe over {PROCESSES} processes (goal: less than {GOAL_PERCENT:g} % of a core at 5 Hz)")
    for hz in (5.0, 10.0, 50.0):
        percent, each_us = measure(hz, seconds)
        print(f"  {hz:4.0f} Hz  {percent:5.2f} % of a core  {each_us:6.0f} us per sample")


if __name__ == "__main__":
    main(*map(float, sys.argv[1:2]))
