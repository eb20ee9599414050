"""Parsing of the stack notation `APP[==VERSION][@SERVER[==VERSION]][?key=value&...]`, or `url=URL[,pid=N]`.

An import string may end in a call, `shop:create_app("prod")`; nothing inside its quotes has a meaning here.
"""

from __future__ import annotations

import re
from typing import NamedTuple
from urllib.parse import unquote

from ..errors import NotationError
from .call import CallError, canonical_arguments, end_of_call
from .secret_rules import Hide, mask, mask_text
from .stack import URL, Stack
from .target import shortened
from .url_notation import parse_url_stack

EXAMPLE = "for example flask@gunicorn?workers=2&threads=8 or shop.main:app@uvicorn"

_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_-]*")
# With dots, so that a module without an attribute is told as one.
_APP_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_-]*(\.[^\W\d]\w*)*")
_IMPORT_STRING = re.compile(r"[^\W\d]\w*(\.[^\W\d]\w*)*:[^\W\d]\w*(\.[^\W\d]\w*)*")
_VERSION = re.compile(r"[0-9][A-Za-z0-9.!+_-]*")
_KEY = re.compile(r"[A-Za-z][A-Za-z0-9_]*")
_ADDRESS = re.compile(rf"{URL}|(?=https?://)", re.IGNORECASE)
# For a URL this port is a password, and the server a host.
_PORT_AND_SERVER = re.compile(
    rf"{URL}https?://(?:\[[\da-f:.]+\]|[\w.-]+):\d{{1,5}}(?P<server>@[A-Za-z][\w-]*)(?:==[^/?#,@]*)?(?=[?,]|$)",
    re.IGNORECASE | re.ASCII,
)


class ParsedStack(NamedTuple):
    """A stack and where its parts stand in the text, so that later checks can point at them.

    `positions` maps `app`, `server`, `app_version`, `server_version`, `key:NAME` and `value:NAME` to an
    index into `text`.
    """

    stack: Stack
    text: str
    positions: dict[str, int]


def parse_stack(text: str) -> Stack:
    """Read a stack notation.

    Raises:
        NotationError: with the exact position of what cannot be read.
    """
    return parse_notation(text).stack


def parse_notation(text: str) -> ParsedStack:
    """Read a stack notation and keep the position of each part.

    Raises:
        NotationError: with the exact position of what cannot be read.
    """
    _refuse_secrets(text)
    if text.startswith(URL):
        stack, positions = parse_url_stack(text)
        return ParsedStack(stack, text, positions)
    if address := _ADDRESS.match(text):
        message = f"{address[0]} is no beginning of a stack" if address[0] else "a URL alone is no stack"
        remedy = f"a server that already runs is written {URL}{shortened(text[address.end() :])}"
        raise NotationError(message, shortened(text), 0, remedy)
    opened, closed = _call(text)
    arguments = _arguments(text, opened, closed)
    rest, question, query = text[closed:].partition("?")
    head = text[:opened] + rest
    app_part, at, server_part = head.partition("@")
    positions = {}
    if arguments and len(app_part) > opened:
        raise NotationError("only @SERVER or ?key=value can follow a call", text, closed, EXAMPLE)
    name, app_version = _named(text, app_part, 0, "app", positions)
    server = server_version = None
    skipped = closed - opened
    if at:
        server, server_version = _named(text, server_part, len(app_part) + 1 + skipped, "server", positions)
    options = _options(text, query, len(head) + 1 + skipped, positions) if question else ()
    app = name + arguments
    stack = Stack(app=app, app_version=app_version, server=server, server_version=server_version, options=options)
    return ParsedStack(stack, text, positions)


def masked_notation(text: str, hide: Hide = mask) -> str:
    """A notation without its secrets, which an older webdyno took; an app may be called `auth.Token:app`."""
    named = _IMPORT_STRING.match(text)
    app = named[0] if named else ""
    return app + mask_text(text.removeprefix(app), hide)


def _refuse_secrets(text: str) -> None:
    masked = masked_notation(text, lambda secret: "*" * len(secret))
    if chosen := _PORT_AND_SERVER.match(text):
        message = f"{chosen['server']} after a port would choose a server, and this one already runs"
        remedy = "leave it out; send credentials as a header, from a file: --header @FILE"
        raise NotationError(message, masked, chosen.start("server"), remedy)
    if masked != text:
        at = next(at for at, (shown, given) in enumerate(zip(masked, text, strict=True)) if shown != given)
        message = "a notation is the name that results are kept under, and no place for a secret"
        remedy = (
            "let the app read it from a variable: --env NAME takes it from your environment, --env @FILE from a file"
        )
        if _ADDRESS.match(text):
            remedy = (
                "send credentials as a header, from a file: --header @FILE; give a path with a secret in it as "
                "--path '/...${env.NAME}'"
            )
        raise NotationError(message, masked, at, remedy)


def _call(text: str) -> tuple[int, int]:
    """Where the call of an import string begins and ends, the same index twice where there is none."""
    named = _IMPORT_STRING.match(text)
    if not named or text[named.end() : named.end() + 1] != "(":
        return 0, 0
    try:
        return named.end(), end_of_call(text, named.end())
    except CallError as error:
        raise NotationError(str(error), text, error.offset, error.remedy) from None


def _arguments(text: str, opened: int, closed: int) -> str:
    try:
        return canonical_arguments(text[opened:closed]) if closed > opened else ""
    except CallError as error:
        raise NotationError(str(error), text, opened + error.offset, error.remedy) from None


def _named(text: str, part: str, start: int, what: str, positions: dict[str, int]) -> tuple[str, str | None]:
    name, pinned, version = part.partition("==")
    positions[what] = start
    if not name:
        raise NotationError(f"the {what} is missing", text, start, f"write it as APP@SERVER, {EXAMPLE}")
    own = _IMPORT_STRING if ":" in name else _APP_NAME
    pattern = own if what == "app" else _NAME
    _full(pattern, name, text, start, f"{name!r} is not a valid {what} name")
    if not pinned:
        return name, None
    version_at = start + len(name) + 2
    positions[f"{what}_version"] = version_at
    if ":" in name:
        raise NotationError("an import string has no version", text, version_at - 2, "leave out the == part")
    if not version:
        raise NotationError("a version is missing after ==", text, version_at, f"for example {name}==1.2.3")
    _full(_VERSION, version, text, version_at, f"{version!r} is not a version")
    return name, version


def _options(text: str, query: str, start: int, positions: dict[str, int]) -> tuple[tuple[str, str], ...]:
    options: dict[str, str] = {}
    at = start
    for pair in query.split("&"):
        key, equals, value = pair.partition("=")
        if not key:
            raise NotationError("an option is missing", text, at, "write options as ?key=value&key=value")
        _full(_KEY, key, text, at, f"{key!r} is not a valid option name")
        if not equals or not value:
            raise NotationError(f"the option {key!r} has no value", text, at + len(key), f"write {key}=VALUE")
        if key in options:
            raise NotationError(f"the option {key!r} is given twice", text, at, "keep one of them")
        positions[f"key:{key}"], positions[f"value:{key}"] = at, at + len(key) + 1
        options[key] = unquote(value)
        at += len(pair) + 1
    return tuple(options.items())


def _full(pattern: re.Pattern[str], part: str, text: str, start: int, message: str) -> None:
    match = pattern.match(part)
    end = match.end() if match else 0
    if end != len(part):
        raise NotationError(message, text, start + end, EXAMPLE)
