"""What the load engine and its peers are set against: nginx on a core of its own, with little to do or much."""

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
# Asked for `/work` with this header, nginx compresses a text anew each time and becomes the limit, not the load tool.
WORK, WORK_HEADER = "/work", ("Accept-Encoding", "gzip")
_TEXT = " ".join(str(number * number) for number in range(2_000))

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
        location /work {{ default_type text/plain; gzip on; gzip_types *; gzip_comp_level 9; alias {folder}/text; }}
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
        # Started by root, nginx reads it as another user.
        Path(folder).chmod(0o755)
        (Path(folder) / "text").write_text(_TEXT)
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
