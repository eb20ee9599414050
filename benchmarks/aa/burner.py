"""A neighbour who comes and goes: it keeps one CPU busy for half a second, and lets it go for one to three."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NamedTuple

ON_S, OFF_S = 0.5, (1.0, 3.0)
# It looks for its end at least that often, also in the middle of burning.
_ENDS_WITHIN_S = 5.0
# The end of its input is the end of whoever started it, be it by SIGKILL.
PROGRAM = """
import hashlib, os, random, select, sys, time

cpu, seed = int(sys.argv[1]), sys.argv[2]
on_s, shortest_s, longest_s = map(float, sys.argv[3:])
os.sched_setaffinity(0, {cpu})
rng = random.Random(seed)
bursts, data = 0, bytes(1 << 20)

def ended(within_s):
    return bool(select.select([0], [], [], within_s)[0])

print("ready", flush=True)
while not ended(rng.uniform(shortest_s, longest_s)):
    bursts += 1
    until = time.monotonic() + on_s
    while time.monotonic() < until and not ended(0):
        hashlib.sha256(data).digest()
print(bursts, time.process_time())
"""


class Burnt(NamedTuple):
    """What it did: how often it burnt, and the CPU seconds that it got."""

    bursts: int
    cpu_s: float


class Burner:
    """One that runs; `burnt` is known once it has ended."""

    def __init__(self, pid: int) -> None:
        self.pid = pid
        self.burnt = Burnt(0, 0.0)


@contextmanager
def burning(cpu: int, seed: int, on_s: float = ON_S, off_s: tuple[float, float] = OFF_S) -> Iterator[Burner]:
    """Have a burner come and go on a CPU meanwhile.

    It ends with the context, and by itself where this process dies. No signal of the terminal reaches it.

    Args:
        cpu: where it burns.
        seed: of its pauses.
        on_s: seconds that it burns at a time.
        off_s: the least and the most seconds between.

    Raises:
        SystemExit: it has ended before it was asked to: what was measured beside it was not.
    """
    numbers = map(str, (cpu, seed, on_s, *off_s))
    command = [sys.executable, "-I", "-S", "-c", PROGRAM, *numbers]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, start_new_session=True) as process:
        assert process.stdin
        assert process.stdout
        try:
            if process.stdout.readline() != b"ready\n":
                raise SystemExit(f"the burner did not start on CPU {cpu}")
            burner = Burner(process.pid)
            yield burner
            if process.poll() is not None:
                raise SystemExit(f"the burner ended by itself, with status {process.returncode}")
            said, _ = process.communicate(timeout=_ENDS_WITHIN_S)
            bursts, cpu_s = said.split()
            burner.burnt = Burnt(int(bursts), float(cpu_s))
        finally:
            # Where it has not ended by now; one that has is not there to be killed.
            process.kill()
