"""Workload: which request is sent, and what must come back."""

from __future__ import annotations

from .base import Value


class Request(Value):
    """One HTTP/1.1 request.

    Attributes:
        method: HTTP method in capitals.
        path: origin-form target, beginning with `/`.
        headers: name and value pairs, beyond `Host` and `Content-Length`, which the engine writes itself.
        body: bytes of the body, or None.
    """

    method: str = "GET"
    path: str = "/"
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes | None = None


class Workload(Value):
    """What a stack is asked to do.

    Attributes:
        name: the workload's name on screen.
        request: the request that is sent.
        status: the status that must come back, or None to take any 2xx that the first answer shows.
        json_body: the JSON text whose value the body must equal, or None where any body is right.
    """

    name: str = "hello"
    request: Request = Request()
    status: int | None = None
    json_body: str | None = None


class Expected(Value):
    """What every answer is held against, learned from one stack's first answers and checked against the workload.

    Attributes:
        status: the status.
        length: the length of the body in bytes, or None where the first answers differed in length.
        body: the exact bytes, or None where the first answers differed.
    """

    status: int = 200
    length: int | None = None
    body: bytes | None = None


HELLO = Workload(name="hello", request=Request(path="/"), status=200, json_body='{"message": "Hello, World!"}')
