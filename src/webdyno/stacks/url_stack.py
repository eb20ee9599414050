"""Notations of servers that already run, which bring all that webdyno would choose for a stack of its own."""

from __future__ import annotations

import re

from ..errors import NotationError
from ..model.notation import ParsedStack
from ..model.stack import STACK_KEYS
from .catalogue import find_server, server_names

_KEY = re.compile(r"(?<=[?&,])(?P<name>[A-Za-z_]\w*)=")
_SERVER = re.compile(r"@(?P<name>[A-Za-z][\w-]*)(?:==[^/?#]*)?(?=[?,]|$)")
_GIVE_PATH = "give the path with --path where it belongs to it"


def refuse_running(parsed: ParsedStack) -> None:
    """Refuse a server that already runs where one is to be started.

    Raises:
        NotationError: it is one.
    """
    if parsed.stack.url is not None:
        raise NotationError(
            "this server already runs: there is nothing to start or to take apart",
            parsed.text,
            0,
            "webdyno compare and webdyno gate measure it, and so does webdyno load",
        )


def check_running(parsed: ParsedStack) -> None:
    """Refuse what looks like a part of a notation and would be taken for a part of the URL.

    Raises:
        NotationError: at what shapes a stack that webdyno starts.
    """
    text = parsed.text[: parsed.positions["key:pid"] - 1] if parsed.stack.pid else parsed.text
    for key in _KEY.finditer(text):
        if key["name"] in _of_started():
            message = f"{key['name']}= is for a stack that webdyno starts, and this server already runs"
            raise NotationError(message, parsed.text, key.start("name"), f"leave it out; {_GIVE_PATH}")
    for server in _SERVER.finditer(text):
        if server["name"] in server_names():
            message = f"@{server['name']} chooses a server, and this one already runs"
            raise NotationError(message, parsed.text, server.start(), f"leave it out; {_GIVE_PATH}")


def _of_started() -> set[str]:
    """The keys that shape what webdyno starts."""
    servers = (found for name in server_names() if (found := find_server(name)))
    options = {option.name for server in servers for mode in server.modes for option in mode.options}
    return {*STACK_KEYS, *options, "worker_class", "pid"}
