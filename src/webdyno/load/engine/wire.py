"""The bytes of a request: written once where they are always the same, filled in anew where they are not."""

from __future__ import annotations

from base64 import b64encode

from ...errors import UsageError
from ...model.scenario import Step
from ..template import Template, Values

_OURS = frozenset({"content-length", "transfer-encoding"})
_WITH_BODY = frozenset({"POST", "PUT", "PATCH"})


class RequestWriter:
    """Writes the requests of one step.

    Attributes:
        constant: the request, where it is always the same; otherwise None.
    """

    def __init__(self, step: Step, host: str, port: int, *, default_port: int = 80, keep_alive: bool = True) -> None:
        """Read the step's templates.

        Host, User-Agent, Accept and `Connection: close` are ours unless the request brings its own; Content-Length is
        always ours.

        Raises:
            UsageError: a template is wrong, or the request brings a header that frames the body.
        """
        request = step.request
        theirs = {name.lower() for name, _ in request.headers}
        if framing := sorted(theirs & _OURS):
            raise UsageError(f"the header {framing[0]} may not be given", "leave it out: it is written to fit the body")
        ours = [("Host", _authority(host, port, default_port)), ("User-Agent", "webdyno"), ("Accept", "*/*")]
        if not keep_alive:
            ours.append(("Connection", "close"))
        headers = [(name, value) for name, value in ours if name.lower() not in theirs] + list(request.headers)
        self._head = [_constant(f"{request.method} "), Template.parse(request.path, "url"), _constant(" HTTP/1.1")]
        for name, value in headers:
            # What stands in a header is one byte a character; the template keeps bytes that are no UTF-8.
            text = value.encode("latin-1").decode("utf-8", "surrogateescape")
            self._head += [_constant(f"\r\n{name}: "), Template.parse(text, "plain")]
        self._head = _merged(self._head)
        self._basic = None if step.basic is None else Template.parse(step.basic, "plain")
        self._body = Template.parse((request.body or b"").decode("utf-8", "surrogateescape"), "plain")
        self._has_length = bool(request.body) or request.method in _WITH_BODY
        parts = [*self._head, self._body, *([self._basic] if self._basic else [])]
        varies = any(part.constant is None for part in parts)
        self.constant = None if varies else self._write([part.constant or b"" for part in parts])

    def render(self, values: Values) -> bytes:
        """The request for one journey."""
        parts = [part.render(values) for part in self._head]
        parts.append(self._body.render(values))
        if self._basic:
            parts.append(self._basic.render(values))
        return self._write(parts)

    def _write(self, parts: list[bytes]) -> bytes:
        count = len(self._head)
        head, body = parts[:count], parts[count]
        if self._basic:
            head.append(b"\r\nAuthorization: Basic " + b64encode(parts[-1]))
        if self._has_length:
            head.append(b"\r\nContent-Length: %d" % len(body))
        return b"".join((*head, b"\r\n\r\n", body))


def _constant(text: str) -> Template:
    return Template([text.encode("latin-1")], [], set(), set())


def _merged(parts: list[Template]) -> list[Template]:
    """The same with neighbours that are constant put together: there is less to do for every request."""
    merged: list[Template] = []
    for part in parts:
        before = merged[-1].constant if merged else None
        if before is not None and part.constant is not None:
            merged[-1] = Template([before + part.constant], [], set(), set())
        else:
            merged.append(part)
    return merged


def _authority(host: str, port: int, default_port: int) -> str:
    name = f"[{host}]" if ":" in host else host
    return name if port == default_port else f"{name}:{port}"
