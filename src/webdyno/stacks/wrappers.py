"""Wrappers that serve a WSGI app as ASGI: `?wrap=NAME`."""

from __future__ import annotations

from typing import NamedTuple

from ..model.fact import Fact, fact


class Wrapper(NamedTuple):
    """A way to serve a WSGI app as ASGI.

    Attributes:
        package: its requirement.
        target: import string of the wrapped app, in `services/wrap`.
        notes: what sets it apart, shown beside each result.
    """

    package: str
    target: str
    notes: tuple[Fact, ...]


WRAPPERS = {
    "asgiref": Wrapper("asgiref", "webdyno_asgiref:app", (fact("wrapper.asgiref"),)),
    "a2wsgi": Wrapper("a2wsgi", "webdyno_a2wsgi:app", (fact("wrapper.a2wsgi"),)),
}
