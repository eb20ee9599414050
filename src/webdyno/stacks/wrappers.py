"""Wrappers that serve a WSGI app as ASGI: `?wrap=NAME`."""

from __future__ import annotations

from typing import NamedTuple


class Wrapper(NamedTuple):
    """A way to serve a WSGI app as ASGI.

    Attributes:
        package: its requirement.
        target: import string of the wrapped app, in `services/wrap`.
        notes: what sets it apart, shown beside each result.
    """

    package: str
    target: str
    notes: tuple[str, ...]


WRAPPERS = {
    "asgiref": Wrapper("asgiref", "webdyno_asgiref:app", ("asgiref's WsgiToAsgi runs a WSGI app in one thread",)),
    "a2wsgi": Wrapper("a2wsgi", "webdyno_a2wsgi:app", ("a2wsgi's WSGIMiddleware runs a WSGI app in up to 10 threads",)),
}
