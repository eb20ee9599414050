"""What the load engine and its peers are set against: nginx returning 27 bytes, on a core of its own."""

from __future__ import annotations

import contextlib
import os
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

BODY = b'{"message":"Hello, World!"}'

_NGINX = """
daemon off; worker_processes 1; pid {folder}/pid; error_log {folder}/error.log;
events {{ worker_connections 1024; }}
http {{
    access_log off; keepalive_requests 1000000000;
    client_body_temp_path {folder}/1; proxy_temp_path {folder}/2; fastcgi_temp_path {folder}/3;
    uwsgi_temp_path {folder}/4; scgi_temp_path {folder}/5;
    server {{
        listen 127.0.0.1:{port};
        location / {{ default_type application/json; return 200 '{body}'; }}
    }}
}}
"""


def find(name: str) -> str | None:
    """Where a program is: also where distributions keep servers, and where `uv tool install` puts tools."""
    places = [os.environ["PATH"], "/usr/sbin", str(Path.home() / ".local" / "bin")]
    return shutil.which(name, path=os.pathsep.join(places))


@contextlib.contextmanager
def nginx(command: list[str]) -> Iterator[int]:
    """Run nginx by `command`, which ends in its path; gives the port."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    with tempfile.TemporaryDirectory() as folder:
        conf = Path(folder) / "nginx.conf"
        conf.write_text(_NGINX.format(folder=folder, port=port, body=BODY.decode()))
        server = subprocess.Popen([*command, "-p", folder, "-c", conf], stderr=subprocess.DEVNULL)
        try:
            _await_port(port, server)
            yield port
        finally:
            server.terminate()
            server.wait()


def _await_port(port: int, server: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + 10
    while server.poll() is None and time.monotonic() < deadline:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
        except ConnectionRefusedError:
            time.sleep(0.02)
        else:
            return
    raise SystemExit("nginx did not start")
