"""Which apps go with which servers, as notations that can be pasted."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from ..model.run import Interface
from ..model.stack import STACK_KEYS, Stack
from .catalogue import find_interface, find_server, server_names
from .entries import MODE_KEY, Mode, Server
from .wrappers import WRAPPERS

_SHOWN = 4
# Beside the default one, as teams use them.
_USUAL = ("uvicorn", "granian", "gunicorn", "waitress", "hypercorn")


def pairs(stack: Stack, interface: Interface) -> Iterator[Stack]:
    """Every way to serve an app: each server and mode, directly and through each wrapper.

    Args:
        stack: the app; its server and options are kept where they fit.
        interface: what the app is.
    """
    ways: list[tuple[str | None, Interface]] = [(None, way) for way in (interface, *find_interface(interface).also)]
    ways += [(wrap, "asgi") for wrap in WRAPPERS if interface == "wsgi"]
    for name in server_names():
        server = find_server(name)
        assert server is not None, "a listed server exists"
        for wrap, served_as in ways:
            fitting = [mode for mode in server.modes if mode.interface == served_as and interface not in mode.spoils]
            for index, mode in enumerate(fitting):
                yield _served(stack, server, mode, wrap, named=index > 0 or mode.only_by_name)


def working_pairs(stack: Stack, interface: Interface) -> str:
    """A remedy that names the nearest notations that work: the same server first, then the wrapper asked for."""
    wanted = (stack.option("wrap") or next(iter(WRAPPERS)), None)
    usable = [pair for pair in pairs(stack, interface) if pair.option("wrap") in wanted]
    usable.sort(key=lambda pair: (pair.server != stack.server, pair.option("wrap") != stack.option("wrap")))
    return "what works: " + ", ".join(str(pair) for pair in usable[:_SHOWN])


def _served(stack: Stack, server: Server, mode: Mode, wrap: str | None, *, named: bool) -> Stack:
    known = {option.name for option in mode.options}
    same = server.name == stack.server
    options = {MODE_KEY: mode.name} if named else {}
    options |= {key: value for key, value in stack.server_options.items() if same and key in known}
    options |= {key: value for key, value in stack.options if key in STACK_KEYS and key != "wrap"}
    options |= {"wrap": wrap} if wrap else {}
    version = stack.server_version if same else None
    return stack.model_copy(
        update={"server": server.name, "server_version": version, "options": tuple(options.items())}
    )


def servers_for(stack: Stack, interface: Interface, packages: Collection[str]) -> list[Stack]:
    """Each server that serves an app, without a wrapper and in the first mode that fits: those it has first.

    Args:
        stack: the app.
        interface: what the app is.
        packages: normalised names of what is installed with the app.
    """
    first: dict[str, Stack] = {}
    for pair in pairs(stack, interface):
        if pair.server and not pair.option("wrap"):
            first.setdefault(pair.server, pair)
    default = find_interface(interface).server

    def order(name: str) -> tuple[bool, bool, int]:
        place = _USUAL.index(name) if name in _USUAL else len(_USUAL)
        return name not in packages, name != default, place

    return [first[name] for name in sorted(first, key=order)]
