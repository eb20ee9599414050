"""A process that the guard has started for us, as long as we hold it."""

from __future__ import annotations

import math
import os
import select
import signal
import socket
import time
from contextlib import suppress

import psutil

from ..errors import MeasurementError

_START_S = 30.0
# Longer than the keeper takes to give up.
_END_S = 15.0
_SILENCE_S = 5.0
_READ_BYTES = 65_536


class CannotBind(OSError):
    """The system does not let a process have the CPUs that were asked for."""


class Process:
    """A process in a session of its own, and everything below it: all of that ends with `end`, or with us.

    Attributes:
        pid: of the process, which leads its own group.
        started: the moment of its start, on the monotonic clock.
    """

    def __init__(self, channel: socket.socket, request: bytes, argv0: str, cwd: str) -> None:
        """Make the request to the keeper at the other end of the channel, and wait for what it says of the start.

        Raises:
            OSError: the system does not start it.
            CannotBind: not on these CPUs.
            MeasurementError: the keeper does not answer.
        """
        self._channel = channel
        self._name = argv0
        self._said: dict[str, list[str]] = {}
        self._silent = False
        deadline = time.monotonic() + _START_S
        channel.settimeout(_START_S)
        # Where that takes too long or nobody is there, it will not answer either.
        with suppress(OSError):
            channel.sendall(request)
        while not self._said.keys() & {"started", "failed"}:
            if self._silent or not self._listen(max(deadline - time.monotonic(), 0)):
                raise self._lost()
        if "failed" in self._said:
            number, place = self._said["failed"]
            kind = CannotBind if place == "cpus" else OSError
            raise kind(int(number), os.strerror(int(number)), cwd if place == "cwd" else argv0)
        pid, moment = self._said["started"]
        self.pid, self.started = int(pid), float(moment)

    def poll(self) -> int | None:
        """Its exit code, negative for a signal; None while it runs.

        Raises:
            MeasurementError: its keeper was killed, and it with that; or the keeper does not say that it has ended.
        """
        return self.wait(0)

    def wait(self, within_s: float | None) -> int | None:
        """Wait for its end; as `poll`.

        Args:
            within_s: seconds after which None is given; None for no limit.
        """
        deadline = math.inf if within_s is None else time.monotonic() + within_s
        while (code := self.code) is None:
            if self._silent:
                raise self._lost()
            if not self._listen(min(max(deadline - time.monotonic(), 0), _SILENCE_S)):
                if time.monotonic() >= deadline:
                    return None
                if self._has_ended() and not self._listen(_SILENCE_S):
                    raise self._lost()
        return code

    @property
    def code(self) -> int | None:
        """Its exit code as far as we have heard."""
        return int(self._said["ended"][0]) if "ended" in self._said else None

    def signal_group(self, number: int) -> bool:
        """Signal its group; False where that has no members that we may signal."""
        try:
            os.killpg(self.pid, number)
        except (ProcessLookupError, PermissionError):
            return False
        return True

    def end(self) -> None:
        """Have it killed with everything below it, and wait for that."""
        deadline = time.monotonic() + _END_S
        # It may have been closed already, or the keeper be gone.
        with suppress(OSError):
            self._channel.shutdown(socket.SHUT_WR)
            while not self._silent and self._listen(max(deadline - time.monotonic(), 0)):
                pass
        if "left" not in self._said:
            self.signal_group(signal.SIGKILL)
        self._channel.close()

    def _has_ended(self) -> bool:
        """As the system sees it, whatever the keeper says."""
        try:
            return psutil.Process(self.pid).status() == psutil.STATUS_ZOMBIE
        except psutil.NoSuchProcess:
            return True

    def _listen(self, within_s: float) -> bool:
        """Take in what the keeper says next; False where it says nothing in time."""
        poll = select.poll()
        poll.register(self._channel, select.POLLIN)
        if not poll.poll(within_s * 1000):
            return False
        # Its lines are short, and each comes whole.
        data = self._channel.recv(_READ_BYTES)
        self._silent = not data
        for line in data.decode().splitlines():
            word, *rest = line.split()
            self._said[word] = rest
        return True

    def _lost(self) -> MeasurementError:
        return MeasurementError(
            f"the guard, which starts and ends {self._name}, does not answer: something has stopped or killed it",
            "see what ends processes here, such as a limit on memory; then run it again",
        )
