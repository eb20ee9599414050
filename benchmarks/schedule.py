"""What a long open load costs before it begins: how long that takes, and the memory of each process.

Run it with `python -m benchmarks.schedule`. The load is ended as soon as its window opens.
"""

from __future__ import annotations

import socket
import time
from contextlib import suppress
from pathlib import Path

from webdyno.loadgen.generator import LoadGenerator
from webdyno.loadgen.job import LoadEvent, LoadJob
from webdyno.model.load import ClosedLoad, Load, OpenLoad, Window

RATE = 5_000
ARRIVALS = (1_000_000, 10_000_000)
PROCESSES = (1, 2, 4)


class _Begun(Exception):
    """The load has begun, and that is all that is asked of it."""


def begin(load: Load, seconds: float, processes: int) -> tuple[float, float]:
    """Seconds from the job to its beginning, and the greatest memory of a process until then, in MiB."""
    most: list[float] = []

    def begun(event: LoadEvent) -> None:
        most.extend(map(_peak_mib, generator.pids))
        raise _Begun

    with (
        socket.create_server(("127.0.0.1", 0)) as server,
        LoadGenerator(processes=processes, spin=False) as generator,
    ):
        window = Window(warmup_s=0, duration_s=seconds)
        job = LoadJob(host="127.0.0.1", port=server.getsockname()[1], load=load, window=window)
        generator.start()
        # The interpreters have started, and what they import is not part of it.
        time.sleep(2)
        began = time.monotonic()
        with suppress(_Begun):
            generator.run(job, begun)
        return time.monotonic() - began, max(most)


def _peak_mib(pid: int) -> float:
    status = Path(f"/proc/{pid}/status").read_text()
    return int(status.split("VmHWM:")[1].split()[0]) / 1024


def main() -> None:
    """Print the table."""
    print(f"open load at {RATE:,}/s, until it begins")
    for processes in PROCESSES:
        _, plain = begin(ClosedLoad(connections=4), 10, processes)
        for arrivals in ARRIVALS:
            took, most = begin(OpenLoad(rate=RATE), arrivals / RATE, processes)
            print(
                f"  {arrivals:>10,} arrivals from {processes} processes: after {took:5.2f} s,"
                f" with {most - plain:6.1f} MiB in each beyond what a closed load takes",
                flush=True,
            )


if __name__ == "__main__":
    main()
