"""Workload: which request is sent, what must come back, and what must run beside."""

from __future__ import annotations

import math
import sys
from typing import Annotated, Any, TypeGuard

from pydantic import Field, model_validator

from .base import Value

# RFC 9110: a token, and a field value without control characters. Anything else could smuggle a second request in.
TOKEN = r"^[A-Za-z0-9!#$%&'*+.^_`|~-]+$"
HeaderName = Annotated[str, Field(pattern=TOKEN)]
HeaderValue = Annotated[str, Field(pattern=r"^[\t\x20-\x7e\x80-\xff]*$")]


class Request(Value):
    """One HTTP/1.1 request, or one message over a WebSocket.

    Attributes:
        method: HTTP method in capitals.
        path: origin-form target, beginning with `/`.
        headers: name and value pairs, a character for each byte. Each replaces what is sent without it: `Host`,
            `User-Agent`, `Accept`, and of a WebSocket `Connection`, `Upgrade` and `Sec-WebSocket-Version`.
        body: bytes of the body, or None.
        websocket: the request opens a WebSocket, once for each connection; what is asked then is `body` as a text
            message, and the response is the message that comes back.
    """

    method: Annotated[str, Field(pattern=TOKEN)] = "GET"
    path: Annotated[str, Field(pattern=r"^/[!-~]*$")] = "/"
    headers: tuple[tuple[HeaderName, HeaderValue], ...] = ()
    body: bytes | None = None
    websocket: bool = False

    @property
    def line(self) -> str:
        """What is asked, in short, such as `GET /items` or `WS /ws`."""
        return f"{'WS' if self.websocket else self.method} {self.path}"


MOST_BITS = 256
_Whole = Annotated[int, Field(gt=-(2**MOST_BITS), lt=2**MOST_BITS)]
_Real = Annotated[float, Field(ge=-sys.float_info.max, le=sys.float_info.max)]
# A pattern is looked for in whole characters only.
_Text = Annotated[str, Field(pattern="")]
JsonScalar = str | _Whole | _Real | bool | None


def is_scalar(value: object) -> TypeGuard[JsonScalar]:
    """Whether it is plain: no list, no object, no number that is too long or infinite."""
    if isinstance(value, int):
        return value.bit_length() <= MOST_BITS
    return value is None or isinstance(value, str) or (isinstance(value, float) and math.isfinite(value))


class Need(Value):
    """A dependency of a workload: a service that runs beside the stacks, started by webdyno, for them to use.

    Attributes:
        name: of the dependency.
        settings: how it is to behave, by its own names for that.
        calls: how often each request must call it, at least; 0: its calls are not held against the stacks.
    """

    name: str
    settings: dict[_Text, _Text | _Whole | _Real | bool] = Field(default_factory=dict)
    calls: Annotated[int, Field(ge=0)] = 0


class Workload(Value):
    """What a stack is asked to do.

    Attributes:
        name: the workload's name on screen, with its parameters.
        part: the part of the services' contract that an app must have for it; None for a request of the user's own.
        request: the request that is sent.
        wsgi_request: what WSGI apps are sent instead; None where all are sent the same.
        status: the status that must come back, or None to take any 2xx that the first responses show.
        json_body: the JSON text whose value the body must equal, or None where any body is right.
        body: the bytes that the body must be, or None.
        json_values: what a JSON body must hold, as in `Expected`.
        varies: the path of a value that is another one in every response; None where there is none.
        needs: the dependencies that must run beside.
    """

    name: str = "hello"
    part: str | None = None
    request: Request = Request()
    wsgi_request: Request | None = None
    status: Annotated[int, Field(ge=200, le=599)] | None = None
    json_body: str | None = None
    body: bytes | None = None
    json_values: dict[_Text, _Text | _Whole | _Real | bool | None] = Field(default_factory=dict)
    varies: str | None = None
    needs: tuple[Need, ...] = ()

    @model_validator(mode="before")
    @classmethod
    def _name_upstream(cls, given: Any) -> Any:
        # Before there were dependencies, the upstream was the one that a workload could have.
        match given:
            case {"upstream": None, **rest}:
                return rest
            case {"upstream": {**upstream}, **rest}:
                calls = upstream.pop("calls", 1)
                return {"needs": [{"name": "upstream", "settings": upstream, "calls": calls}]} | rest
        return given

    def of(self, interface: str, handler: str | None = None) -> Workload:
        """The workload as an app is given it.

        Args:
            interface: of the app.
            handler: which of the handlers of `/` is asked for; None for the usual one.
        """
        request = self.wsgi_request if self.wsgi_request and interface == "wsgi" else self.request
        if handler:
            request = request.model_copy(update={"path": request.path + handler})
        return self.model_copy(update={"request": request, "wsgi_request": None})

    @property
    def readiness(self) -> Request:
        """What a server is asked to see whether it is there: the request, where it is plain HTTP."""
        return Request() if self.request.websocket else self.request

    @property
    def fixed(self) -> bool:
        """Every successful response is known beforehand."""
        return self.json_body is not None or self.body is not None


class Example(Value):
    """The body of a right response that came before the load.

    Attributes:
        media_type: that of its `Content-Type`, such as `application/json`; empty where it has none.
        body: its bytes, decoded.
    """

    media_type: str = ""
    body: bytes


class Expected(Value):
    """What every response is held against, learned from one stack's first responses and checked against the workload.

    Attributes:
        status: the status; None for any 2xx.
        length: the length of the body in bytes, as sent; None where any is right.
        body: the exact bytes of the body, decoded; None where any is right.
        json_values: what a JSON body must hold: the path there, such as `user.roles.0`, and the value.
        examples: right bodies, where another one is right as well: it is compared with them, and counted in `Bodies`.
        unread: why no body is looked into; empty where they are.
    """

    status: int | None = 200
    length: int | None = None
    body: bytes | None = None
    json_values: dict[str, JsonScalar] = Field(default_factory=dict)
    examples: tuple[Example, ...] = ()
    unread: str = ""


HELLO = Workload(
    name="hello", part="hello", request=Request(path="/"), status=200, json_body='{"message": "Hello, World!"}'
)
