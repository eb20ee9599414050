"""Finds and kills every process that carries a mark; also the guard's own program.

Stands alone on the standard library, since the guard runs it as a script: `python -I -S launch_sweep.py MARK FOLDER`
waits until its standard input ends, which is when webdyno has ended, for whatever reason.

A process carries a mark when its environment holds it, as every child of a marked process does; or when its output
goes to a log file that is named after it, since some servers (gunicorn with setproctitle, nginx) write their title over
their environment. Both outlive a change of parent, process group and session.
"""

from __future__ import annotations

import contextlib
import os
import signal
import sys
import time
from pathlib import Path

VARIABLE = "WEBDYNO_TOKEN"
LOG_PREFIX = "webdyno-log-"

# Between exec and the moment its environment can be read, a process looks unmarked: look more than once.
_CLEAN_SCANS = 3
_PAUSE_S = 0.02
_DEADLINE_S = 10.0


def can_sweep() -> bool:
    """True where the system shows the environment of other processes."""
    return Path("/proc/self/environ").exists()


def marked(mark: str) -> list[int]:
    """The pids of all processes that carry the mark or one that begins with it, this one excepted."""
    variable = f"{VARIABLE}={mark}".encode()
    log = f"/{LOG_PREFIX}{mark}"
    pids = [int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdigit()]
    return [pid for pid in pids if pid != os.getpid() and (_has_variable(pid, variable) or _writes_to(pid, log))]


def sweep(mark: str, scans: int = 1) -> None:
    """Kill whoever carries the mark until so many scans in a row have found nobody; gives up after ten seconds."""
    clean = 0
    deadline = time.monotonic() + _DEADLINE_S
    while time.monotonic() < deadline:
        found = marked(mark)
        for pid in found:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.kill(pid, signal.SIGKILL)
        clean = 0 if found else clean + 1
        if clean >= scans:
            return
        time.sleep(_PAUSE_S)


def _has_variable(pid: int, variable: bytes) -> bool:
    try:
        environment = Path(f"/proc/{pid}/environ").read_bytes()
    except OSError:
        return False
    return environment.startswith(variable) or b"\0" + variable in environment


def _writes_to(pid: int, log: str) -> bool:
    for descriptor in (1, 2):
        try:
            if log in str(Path(f"/proc/{pid}/fd/{descriptor}").readlink()):
                return True
        except OSError:
            continue
    return False


def _main(mark: str, folder: str) -> None:
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    while os.read(0, 64):
        pass
    sweep(mark, _CLEAN_SCANS)
    for log in Path(folder).glob(f"{LOG_PREFIX}{mark}*"):
        with contextlib.suppress(OSError):
            log.unlink()


if __name__ == "__main__":
    _main(sys.argv[1], sys.argv[2])
