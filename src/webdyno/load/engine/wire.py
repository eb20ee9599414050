"""The bytes of a request: written once where they are always the same, filled in anew where they are not."""

from __future__ import annotations

from base64 import b64encode

from ...model.http_request import check_fields, header_fields, needs_length
from ...model.scenario import Step
from ..template import Template, Values


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
        self._head = [_constant(f"{request.method} "), Template.parse(request.path, "url"), _constant(" HTTP/1.1")]
        for name, value in header_fields(request, authority, keep_alive=keep_alive):
            # What stands in a header is one byte a character; the template keeps bytes that are no UTF-8.
            text = value.encode("latin-1").decode("utf-8", "surrogateescape")
            self._head += [_constant(f"\r\n{name}: "), Template.parse(text, "plain")]
        self._head = _merged(self._head)
        self._basic = None if step.basic is None else Template.parse(step.basic, "plain")
        self._has_length = needs_length(request)
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
