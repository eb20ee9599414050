"""Small servers that behave well or badly on demand, and the records that launch them."""

from __future__ import annotations

import contextlib
import sys
import time
from collections.abc import Callable
from pathlib import Path

import psutil

from webdyno.model.run import StackRecord
from webdyno.model.stack import Stack

PRELUDE = """
import json, os, signal, socket, sys, time

host, port = sys.argv[1], int(sys.argv[2])

def listen(host=host, port=port):
    listener = socket.socket()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind((host, port))
    listener.listen(64)
    return listener

def each_connection():
    listener = listen()
    while True:
        connection, _ = listener.accept()
        request = connection.recv(65536)
        yield connection, request

def serve(status="200 OK", body=None):
    for connection, request in each_connection():
        content = body if body is not None else json.dumps({
            "request": request.decode(),
            "env": dict(os.environ),
            "argv": sys.argv,
            "cwd": os.getcwd(),
            "cpus": sorted(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else None,
        }).encode()
        head = f"HTTP/1.1 {status}\\r\\nContent-Type: text/plain\\r\\nContent-Length: {len(content)}\\r\\n\\r\\n"
        connection.sendall(head.encode() + content)
        connection.close()

def detached(*argv):
    # A child that leaves the group, the session and its parent, and does not want to go.
    if os.fork() == 0:
        os.setsid()
        if os.fork():
            os._exit(0)
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        program = "import time; time.sleep(60)"
        os.execve(sys.executable, [sys.executable, "-I", "-S", "-c", program], argv[0] if argv else dict(os.environ))
    os.wait()
"""


def record(folder: Path, source: str, **env: str) -> StackRecord:
    """The record of a server whose program is `source`."""
    script = folder / "server.py"
    script.write_text(PRELUDE + source)
    return StackRecord(
        stack=Stack(app="bare-wsgi"),
        notation="bare-wsgi@test",
        interface="wsgi",
        served_as="wsgi",
        argv=(sys.executable, "-I", "-S", "-u", str(script), "{host}", "{port}"),
        env=env,
        cwd=str(folder),
        python=sys.version.split()[0],
        packages={},
        locked=False,
    )


def is_running(pid: int) -> bool:
    """Whether a process lives; a zombie does not."""
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def eventually(condition: Callable[[], bool], deadline_s: float = 15.0) -> bool:
    """Wait until something holds."""
    deadline = time.monotonic() + deadline_s
    while time.monotonic() < deadline:
        if condition():
            return True
        time.sleep(0.01)
    return False


def processes_of(folder: Path) -> list[int]:
    """Living processes that work in a folder, as all that our test servers start do."""
    found = []
    for process in psutil.process_iter():
        try:
            if process.status() != psutil.STATUS_ZOMBIE and Path(process.cwd()).resolve() == folder.resolve():
                found.append(process.pid)
        except (psutil.Error, OSError):
            continue
    return found


def kill_all_in(folder: Path) -> None:
    """What a failing test may have left behind."""
    for pid in processes_of(folder):
        with contextlib.suppress(psutil.Error):
            psutil.Process(pid).kill()
