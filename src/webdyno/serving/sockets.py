"""Listening TCP sockets: who has which, and which port is free."""

from __future__ import annotations

import contextlib
import errno
import ipaddress
import os
import random
import socket
import struct
from collections.abc import Iterable, Iterator, Set
from pathlib import Path
from typing import NamedTuple

import psutil

from ..errors import MeasurementError, UsageError

_TABLES = (Path("/proc/net/tcp"), Path("/proc/net/tcp6"))
_PORT_RANGE = Path("/proc/sys/net/ipv4/ip_local_port_range")
_LISTEN = "0A"
_FIRST_PORT = 10_000


class Listener(NamedTuple):
    """A listening socket; `inode` tells sockets on one port apart, 0 where the system has none."""

    host: str
    port: int
    inode: int

    def __str__(self) -> str:
        return join_address(self.host, self.port)


class Listeners(NamedTuple):
    """Listening sockets of some processes, and of all others; those of others are empty where they cannot be seen."""

    own: tuple[Listener, ...]
    foreign: tuple[Listener, ...]


def join_address(host: str, port: int) -> str:
    """Write an address as in a URL."""
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def reaches(listener: Listener, host: str, port: int) -> bool:
    """Whether a connection to an address may end at this socket."""
    if listener.port != port:
        return False
    bound, wanted = _plain(listener.host), _plain(host)
    return bound == wanted or (bound.is_unspecified and (bound.version == wanted.version or bound.version == 6))


def _plain(host: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address:
    """An address; of IPv4 as well where it is written as one of IPv6."""
    address = ipaddress.ip_address(host)
    return getattr(address, "ipv4_mapped", None) or address


def family(pid: int) -> set[int]:
    """A process, its descendants, and whoever else is of the session that it leads."""
    pids = {pid}
    with contextlib.suppress(psutil.Error):
        pids.update(child.pid for child in psutil.Process(pid).children(recursive=True))
    for other in psutil.pids():
        with contextlib.suppress(OSError):
            if os.getsid(other) == pid:
                pids.add(other)
    return pids


def listeners(pid: int) -> Listeners:
    """The listening sockets of a process's family, and all others."""
    # The sockets first: one that a new member opens in between is then seen next time, not taken for a stranger's.
    every = list(_all_listeners())
    inodes = _socket_inodes(family(pid))
    return Listeners(
        tuple(listener for listener in every if listener.inode in inodes),
        tuple(listener for listener in every if listener.inode not in inodes),
    )


def holder(host: str, port: int, but: Set[int] = frozenset()) -> str | None:
    """The process that listens at an address, such as `nginx (pid 12)`; None where it cannot be seen.

    Args:
        host: of the address.
        port: of the address.
        but: pids that are not meant.
    """
    wanted = {listener.inode for listener in _all_listeners() if reaches(listener, host, port)}
    for pid in psutil.pids() if wanted else ():
        if pid not in but and wanted & _socket_inodes((pid,)):
            with contextlib.suppress(psutil.Error):
                return f"{psutil.Process(pid).name()} (pid {pid})"
    return None


def free_port(host: str) -> int:
    """A random port that nobody listens on and that the system gives to no outgoing connection.

    Outgoing connections take their ports from a range of their own; a server's port outside of it cannot be taken by
    one of them between now and its start.

    Raises:
        UsageError: the host is no address of this machine.
        MeasurementError: no port is left.
    """
    for port in [*random.sample(range(_FIRST_PORT, _first_ephemeral_port()), 50), 0]:
        try:
            return _bind(host, port)
        except OSError as error:
            if error.errno != errno.EADDRINUSE:
                raise _unusable(host, port, error) from error
    raise MeasurementError(f"no port is free on {host}", "close programs that hold many connections, or wait a minute")


def is_here(host: str) -> bool:
    """Whether an IP literal is an address of this machine."""
    try:
        _bind(host, 0)
    except OSError:
        return False
    return True


def claim_port(host: str, port: int) -> int:
    """Make sure that a port which the user asked for can be listened on.

    Raises:
        UsageError: it is taken, needs rights, or the host is no address of this machine.
    """
    try:
        return _bind(host, port)
    except (OSError, OverflowError) as error:
        if isinstance(error, OverflowError) or error.errno != errno.EADDRINUSE:
            raise _unusable(host, port, error) from error
        by = holder(host, port)
        raise UsageError(
            f"port {port} is taken" + (f" by {by}" if by else ""),
            "stop that process, choose another port, or leave it to webdyno to find a free one",
        ) from error


def _unusable(host: str, port: int, error: Exception) -> UsageError:
    return UsageError(
        f"cannot listen on {join_address(host, port)}: {error}",
        "choose an address of this machine and a port from 1024 to 65535",
    )


def _bind(host: str, port: int) -> int:
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        probe.bind((host, port))
        return int(probe.getsockname()[1])


def _first_ephemeral_port() -> int:
    try:
        first = int(_PORT_RANGE.read_text().split()[0])
    except (OSError, ValueError, IndexError):
        first = 32_768
    return max(first, _FIRST_PORT + 1_000)


def _all_listeners() -> Iterator[Listener]:
    for table in _TABLES:
        try:
            with table.open() as lines:
                next(lines, None)
                for line in lines:
                    fields = line.split()
                    # The kernel tells the listening ones first; thousands of others may follow.
                    if fields[3] != _LISTEN:
                        break
                    yield Listener(*parse_address(fields[1]), int(fields[9]))
        except OSError:
            continue


def parse_address(text: str) -> tuple[str, int]:
    """Read an address of /proc/net/tcp: 32-bit words in the machine's byte order, all in hexadecimal."""
    words, port = text.split(":")
    packed = b"".join(struct.pack("=I", int(words[at : at + 8], 16)) for at in range(0, len(words), 8))
    return str(ipaddress.ip_address(packed)), int(port, 16)


def _socket_inodes(pids: Iterable[int]) -> set[int]:
    inodes = set()
    for pid in pids:
        with contextlib.suppress(OSError):
            for descriptor in Path(f"/proc/{pid}/fd").iterdir():
                with contextlib.suppress(OSError):
                    target = str(descriptor.readlink())
                    if target.startswith("socket:["):
                        inodes.add(int(target[8:-1]))
    return inodes
