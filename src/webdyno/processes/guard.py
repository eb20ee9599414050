"""The guard: starts every process of ours, and sees to it that none outlives us, however we end."""

from __future__ import annotations

import marshal
import os
import secrets
import select
import socket
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from contextvars import ContextVar
from pathlib import Path
from typing import NamedTuple, Self

import psutil

from ..errors import MeasurementError, NoRoom
from . import program
from .process import Process

# Longer than the guard takes to give up.
_DEADLINE_S = 15.0
# Of the folder for temporary files: what is written there where all is well, some times over.
LEAST_BYTES, LEAST_FILES = 1 << 20, 20
_ROOM = "make room on the disk, or set TMPDIR to a folder with room"


class Streams(NamedTuple):
    """The standard streams of a process: a descriptor each, or None for the null device."""

    stdin: int | None = None
    stdout: int | None = None
    stderr: int | None = None


_NONE = Streams()


class Guard:
    """A small process beside us that starts what we ask for, and kills all of it when we end, be it by SIGKILL.

    It is the subreaper of what it starts (see `program`), so that nothing leaves its tree. On leaving the context the
    same happens as at our end. Where the system has no subreapers, it ends the groups of what it started and whoever
    carries the run's token in its environment.

    Attributes:
        token: `WEBDYNO_TOKEN` of every process that it starts.
        folder: for temporary files, removed at the end.
        left: the pids of those that could not be ended; known after the end.
        silent: it did not say at its end that nothing is left, since it was killed or stopped itself.
    """

    def __init__(self) -> None:
        self.token = secrets.token_hex(16)
        self.folder = _temporary_folder() / f"webdyno-{self.token}"
        self.left: tuple[int, ...] = ()
        self.silent = False

    def __enter__(self) -> Self:
        self._control, theirs = socket.socketpair()
        self._control.settimeout(_DEADLINE_S)
        with theirs:
            self._process = self._start_guard(theirs)
        try:
            # Only now, that the guard knows of it.
            self.folder.mkdir(mode=0o700)
            _check_room(self.folder)
        except OSError as error:
            self.__exit__()
            raise MeasurementError(
                f"the temporary folder {self.folder} cannot be made: {error.strerror}", _ROOM
            ) from error
        except NoRoom:
            self.__exit__()
            raise
        return self

    def __exit__(self, *exc_info: object) -> None:
        with self._control:
            with suppress(OSError):
                self._control.shutdown(socket.SHUT_WR)
            said = self._last_words()
            self._process.kill()
            self._process.wait()
        if said is None:
            self.silent = True
            program.sweep(self.token)
            program.remove(str(self.folder))
        else:
            self.left = tuple(int(pid) for pid in said.split()[1:])

    def start(
        self,
        argv: Sequence[str],
        *,
        env: Mapping[str, str],
        cwd: str | Path = ".",
        streams: Streams = _NONE,
        keep_open: Sequence[int] = (),
        cpus: Sequence[int] = (),
    ) -> Process:
        """Start a process in a session of its own.

        Args:
            argv: program and arguments.
            env: its complete environment, but for the token.
            cwd: its working folder.
            streams: its standard streams.
            keep_open: further descriptors that it inherits, under any number.
            cpus: the CPUs that it and all below it may use; none for any.

        Raises:
            OSError: the system does not start it.
            CannotBind: not on these CPUs.
            MeasurementError: the guard does not answer.
            ValueError: a text has a null character.
        """
        texts = [*argv, *env.keys(), *env.values(), str(cwd)]
        if any("\0" in text for text in texts):
            raise ValueError("embedded null character")
        marked = {**env, program.VARIABLE: self.token}
        folder = Path(cwd).absolute()
        request = (
            [os.fsencode(part) for part in argv],
            {os.fsencode(name): os.fsencode(value) for name, value in marked.items()},
            os.fsencode(folder),
            list(cpus),
        )
        channel, theirs = socket.socketpair()
        try:
            with theirs, Path(os.devnull).open("r+b", buffering=0) as nothing:
                given = [nothing.fileno() if end is None else end for end in streams]
                # Where nobody listens, the channel says nothing, and so how it is.
                with suppress(OSError):
                    socket.send_fds(self._control, [b"+"], [theirs.fileno(), *given, *keep_open])
            return Process(channel, marshal.dumps(request), argv[0], str(folder))
        except BaseException:
            # The keeper takes that for the end, however far it was.
            channel.close()
            raise

    def _start_guard(self, control: socket.socket) -> subprocess.Popen[bytes]:
        descriptor = control.fileno()
        words = [str(descriptor), str(os.getpid()), self.token, str(self.folder)]
        # Without a token of its own environment: a run inside a run must not lose its guard to the outer one.
        env = {name: value for name, value in os.environ.items() if name != program.VARIABLE}
        try:
            return subprocess.Popen(
                [sys.executable, "-I", "-S", str(Path(program.__file__)), *words],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                env=env,
                cwd="/",
                start_new_session=True,
                pass_fds=(descriptor,),
            )
        except OSError as error:
            self._control.close()
            raise MeasurementError(
                f"the guard that starts and ends processes could not be started: {error}",
                "see whether the process limit (ulimit -u) or the memory is used up",
            ) from error

    def _last_words(self) -> str | None:
        """What it says at its end; None where it says nothing in time, since something has killed it."""
        poll = select.poll()
        poll.register(self._control, select.POLLIN)
        try:
            return self._control.recv(4096).decode() or None if poll.poll(_DEADLINE_S * 1000) else None
        except OSError:
            return None


_CURRENT: ContextVar[Guard | None] = ContextVar("webdyno_guard", default=None)


@contextmanager
def guarding(tell: Callable[[str], None]) -> Iterator[Guard]:
    """Have a guard of one's own, from which all that is started meanwhile in this context gets its processes.

    Args:
        tell: told at the end of those that could not be ended.
    """
    guard = Guard()
    try:
        with guard:
            before = _CURRENT.set(guard)
            try:
                yield guard
            finally:
                _CURRENT.reset(before)
    finally:
        if guard.silent:
            tell("the guard, which ends all that was started, was killed or stopped itself: some of it may still run")
        if guard.left:
            tell(f"not all that was started could be ended, these still run: {', '.join(map(_name, guard.left))}")


def _temporary_folder() -> Path:
    """Where `tempfile` would put its files, found without its trial file, which a kill would leave behind."""
    named = (os.environ.get(name) for name in ("TMPDIR", "TEMP", "TMP"))
    for folder in (tempfile.tempdir, *named, "/tmp", "/var/tmp", "/usr/tmp"):
        if folder and os.access(folder, os.W_OK | os.X_OK):
            return Path(folder).absolute()
    raise MeasurementError("no folder for temporary files can be written to", _ROOM)


def _check_room(folder: Path) -> None:
    """Processes that find no room for their files say so in words of their own, or not at all.

    Raises:
        NoRoom: there is hardly any.
    """
    found = os.statvfs(folder)
    left = found.f_frsize * (found.f_bavail if os.geteuid() else found.f_bfree)
    # Some systems do not say how much of it there is.
    if found.f_blocks and left < LEAST_BYTES:
        raise NoRoom(f"the folder for temporary files, {folder.parent}, is full: {left >> 10} KiB are left", _ROOM)
    if found.f_files and found.f_favail < LEAST_FILES:
        raise NoRoom(f"the disk of {folder.parent} takes only {found.f_favail} more files", _ROOM)


def _name(pid: int) -> str:
    with suppress(psutil.Error):
        return f"{psutil.Process(pid).name()} (pid {pid})"
    return f"pid {pid}"


@contextmanager
def guard_at_hand() -> Iterator[Guard]:
    """The guard of the work under way, or one for as long as this lasts."""
    if (current := _CURRENT.get()) is not None:
        yield current
    else:
        with Guard() as guard:
            yield guard


@contextmanager
def scratch_folder() -> Iterator[Path]:
    """A folder for temporary files, removed at the end and with us."""
    with guard_at_hand() as guard, ExitStack() as stack:
        try:
            folder = stack.enter_context(tempfile.TemporaryDirectory(dir=guard.folder))
        except OSError as error:
            raise MeasurementError(f"no temporary folder can be made: {error.strerror}", _ROOM) from error
        yield Path(folder)
