"""Start a record's command and ask it, with as little machinery as that takes."""

from __future__ import annotations

import http.client
import os
import signal
import socket
import subprocess
import tempfile
import time
from pathlib import Path
from typing import NamedTuple

from webdyno.model.run import StackRecord
from webdyno.processes.run_to_end import base_environment

START_LIMIT_S = 40.0


class Answered(NamedTuple):
    """An answer: status, content type, body."""

    status: int
    content_type: str
    body: bytes


def ask(record: StackRecord, *paths: str, home: Path | None = None) -> list[Answered]:
    """Start the stack, ask for each path in turn on fresh connections, and end it.

    Raises:
        AssertionError: it exited or did not answer, with its output.
    """
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        port = holder.getsockname()[1]
    env = base_environment() | record.env | ({"HOME": str(home)} if home else {})
    with tempfile.TemporaryFile() as output:
        process = subprocess.Popen(
            [part.replace("{port}", str(port)) for part in record.argv],
            env=env,
            cwd=record.cwd,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        try:
            return [_patiently(process, port, path) for path in paths]
        except AssertionError as error:
            output.seek(0)
            raise AssertionError(f"{record.notation}: {error}\n{output.read().decode()[-3000:]}") from error
        finally:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def _patiently(process: subprocess.Popen[bytes], port: int, path: str) -> Answered:
    deadline = time.monotonic() + START_LIMIT_S
    while True:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
        try:
            connection.request("GET", path)
            response = connection.getresponse()
            return Answered(response.status, response.headers.get_content_type(), response.read())
        except OSError as error:
            assert process.poll() is None, f"it exited with code {process.returncode}"
            assert time.monotonic() < deadline, f"no answer: {error}"
            time.sleep(0.02)
        finally:
            connection.close()
