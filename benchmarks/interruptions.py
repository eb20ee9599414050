"""Twenty runs interrupted at random moments: no process may survive, and every finished trial must be in the store."""

from __future__ import annotations

import random
import re
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import psutil

from webdyno.store.database import Store

RUNS = 20
LATEST_S = 25.0
SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGKILL)


def main() -> None:
    """Print one line for each run and a summary; fails the command where something survived or was lost."""
    rng = random.Random(20261121)
    survivors = lost = trials = 0
    for number in range(RUNS):
        moment, kind = rng.uniform(0.1, LATEST_S), SIGNALS[number % len(SIGNALS)]
        with tempfile.TemporaryDirectory() as folder:
            left, told, kept = interrupt(Path(folder), moment, kind)
        survivors += left
        lost += max(0, told - kept)
        trials += kept
        print(
            f"{number + 1:2}  {kind.name:8} after {moment:5.1f} s   survivors {left}   finished {told}   stored {kept}"
        )
    print(f"{RUNS} runs, {trials} trials stored, {lost} lost, {survivors} processes survived")
    if survivors or lost:
        raise SystemExit(1)


def interrupt(folder: Path, moment: float, kind: signal.Signals) -> tuple[int, int, int]:
    """Run, interrupt, and count: processes left, trials that were reported finished, trials in the store."""
    command = [sys.executable, "-m", "webdyno", "compare", "--max-time", "40s"]
    before = set(psutil.pids())
    with (folder / "progress").open("wb") as progress:
        process = subprocess.Popen(command, cwd=folder, stdout=subprocess.DEVNULL, stderr=progress)
        time.sleep(moment)
        process.send_signal(kind)
        process.wait(30)
    left = _wait_for_none(before)
    told = len(re.findall(r"req/s", (folder / "progress").read_text()))
    database = folder / ".webdyno" / "results.db"
    if not database.exists():
        return left, told, 0
    with Store(database) as store:
        headers = store.list()
        return left, told, sum(len([t for t in store.load(h.id).trials if t.result]) for h in headers)


def _wait_for_none(before: set[int], deadline_s: float = 5.0) -> int:
    end = time.monotonic() + deadline_s
    while True:
        ours = [pid for pid in set(psutil.pids()) - before if _is_ours(pid)]
        if not ours or time.monotonic() > end:
            return len(ours)
        time.sleep(0.05)


def _is_ours(pid: int) -> bool:
    try:
        return "WEBDYNO_TOKEN" in psutil.Process(pid).environ()
    except psutil.Error:
        return False
