"""Runs interrupted at random moments: no process and no temporary file may stay, no finished trial may be lost.

`python -m benchmarks.interruptions --runs 100 --seed 1 --skip 0`; the same seed gives the same interruptions, so that a
long series can be measured in parts. The app detaches a process at every import, which leaves parent, group and session
and empties its environment.
"""

from __future__ import annotations

import argparse
import os
import random
import re
import signal
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

import psutil

from webdyno.store.database import Store

RUNS, SEED = 100, 20261128
SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGKILL)
ENDS_WITHIN_S, GONE_WITHIN_S = 240.0, 15.0
STACKS = ("leaving:app@gunicorn?workers=2", "leaving:app@waitress")
QUICK = ("--metric", "throughput", "-d", "0.2s", "--warmup", "0.1s", "-c", "4", "-n", "2", "--html", "report.html")
APP = """
import os, sys, time
from pathlib import Path

if os.fork():
    os.wait()
else:
    os.setsid()
    if os.fork():
        os._exit(0)
    nothing = os.open(os.devnull, os.O_RDWR)
    for descriptor in range(3):
        os.dup2(nothing, descriptor)
    os.execve(sys.executable, [sys.executable, "-I", "-S", "-c", "import time; time.sleep(600)"], {})

with Path("imports").open("a") as file:
    file.write("x")
time.sleep(0.2)

def app(environ, start_response):
    start_response("200 OK", [("Content-Length", "2")])
    return [b"ok"]
"""
# Begins to run a program that ignores signals, as under nohup or in a background job, or none, whatever this one does.
BEGINNING = (
    "import os, signal, sys\n"
    "kind = signal.SIG_IGN if sys.argv[1] == 'ignored' else signal.SIG_DFL\n"
    "for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP): signal.signal(number, kind)\n"
    "os.execv(sys.argv[2], sys.argv[2:])\n"
)


class Phase(NamedTuple):
    """A part of a run: whether it has begun, by what the folder holds, and about how many seconds it takes."""

    begun: Callable[[Path], bool]
    seconds: float


def _has_said(pattern: str) -> Callable[[Path], bool]:
    return lambda folder: re.search(pattern, (folder / "progress").read_text()) is not None


PHASES = {
    "start": Phase(lambda folder: True, 1.0),
    "import": Phase(lambda folder: (folder / "imports").exists(), 0.6),
    "pilot": Phase(lambda folder: (folder / "imports").exists() and (folder / "imports").stat().st_size > 2, 3.0),
    "blocks": Phase(_has_said("pilot done"), 6.0),
    "report": Phase(_has_said(r"block 2 of 2: .*\n(.*\n)*block 2 of 2: "), 1.5),
}


class Interruption(NamedTuple):
    """When a run is interrupted, and how.

    Attributes:
        phase: in which part of it.
        delay_s: seconds after that began.
        number: the signal.
        ignored: what can be ignored is ignored from the outside.
        group: the signal is for the whole process group, as from a terminal, and not for webdyno alone.
    """

    phase: str
    delay_s: float
    number: signal.Signals
    ignored: bool
    group: bool


class Outcome(NamedTuple):
    """What came of an interruption: the exit code, whether that is as documented, and what must be 0."""

    code: int
    right: bool
    survivors: int
    files: int
    lost: int


def main(arguments: Sequence[str] = ()) -> None:
    """Print a line for each run and a table; fails the command where one is not as it must be."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.interruptions")
    parser.add_argument("--runs", type=int, default=RUNS)
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--skip", type=int, default=0, help="how many of the seed's interruptions to leave out")
    # Given to all benchmarks of `python -m benchmarks --long`; here `--runs` says how long it takes.
    parser.add_argument("--long", action="store_true", help=argparse.SUPPRESS)
    asked = parser.parse_args(arguments)
    rng = random.Random(asked.seed)
    plan = [_draw(rng, number) for number in range(asked.skip + asked.runs)][asked.skip :]
    found: dict[tuple[str, str], list[Outcome]] = defaultdict(list)
    for number, interruption in enumerate(plan, asked.skip + 1):
        with tempfile.TemporaryDirectory() as folder:
            outcome = interrupt(Path(folder), interruption)
        found[interruption.phase, _kind(interruption)].append(outcome)
        print(f"{number:3}  {_in_words(interruption)}  {outcome}", flush=True)
    if not _tell(found):
        raise SystemExit(1)


def _draw(rng: random.Random, number: int) -> Interruption:
    phase = list(PHASES)[number % len(PHASES)]
    return Interruption(
        phase=phase,
        delay_s=rng.uniform(0, PHASES[phase].seconds),
        number=SIGNALS[number // len(PHASES) % len(SIGNALS)],
        ignored=rng.random() < 0.2,
        group=rng.random() < 0.5,
    )


def interrupt(folder: Path, how: Interruption) -> Outcome:
    """Begin a run in a folder of its own, interrupt it, and see what is left."""
    (folder / "tmp").mkdir()
    (folder / "leaving.py").write_text(APP)
    begin = [sys.executable, "-c", BEGINNING, "ignored" if how.ignored else "heard"]
    command = [*begin, sys.executable, "-m", "webdyno", "compare", *STACKS, *QUICK]
    env = {**os.environ, "TMPDIR": str(folder / "tmp")}
    with (folder / "progress").open("wb") as progress:
        run = subprocess.Popen(
            command, cwd=folder, env=env, stdout=subprocess.DEVNULL, stderr=progress, start_new_session=True
        )
    while not PHASES[how.phase].begun(folder) and run.poll() is None:
        time.sleep(0.01)
    time.sleep(how.delay_s)
    below: list[psutil.Process] = []
    heard = True
    if run.poll() is None:
        below = psutil.Process(run.pid).children(recursive=True)
        heard = how.ignored or _hears(run.pid)
        (os.killpg if how.group else os.kill)(run.pid, how.number)
    code = run.wait(ENDS_WITHIN_S)
    survivors = _wait_for_none(folder, below)
    complete, stored = _stored(folder / ".webdyno" / "results.db")
    told = len(re.findall(r"req/s", (folder / "progress").read_text()))
    as_documented = {130}
    if how.number == signal.SIGKILL:
        as_documented = {-signal.SIGKILL}
    elif not heard:
        # Before webdyno's first instruction it is Python that a signal ends; SIGINT with a traceback, as of any error.
        as_documented |= {-how.number, 1}
    if complete:
        as_documented |= {0, 3}
    files = len(list((folder / "tmp").iterdir()))
    right = code in as_documented and (complete or not how.ignored or how.number == signal.SIGKILL)
    return Outcome(code, right, survivors, files, max(0, told - stored))


def _hears(pid: int) -> bool:
    """Whether it has handlers of its own; that of SIGHUP, which Python has none for, comes last."""
    try:
        status = Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return True
    return bool(int(status.partition("SigCgt:")[2].split()[0], 16) & 1 << signal.SIGHUP - 1)


def _stored(database: Path) -> tuple[bool, int]:
    """Whether the run came to its end, and how many of its trials were kept."""
    if not database.exists():
        return False, 0
    with Store(database) as store:
        runs = [store.load(header.id) for header in store.list()]
    return (
        any(run.state == "complete" for run in runs),
        sum(trial.result is not None for run in runs for trial in run.trials),
    )


def _wait_for_none(folder: Path, below: Sequence[psutil.Process]) -> int:
    """How many are left after a while: of those that were below the run, and of all that work in its folder."""
    end = time.monotonic() + GONE_WITHIN_S
    while True:
        left = {process.pid for process in below if _lives(process)}
        left |= {process.pid for process in psutil.process_iter() if _works_in(process, folder)}
        if not left or time.monotonic() > end:
            return len(left)
        time.sleep(0.05)


def _lives(process: psutil.Process) -> bool:
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.Error:
        return False


def _works_in(process: psutil.Process, folder: Path) -> bool:
    try:
        return Path(process.cwd()).is_relative_to(folder) and _lives(process)
    except (psutil.Error, OSError):
        return False


def _kind(how: Interruption) -> str:
    return how.number.name.removeprefix("SIG") + (" ignored" if how.ignored and how.number != signal.SIGKILL else "")


def _in_words(how: Interruption) -> str:
    whom = "group" if how.group else "alone"
    return f"{how.phase:6} +{how.delay_s:4.2f} s  {_kind(how):12} {whom}"


def _tell(found: dict[tuple[str, str], list[Outcome]]) -> bool:
    """Print the table; whether all is as it must be."""
    columns = ("phase", "signal", "runs", "survivors", "files", "lost", "exit codes", "undocumented")
    print("| " + " | ".join(columns) + " |")
    print("|" + "---|" * len(columns))
    rows = [(phase, kind, outcomes) for (phase, kind), outcomes in sorted(found.items())]
    everything = [outcome for _, _, outcomes in rows for outcome in outcomes]
    for phase, kind, outcomes in [*rows, ("all", "", everything)]:
        codes = sorted({outcome.code for outcome in outcomes})
        figures = (
            len(outcomes),
            sum(outcome.survivors for outcome in outcomes),
            sum(outcome.files for outcome in outcomes),
            sum(outcome.lost for outcome in outcomes),
            ", ".join(f"{code} x{sum(outcome.code == code for outcome in outcomes)}" for code in codes),
            sum(not outcome.right for outcome in outcomes),
        )
        print("| " + " | ".join(map(str, (phase, kind, *figures))) + " |")
    return all(outcome.right and not (outcome.survivors or outcome.files or outcome.lost) for outcome in everything)


if __name__ == "__main__":
    main(sys.argv[1:])
