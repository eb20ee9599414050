"""The guard's own program: parent of everything that webdyno starts, and its end.

Stands alone on the standard library, since it runs as a script: `python -I -S program.py CONTROL OWNER TOKEN FOLDER`,
with the descriptor of a socket, the pid of webdyno, the run's token and its folder of temporary files.

The guard forks a keeper for each process that it is asked to start. Keepers are child subreapers (prctl(2)): whoever
loses its parent below one becomes its child, whatever it made of its group, session and environment. So a keeper that
kills its children until the system says that it has none has killed everything below it. It does so as soon as its
channel closes, at the latest with the end of webdyno. The guard is a subreaper as well, should a keeper be killed.

A start is one byte on the control socket with a channel and the descriptors of the process. On the channel comes the
request (marshal); the keeper answers in lines: `started PID MOMENT` or `failed ERRNO PLACE`, `ended CODE`, and after
the channel was shut down `left PID ...`. The guard says the last one on the control socket.
"""

from __future__ import annotations

import contextlib
import marshal
import os
import select
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

VARIABLE = "WEBDYNO_TOKEN"

_DEADLINE_S = 10.0
_PAUSE_S = 0.02
_MOST_DESCRIPTORS = 16
_MOST_NAMED = 100
_PR_SET_CHILD_SUBREAPER = 36
# Between exec and the moment its environment can be read, a process looks unmarked: look more than once.
_CLEAN_SCANS = 3

Ended = Callable[[int, int], None]


def main(control: socket.socket, owner: int, token: str, folder: str) -> None:
    """Start what is asked for until webdyno has ended or says so; then leave nothing of it."""
    # Handled, not ignored: what is started would inherit that.
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGCHLD):
        signal.signal(number, lambda *_: None)
    holds_orphans = _adopt_orphans()
    wake = _wake()
    keepers = _serve(control, owner, wake)
    left = _end_children(wake, lambda pid, code: None, keepers)
    if not holds_orphans:
        sweep(token)
    remove(folder)
    _say(control, "left", *left[:_MOST_NAMED])


def _serve(control: socket.socket, owner: int, wake: socket.socket) -> set[int]:
    """Fork a keeper for each start until the end; those that live."""
    life = _life_of(owner)
    keepers: set[int] = set()

    def ended(pid: int, code: int) -> None:
        keepers.discard(pid)

    watched: list[socket.socket | int] = [control, wake, *life]
    while True:
        ready = select.select(watched, [], [])[0]
        if wake in ready:
            _drain(wake)
            _reap(ended)
            # Only those whose keeper was killed have become children of ours.
            _kill(_children(keepers) - keepers)
        if set(life) & set(ready):
            return keepers
        if control in ready:
            asked, descriptors, *_ = socket.recv_fds(control, 1, _MOST_DESCRIPTORS)
            if not asked:
                return keepers
            keepers.update(_fork_keeper(descriptors, [control.fileno(), *life]))
            for descriptor in descriptors:
                os.close(descriptor)


def _life_of(owner: int) -> list[int]:
    """A descriptor that can be read once webdyno has ended; none where the system has no such thing.

    The socket alone would not do: whoever was forked from webdyno without exec holds it open.
    """
    try:
        life = os.pidfd_open(owner)
    except (AttributeError, OSError):
        return []
    if os.getppid() == owner:
        return [life]
    os.close(life)
    return []


def _fork_keeper(descriptors: list[int], not_its: list[int]) -> set[int]:
    with socket.socket(fileno=os.dup(descriptors[0])) as channel:
        try:
            if pid := os.fork():
                return {pid}
        except OSError as error:
            _say(channel, "failed", error.errno or 0, "program")
            return set()
        status = 1
        try:
            for descriptor in (*not_its, descriptors[0]):
                os.close(descriptor)
            _keep(channel, descriptors[1:])
            status = 0
        finally:
            os._exit(status)


def _keep(channel: socket.socket, descriptors: list[int]) -> None:
    """Start one process, say when it has ended, and end all below us once the channel closes."""
    _adopt_orphans()
    wake = _wake()
    try:
        request = marshal.load(channel.makefile("rb"))
    except EOFError:
        return
    process = _start(channel, descriptors, *request)
    for descriptor in descriptors:
        os.close(descriptor)
    if process is None:
        return
    started = {process.pid}

    def ended(pid: int, code: int) -> None:
        if pid in started:
            started.discard(pid)
            _say(channel, "ended", code)

    closed = False
    while not closed:
        ready = select.select([channel, wake], [], [])[0]
        if wake in ready:
            _drain(wake)
            _reap(ended)
        closed = channel in ready
    left = _end_children(wake, ended, started)
    _say(channel, "left", *left[:_MOST_NAMED])


def _start(
    channel: socket.socket,
    descriptors: list[int],
    argv: list[bytes],
    env: dict[bytes, bytes],
    cwd: bytes,
    cpus: list[int],
) -> subprocess.Popen[bytes] | None:
    stdin, stdout, stderr, *kept = descriptors
    place = "cpus"
    try:
        if cpus and hasattr(os, "sched_setaffinity"):
            # Inherited before its first instruction: no worker can be forked before the binding.
            os.sched_setaffinity(0, cpus)
        place = "program"
        moment = time.monotonic()
        process = subprocess.Popen(
            argv, stdin=stdin, stdout=stdout, stderr=stderr, env=env, cwd=cwd, start_new_session=True, pass_fds=kept
        )
    except OSError as error:
        _say(channel, "failed", error.errno or 0, "cwd" if error.filename == cwd else place)
        return None
    _say(channel, "started", process.pid, moment)
    return process


def _adopt_orphans() -> bool:
    """Become the parent of whoever loses its own below us; False where the system has no such thing."""
    try:
        import ctypes  # noqa: PLC0415 - not every Python has it

        return bool(ctypes.CDLL(None).prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) == 0)
    except (ImportError, OSError, AttributeError):
        return False


def _end_children(wake: socket.socket, ended: Ended, started: set[int]) -> list[int]:
    """Kill our children, and theirs as they become ours, until there are none; those that could not be killed."""
    deadline = time.monotonic() + _DEADLINE_S
    while True:
        _kill(_children(started))
        if not _reap(ended):
            return []
        if time.monotonic() > deadline:
            return sorted(_children(started))
        if select.select([wake], [], [], _PAUSE_S)[0]:
            _drain(wake)


def _reap(ended: Ended) -> bool:
    """Take leave of the children that have ended; False where none is left."""
    try:
        while True:
            pid, status = os.waitpid(-1, os.WNOHANG)
            if not pid:
                return True
            ended(pid, os.waitstatus_to_exitcode(status))
    except ChildProcessError:
        return False


def _kill(pids: set[int]) -> None:
    """Kill children of ours, each with its group: whoever forks in that moment does not get away."""
    for pid in pids:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            if (group := os.getpgid(pid)) != os.getpgrp():
                os.killpg(group, signal.SIGKILL)
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.kill(pid, signal.SIGKILL)


def _children(started: set[int]) -> set[int]:
    """The pids of our children; where the system does not say, of those that we started."""
    try:
        return {int(pid) for pid in Path("/proc/thread-self/children").read_text().split()}
    except OSError:
        return {pid for pid in _pids() if _parent(pid) == os.getpid()} | started


def _pids() -> list[int]:
    proc = Path("/proc")
    return [int(entry.name) for entry in proc.iterdir() if entry.name.isdigit()] if proc.is_dir() else []


def _parent(pid: int) -> int | None:
    try:
        # The name stands in parentheses and may itself hold any character.
        return int(Path(f"/proc/{pid}/stat").read_bytes().rpartition(b")")[2].split()[1])
    except (OSError, IndexError):
        return None


def sweep(token: str) -> None:
    """Kill whoever carries the token until scans in a row have found nobody; gives up after ten seconds.

    For where no tree holds them: the system has no subreapers, or the guard was killed.
    """
    clean = 0
    deadline = time.monotonic() + _DEADLINE_S
    while clean < _CLEAN_SCANS and time.monotonic() < deadline:
        found = [pid for pid in _pids() if pid != os.getpid() and _carries(pid, token)]
        for pid in found:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.kill(pid, signal.SIGKILL)
        clean = 0 if found else clean + 1
        time.sleep(_PAUSE_S)


def _carries(pid: int, token: str) -> bool:
    """Whether the token is in its environment; or in the name of its output, should a title lie over the former."""
    with contextlib.suppress(OSError):
        if f"{VARIABLE}={token}".encode() in Path(f"/proc/{pid}/environ").read_bytes().split(b"\0"):
            return True
    for descriptor in (1, 2):
        with contextlib.suppress(OSError):
            if token in str(Path(f"/proc/{pid}/fd/{descriptor}").readlink()):
                return True
    return False


def remove(folder: str) -> None:
    """Remove a folder with all that is in it, as far as that can be removed."""
    for place, folders, _ in os.walk(folder):
        for name in folders:
            path = Path(place, name)
            with contextlib.suppress(OSError):
                if not path.is_symlink():
                    path.chmod(0o700)
    for place, folders, files in os.walk(folder, topdown=False):
        for name in (*files, *folders):
            path = Path(place, name)
            with contextlib.suppress(OSError):
                path.rmdir() if path.is_dir() and not path.is_symlink() else path.unlink()
    with contextlib.suppress(OSError):
        Path(folder).rmdir()


def _wake() -> socket.socket:
    """What can be read after a signal came."""
    woken, waker = socket.socketpair()
    for end in (woken, waker):
        end.setblocking(False)
    signal.set_wakeup_fd(waker.detach(), warn_on_full_buffer=False)
    return woken


def _drain(wake: socket.socket) -> None:
    with contextlib.suppress(BlockingIOError):
        while wake.recv(4096):
            pass


def _say(channel: socket.socket, *words: object) -> None:
    # Whoever asked may have ended.
    with contextlib.suppress(OSError):
        channel.sendall(" ".join(map(str, words)).encode() + b"\n")


if __name__ == "__main__":
    main(socket.socket(fileno=int(sys.argv[1])), int(sys.argv[2]), sys.argv[3], sys.argv[4])
