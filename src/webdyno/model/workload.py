"""Workload: which request is sent, and what must come back."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from .base import Value

# RFC 9110: a token, and a field value without control characters. Anything else could smuggle a second request in.
TOKEN = r"^[A-Za-z0-9!#$%&'*+.^_`|~-]+$"
HeaderName = Annotated[str, Field(pattern=TOKEN)]
HeaderValue = Annotated[str, Field(pattern=r"^[\t\x20-\x7e\x80-\xff]*$")]


class Request(Value):
    """One HTTP/1.1 request.

    Attributes:
        method: HTTP method in capitals.
        path: origin-form target, beginning with `/`.
        headers: name and value pairs, beyond `Host` and `Content-Length`, which the engine writes itself.
        body: bytes of the body, or None.
    """

    method: Annotated[str, Field(pattern=TOKEN)] = "GET"
    path: Annotated[str, Field(pattern=r"^/[!-~]*$")] = "/"
    headers: tuple[tuple[HeaderName, HeaderValue], ...] = ()
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
    status: Annotated[int, Field(ge=200, le=599)] | None = None
    json_body: str | None = None


JsonScalar = str | int | float | bool | None


class Expected(Value):
    """What every answer is held against, learned from one stack's first answers and checked against the workload.

    Attributes:
        status: the status; None for any 2xx.
        length: the length of the body in bytes, or None where the first answers differed in length.
        body: the exact bytes, or None where the first answers differed. A compressed answer is decoded before.
        json_values: what a JSON body must hold: the path there, such as `user.roles.0`, and the value.
    """

    status: int | None = 200
    length: int | None = None
    body: bytes | None = None
    json_values: dict[str, JsonScalar] = Field(default_factory=dict)


HELLO = Workload(name="hello", request=Request(path="/"), status=200, json_body='{"message": "Hello, World!"}')
