"""A client that can also behave badly."""

from __future__ import annotations

import contextlib
import http.client
import json
import socket
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from email.message import Message
from typing import Any

TIMEOUT_S = 20.0


@dataclass(frozen=True)
class Answer:
    """What came back."""

    status: int
    headers: Message
    body: bytes

    @property
    def json(self) -> Any:
        """The body as a JSON value."""
        return json.loads(self.body)

    @property
    def content_type(self) -> str:
        """Without parameters; only `charset=utf-8` may stand there."""
        main, _, parameter = (self.headers.get("Content-Type") or "").partition(";")
        assert parameter.strip().lower() in ("", "charset=utf-8"), parameter
        return main


@dataclass(frozen=True)
class Client:
    """Asks one service; each request on a connection of its own.

    Attributes:
        port: where it listens on 127.0.0.1.
        headers: sent with every request.
    """

    port: int
    headers: Mapping[str, str] = field(default_factory=dict)

    def ask(
        self,
        method: str,
        path: str,
        body: bytes | Iterable[bytes] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        """One request; a body that is iterable is sent in chunks."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=TIMEOUT_S)
        with contextlib.closing(connection):
            # A service may answer, and hang up, before it has read all of a body that is too long.
            with contextlib.suppress(BrokenPipeError, ConnectionResetError):
                connection.request(method, path, body, {**self.headers, **(headers or {})})
            return read(connection)

    def get(self, path: str, **headers: str) -> Answer:
        """A `GET`; underscores in the headers' names stand for hyphens."""
        return self.ask("GET", path, headers={name.replace("_", "-"): value for name, value in headers.items()})

    def post_json(self, path: str, document: Any) -> Answer:
        """A `POST` of a JSON document."""
        return self.post_text(path, json.dumps(document).encode())

    def post_text(self, path: str, body: bytes, content_type: str = "application/json") -> Answer:
        """A `POST` of any bytes."""
        return self.ask("POST", path, body, {"Content-Type": content_type})

    def send_raw(self, data: bytes) -> socket.socket:
        """Open a connection and send some bytes; the caller closes it."""
        connection = socket.create_connection(("127.0.0.1", self.port), timeout=TIMEOUT_S)
        connection.sendall(data)
        return connection


def read(connection: http.client.HTTPConnection) -> Answer:
    """The answer that is there, even where the sending of the body failed."""
    # `getresponse` refuses while it believes that the request is not complete.
    assert connection.sock
    with contextlib.closing(http.client.HTTPResponse(connection.sock)) as response:
        response.begin()
        return Answer(response.status, response.headers, response.read())


def events(body: bytes) -> list[tuple[str, Any]]:
    """The server-sent events of a body: name (`message` where none is given) and data."""
    found = []
    for block in body.decode().split("\n\n")[:-1]:
        fields = dict(line.split(": ", 1) for line in block.split("\n"))
        found.append((fields.get("event", "message"), json.loads(fields["data"])))
    return found


def multipart(content: bytes, name: str = "file", boundary: str = "webdyno") -> tuple[bytes, str]:
    """A body with one file, and its content type."""
    head = f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"; filename="f.bin"\r\n'
    body = (
        f"{head}Content-Type: application/octet-stream\r\n\r\n".encode() + content + f"\r\n--{boundary}--\r\n".encode()
    )
    return body, f"multipart/form-data; boundary={boundary}"
