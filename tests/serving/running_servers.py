"""Servers that run before webdyno is asked, and that it does not know: each a process of its own."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import NamedTuple

PROGRAM = """
import os, sys, time
from http.server import BaseHTTPRequestHandler, HTTPServer, ThreadingHTTPServer

delay_s, host = float(sys.argv[1]), sys.argv[2]

class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        time.sleep(delay_s)
        if self.path == "/die":
            os._exit(1)
        status = {"/redirect": 302, "/503": 503}.get(self.path, 200)
        body = b'{"host": "%s", "path": "%s"}' % (self.headers["Host"].encode(), self.path.encode())
        if self.path == "/":
            body = b'{"message": "Hello, World!"}'
        self.wfile.write(
            b"HTTP/1.1 %d Told\\r\\nContent-Type: application/json\\r\\nLocation: /\\r\\nContent-Length: %d\\r\\n\\r\\n"
            % (status, len(body)) + body
        )
        if sys.argv[3] == "one-by-one":
            # Under load they would fill the pipe, which nobody reads.
            print("answered", flush=True)

    def log_message(self, *args):
        pass

class Server(ThreadingHTTPServer if sys.argv[3] != "one-by-one" else HTTPServer):
    daemon_threads = True
    request_queue_size = 128
    if ":" in host:
        import socket
        address_family = socket.AF_INET6

# What comes last may be a worker that shares the socket.
server = Server((host, 0), Handler)
worker = os.fork() if sys.argv[3] == "fork" else 0
if worker == 0 and sys.argv[3] == "fork":
    server.serve_forever()
print(server.server_address[1], worker, flush=True)
server.serve_forever()
"""


class Running(NamedTuple):
    """One of them; `worker` is the pid of a second process on the same socket, 0 where there is none."""

    process: subprocess.Popen[str]
    host: str
    port: int
    worker: int

    @property
    def pid(self) -> int:
        """Of the process that was started."""
        return self.process.pid

    @property
    def url(self) -> str:
        """Its notation."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"url=http://{host}:{self.port}/"


@contextmanager
def running_server(delay_s: float = 0.0, host: str = "127.0.0.1", how: str = "alone") -> Iterator[Running]:
    """Run one that takes so long for each response.

    Args:
        delay_s: how long.
        host: where it listens.
        how: `alone`; `fork` with a worker process beside; `one-by-one` without threads.
    """
    command = [sys.executable, "-I", "-S", "-c", PROGRAM, str(delay_s), host, how]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, start_new_session=True)
    worker = 0
    try:
        assert process.stdout
        port, worker = map(int, process.stdout.readline().split())
        yield Running(process, host, port, worker)
    finally:
        process.kill()
        process.wait()
        if process.stdout:
            process.stdout.close()
        if worker:
            with suppress(ProcessLookupError):
                os.kill(worker, signal.SIGKILL)
