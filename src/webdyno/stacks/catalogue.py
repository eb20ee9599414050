"""The catalogue: apps and servers by name.

An entry is a `module:attribute` that is imported when it is asked for. Those of webdyno stand in the two tables below;
other packages add theirs as entry points in the groups `webdyno.apps` and `webdyno.servers`. Both are read by the same
loader. The tables are not entry points themselves because finding those reads the metadata of every installed package
at each start, and because a checkout that is not installed has none. A name in a table cannot be taken over.
"""

from __future__ import annotations

from importlib.metadata import EntryPoint, entry_points
from typing import TypeVar

from ..errors import UsageError
from .entries import App, Server

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
    "sanic": "webdyno.stacks.apps:SANIC",
    "aiohttp": "webdyno.stacks.apps:AIOHTTP",
}

SERVERS = {
    "gunicorn": "webdyno.stacks.servers.gunicorn:SERVER",
    "uvicorn": "webdyno.stacks.servers.uvicorn:SERVER",
    "hypercorn": "webdyno.stacks.servers.hypercorn:SERVER",
    "granian": "webdyno.stacks.servers.granian:SERVER",
    "waitress": "webdyno.stacks.servers.waitress:SERVER",
    "sanic": "webdyno.stacks.servers.sanic:SERVER",
    "aiohttp": "webdyno.stacks.servers.aiohttp:SERVER",
}

_Entry = TypeVar("_Entry", App, Server)


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


def app_names() -> list[str]:
    """The names of all apps, webdyno's own first."""
    return list(_names(APPS, "webdyno.apps"))


def server_names() -> list[str]:
    """The names of all servers, webdyno's own first."""
    return list(_names(SERVERS, "webdyno.servers"))


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
