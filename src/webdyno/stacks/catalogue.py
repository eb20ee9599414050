"""The catalogue: apps, servers and the interfaces between them, by name.

An entry is a `module:attribute` that is imported when it is asked for. Those of webdyno stand in the tables below;
other packages add theirs as entry points in the groups `webdyno.apps`, `webdyno.servers` and `webdyno.interfaces`. All
are read by the same loader. The tables are not entry points themselves because finding those reads the metadata of
every installed package at each start, and because a checkout that is not installed has none. A name in a table cannot
be taken over.
"""

from __future__ import annotations

from importlib.metadata import EntryPoint, entry_points
from typing import TypeVar

from ..errors import UsageError
from .entries import App, Server, SpokenInterface

WITH_OWN_SERVER = ("sanic", "aiohttp")
"""Frameworks with a server and an interface of their own: the `APP`, `SERVER` and `INTERFACE` of their folder."""


def _own(attribute: str) -> dict[str, str]:
    return {name: f"webdyno.services.{name}:{attribute}" for name in WITH_OWN_SERVER}


APPS = {
    "bare-wsgi": "webdyno.stacks.apps:BARE_WSGI",
    "bare-asgi": "webdyno.stacks.apps:BARE_ASGI",
    "flask": "webdyno.stacks.apps:FLASK",
    "quart": "webdyno.stacks.apps:QUART",
    "starlette": "webdyno.stacks.apps:STARLETTE",
    "fastapi": "webdyno.stacks.apps:FASTAPI",
    "litestar": "webdyno.stacks.apps:LITESTAR",
    "django": "webdyno.stacks.apps:DJANGO",
    "django-wsgi": "webdyno.stacks.apps:DJANGO_WSGI",
    "falcon": "webdyno.stacks.apps:FALCON",
    "falcon-asgi": "webdyno.stacks.apps:FALCON_ASGI",
    **_own("APP"),
}

SERVERS = {
    "gunicorn": "webdyno.stacks.servers.gunicorn:SERVER",
    "uvicorn": "webdyno.stacks.servers.uvicorn:SERVER",
    "hypercorn": "webdyno.stacks.servers.hypercorn:SERVER",
    "granian": "webdyno.stacks.servers.granian:SERVER",
    "waitress": "webdyno.stacks.servers.waitress:SERVER",
    **_own("SERVER"),
}

INTERFACES = {
    "wsgi": "webdyno.stacks.entries:WSGI",
    "asgi": "webdyno.stacks.entries:ASGI",
    **_own("INTERFACE"),
}

_Entry = TypeVar("_Entry", App, Server, SpokenInterface)


def find_app(name: str) -> App | None:
    """The app of that name, or None.

    Raises:
        UsageError: where another package's entry cannot be loaded.
    """
    return _find(name, APPS, "webdyno.apps", App)


def find_server(name: str) -> Server | None:
    """The server of that name, or None.

    Raises:
        UsageError: where another package's entry cannot be loaded.
    """
    return _find(name, SERVERS, "webdyno.servers", Server)


def find_interface(name: str) -> SpokenInterface:
    """The interface of that name.

    Raises:
        UsageError: there is none, or another package's entry cannot be loaded.
    """
    found = _find(name, INTERFACES, "webdyno.interfaces", SpokenInterface)
    if found is None:
        remedy = f"known interfaces: {', '.join(interface_names())}; another package adds one in webdyno.interfaces"
        raise UsageError(f"there is no interface {name!r}", remedy)
    return found


def app_names() -> list[str]:
    """The names of all apps, webdyno's own first."""
    return list(_names(APPS, "webdyno.apps"))


def server_names() -> list[str]:
    """The names of all servers, webdyno's own first."""
    return list(_names(SERVERS, "webdyno.servers"))


def interface_names() -> list[str]:
    """The names of all interfaces, webdyno's own first."""
    return list(_names(INTERFACES, "webdyno.interfaces"))


def _names(table: dict[str, str], group: str) -> dict[str, None]:
    return dict.fromkeys([*table, *sorted(entry_points(group=group).names)])


def _find(name: str, table: dict[str, str], group: str, kind: type[_Entry]) -> _Entry | None:
    if name in table:
        entry = EntryPoint(name, table[name], group)
    elif others := entry_points(group=group, name=name):
        entry = next(iter(others))
    else:
        return None
    try:
        loaded = entry.load()
    except Exception as error:
        raise _broken(entry, f"{type(error).__name__}: {error}") from error
    if not isinstance(loaded, kind):
        raise _broken(entry, f"it is a {type(loaded).__name__}, not a webdyno {kind.__name__}")
    return loaded


def _broken(entry: EntryPoint, why: str) -> UsageError:
    source = f" of the package {entry.dist.name}" if entry.dist else ""
    message = f"the entry {entry.name!r} ({entry.value}){source} cannot be loaded: {why}"
    return UsageError(message, "repair or uninstall the package that adds it")
