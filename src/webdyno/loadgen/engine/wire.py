"""The bytes of a request: written once where they are always the same, filled in anew where they are not."""

from __future__ import annotations

import re
import time
from base64 import b64encode

from ...model.http_request import check_fields, header_fields, needs_length
from ...model.scenario import Step
from ..request_template import Template, Values
from .cookie_jar import CookieJar, Origin, origin_of

_OWN_COOKIES = re.compile(rb"\r\nCookie:([^\r]*)", re.IGNORECASE)


class RequestWriter:
    """Writes the requests of one step.

    Attributes:
        constant: the request, where it is always the same; otherwise None. It is what `write_request` writes.
    """

    def __init__(self, step: Step, authority: str, *, keep_alive: bool = True) -> None:
        """Read the step's templates.

        Args:
            step: what is sent.
            authority: host and port, for the `Host` header of a step that has none.
            keep_alive: False asks the server to close the connection, unless the step has a `Connection` header.

        Raises:
            UsageError: a template is wrong, or a header cannot be sent, see `check_fields`.
        """
        request = step.request
        self._body = Template.parse((request.body or b"").decode("utf-8", "surrogateescape"), "plain")
        body = self._body.constant
        check_fields(request.headers, None if body is None else len(body), websocket=request.websocket)
        self._has_cookies = any(name.lower() == "cookie" for name, _ in request.headers)
        self._head = [_constant(f"{request.method} "), Template.parse(request.path, "url"), _constant(" HTTP/1.1")]
        for name, value in header_fields(request, authority, keep_alive=keep_alive):
            # What stands in a header is one byte a character; the template keeps bytes that are no UTF-8.
            text = value.encode("latin-1").decode("utf-8", "surrogateescape")
            self._head += [_constant(f"\r\n{name}: "), Template.parse(text, "plain")]
        self._head = _merged(self._head)
        self._basic = None if step.basic is None else Template.parse(step.basic, "plain")
        self._has_length = needs_length(request)
        head = [part.constant for part in self._head]
        basic = b"" if self._basic is None else self._basic.constant
        fixed = [part for part in head if part is not None]
        same_head = len(fixed) == len(head)
        self._origin = origin_of(b"".join(fixed)) if same_head else None
        varies = not same_head or body is None or basic is None
        self.constant = None if varies else self._write(fixed, body or b"", basic or b"")

    def render(self, values: Values, jar: CookieJar | None = None) -> bytes:
        """The request for one journey, with the cookies that its jar has for it."""
        head = [part.render(values) for part in self._head]
        if jar:
            head.append(self._kept_cookies(b"".join(head), jar))
        body = self._body.render(values)
        return self._write(head, body, self._basic.render(values) if self._basic else b"")

    def origin(self, request: bytes) -> Origin:
        """What a request of this step, or its head alone, is for."""
        return self._origin or origin_of(request)

    def _kept_cookies(self, head: bytes, jar: CookieJar) -> bytes:
        own = _OWN_COOKIES.findall(head) if self._has_cookies else []
        named = {pair.partition(b"=")[0].strip() for cookies in own for pair in cookies.split(b";")}
        kept = jar.matching(self.origin(head), time.time(), named)
        if not kept:
            return b""
        if not own:
            return b"\r\nCookie: " + kept
        return b"; " + kept if own[-1].strip() else kept

    def _write(self, head: list[bytes], body: bytes, basic: bytes) -> bytes:
        if self._basic:
            head.append(b"\r\nAuthorization: Basic " + b64encode(basic))
        if self._has_length:
            head.append(b"\r\nContent-Length: %d" % len(body))
        return b"".join((*head, b"\r\n\r\n", body))


def _constant(text: str) -> Template:
    return Template([text.encode("latin-1")], [], set())


def _merged(parts: list[Template]) -> list[Template]:
    """The same with neighbours that are constant put together: there is less to do for every request."""
    merged: list[Template] = []
    for part in parts:
        before = merged[-1].constant if merged else None
        if before is not None and part.constant is not None:
            merged[-1] = Template([before + part.constant], [], set())
        else:
            merged.append(part)
    return merged
