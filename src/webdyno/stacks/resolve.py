"""From a parsed notation to a checked stack; decides only, touches nothing."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

from ..errors import NotationError
from ..model.fact import Fact
from ..model.notation import ParsedStack
from ..model.run import Interface, interface_name
from ..model.stack import STACK_KEYS
from .catalogue import app_names, find_app, find_interface, find_server, interface_names, server_names
from .entries import MODE_KEY, App, Mode, Server, Serving
from .pairs import working_pairs
from .url_stack import refuse_running
from .wrappers import WRAPPERS, Wrapper

HANDLERS = ("sync", "async")
"""How the handler of the workload `hello` is written, where a framework takes both: `def` or `async def`."""


class Resolved(NamedTuple):
    """A stack whose every part is known and fits.

    Attributes:
        app: the reference app, or None for the user's own.
        interface: what the app is; `served_as`: what the server is given, after a wrapper.
        server, mode: what serves it, and how.
        wrapper: what turns WSGI into ASGI, or None.
        options: the server's options with the defaults filled in.
        parts: the files of what is added to the app, by name, in the order written.
    """

    app: App | None
    interface: Interface
    served_as: Interface
    server: Server
    mode: Mode
    wrapper: Wrapper | None
    options: dict[str, str]
    parts: dict[str, Path]

    def arguments(self, target: str) -> tuple[str, ...]:
        """What follows the interpreter on the command line that serves `target`."""
        return self.server.arguments(Serving(target, self.mode, self.options))

    @property
    def notes(self) -> tuple[Fact, ...]:
        """What sets its server and wrapper apart from others."""
        return self.mode.notes + (self.wrapper.notes if self.wrapper else ())


def check_names(parsed: ParsedStack) -> None:
    """Check what can be checked before the app's interface is known.

    Raises:
        NotationError: at the app, server, version, wrapper or option that does not exist.
    """
    refuse_running(parsed)
    app = _app(parsed)
    _stack_keys(parsed, app)
    _parts(parsed, app)
    _wrapper(parsed)
    server = _server(parsed)
    if server:
        for name in parsed.stack.server_options:
            _known(parsed, name, server, server.modes)
        _named_modes(parsed, server)


def resolve(parsed: ParsedStack, interface: Interface | None = None) -> Resolved:
    """Look up every part, and check that they fit.

    Args:
        parsed: the notation.
        interface: what the user's own app is; not used for a reference app.

    Raises:
        NotationError: at the part that is unknown or does not fit, with what would work.
    """
    check_names(parsed)
    app = _app(parsed)
    own = app.interface if app else interface
    if own is None:
        raise ValueError("the interface of an own app must be given")
    wrapper = _wrapper(parsed)
    if wrapper and own != "wsgi":
        at = parsed.positions["key:wrap"]
        message = f"wrap serves WSGI apps as ASGI, and {parsed.stack.app} is not WSGI"
        raise NotationError(message, parsed.text, at, working_pairs(parsed.stack, own))
    ways: tuple[Interface, ...] = ("asgi",) if wrapper else (own, *find_interface(own).also)
    server = _server(parsed) or _existing_server(find_interface(ways[0]).server)
    served_as = next((way for way in ways if any(mode.interface == way for mode in server.modes)), ways[-1])
    mode = _mode(parsed, server, own, served_as)
    if own in mode.spoils:
        at = parsed.positions.get(f"value:{MODE_KEY}", parsed.positions.get("server", 0))
        message = f"{server.name} spoils the answers of {interface_name(own)} apps: {mode.spoils[own]}"
        raise NotationError(message, parsed.text, at, working_pairs(parsed.stack, own))
    options = _option_values(parsed, server, mode)
    return Resolved(app, own, served_as, server, mode, wrapper, options, _parts(parsed, app))


def _app(parsed: ParsedStack) -> App | None:
    stack = parsed.stack
    if stack.is_import_string:
        return None
    app = find_app(stack.app)
    if app is None:
        remedy = _suggest(stack.app, app_names(), "apps") + "; your own app is written MODULE:ATTRIBUTE"
        raise NotationError(f"there is no app {stack.app!r}", parsed.text, parsed.positions["app"], remedy)
    if stack.app_version and app.package is None:
        at = parsed.positions["app_version"]
        raise NotationError(f"{app.name} is no package and has no version", parsed.text, at, "leave out the == part")
    return app


def _server(parsed: ParsedStack) -> Server | None:
    name = parsed.stack.server
    if name is None:
        return None
    server = find_server(name)
    if server is None:
        remedy = _suggest(name, server_names(), "servers")
        raise NotationError(f"there is no server {name!r}", parsed.text, parsed.positions["server"], remedy)
    return server


def _existing_server(name: str) -> Server:
    server = find_server(name)
    assert server is not None, f"the default server {name} is in the catalogue"
    return server


def _stack_keys(parsed: ParsedStack, app: App | None) -> None:
    for key in ("app_dir", "config", "cwd", "interface"):
        if app and parsed.stack.option(key) is not None:
            at = parsed.positions[f"key:{key}"]
            remedy = f"leave it out, or name your app as MODULE:ATTRIBUTE in place of {app.name}"
            raise NotationError(f"{key} is for your own app; {app.name} is a reference app", parsed.text, at, remedy)
    _one_of(parsed, "interface", interface_names())
    handler = _one_of(parsed, "handler", HANDLERS)
    if handler and not (app and app.both_handlers):
        at = parsed.positions["key:handler"]
        message = f"handler chooses between def and async def; {parsed.stack.app} has not both"
        raise NotationError(message, parsed.text, at, "leave it out")


def _parts(parsed: ParsedStack, app: App | None) -> dict[str, Path]:
    text = parsed.stack.option("with")
    if text is None:
        return {}
    at = parsed.positions["value:with"]
    if app is None:
        message = "with adds parts to reference apps; your own app brings its own"
        raise NotationError(message, parsed.text, parsed.positions["key:with"], "leave it out")
    known, found = app.parts, dict[str, Path]()
    for name in text.split(","):
        if name not in known:
            raise NotationError(f"{app.name} has no part {name!r}", parsed.text, at, _suggest_part(name, app))
        if name in found:
            raise NotationError(f"the part {name!r} is given twice", parsed.text, at, "keep one of them")
        found[name] = known[name]
        at += len(name) + 1
    return found


def _suggest_part(wrong: str, app: App) -> str:
    having = [name for name in app_names() if (other := find_app(name)) and wrong in other.parts]
    elsewhere = f"apps that have it: {', '.join(having)}; " if having else ""
    return elsewhere + (_suggest(wrong, app.parts, "parts") if app.parts else f"{app.name} has none: leave out with=")


def _wrapper(parsed: ParsedStack) -> Wrapper | None:
    name = _one_of(parsed, "wrap", WRAPPERS)
    return WRAPPERS[name] if name else None


def _one_of(parsed: ParsedStack, key: str, allowed: Iterable[str]) -> str | None:
    value = parsed.stack.option(key)
    if value is not None and value not in (known := tuple(allowed)):
        at = parsed.positions[f"value:{key}"]
        raise NotationError(f"{key}={value} is not known", parsed.text, at, _suggest(value, known, "values"))
    return value


def _named_modes(parsed: ParsedStack, server: Server) -> list[Mode]:
    """The modes left by `worker_class`, all where it is not given."""
    names = tuple(dict.fromkeys(mode.name for mode in server.modes if mode.name))
    wanted = _one_of(parsed, MODE_KEY, names) if names else None
    return [mode for mode in server.modes if wanted in (None, mode.name)]


def _mode(parsed: ParsedStack, server: Server, own: Interface, served_as: Interface) -> Mode:
    stack = parsed.stack
    named = _named_modes(parsed, server)
    asked = stack.option(MODE_KEY)
    fitting = [mode for mode in named if mode.interface == served_as and (asked or not mode.only_by_name)]
    if fitting:
        options = {key for key in stack.server_options if key != MODE_KEY}
        return next((mode for mode in fitting if options <= {option.name for option in mode.options}), fitting[0])
    remedy = working_pairs(stack, own)
    if not asked and any(mode.interface == served_as for mode in named):
        at = parsed.positions["server"]
        message = f"{server.name} serves {interface_name(served_as)} apps by worker classes that must be named"
        raise NotationError(message, parsed.text, at, remedy)
    what = f"{server.name} with {MODE_KEY}={asked}" if asked else server.name
    serves = " and ".join(sorted({interface_name(mode.interface) for mode in named}))
    wrapped = f" under wrap={stack.option('wrap')}" if stack.option("wrap") else ""
    kind = interface_name(served_as) + ("" if served_as in ("wsgi", "asgi") else "'s own, neither WSGI nor ASGI")
    message = f"{what} serves {serves}, and {stack.app}{wrapped} is {kind}"
    at = parsed.positions.get(f"value:{MODE_KEY}", parsed.positions.get("server", 0))
    raise NotationError(message, parsed.text, at, remedy)


def _option_values(parsed: ParsedStack, server: Server, mode: Mode) -> dict[str, str]:
    given = {}
    for name, text in parsed.stack.server_options.items():
        if name == MODE_KEY and mode.name:
            continue
        _known(parsed, name, server, (mode,))
        option = next(option for option in mode.options if option.name == name)
        try:
            given[name] = option.kind.read(text)
        except ValueError as error:
            at = parsed.positions[f"value:{name}"]
            shown = text if len(text) <= 20 else text[:20] + "..."
            raise NotationError(f"{name}={shown} is not {error}", parsed.text, at, option.help) from None
    defaults = {option.name: option.default for option in mode.options if option.default is not None}
    return defaults | given


def _known(parsed: ParsedStack, name: str, server: Server, modes: tuple[Mode, ...]) -> None:
    known = {option.name: None for mode in modes for option in mode.options}
    known |= dict.fromkeys(MODE_KEY for mode in modes if mode.name)
    if name in known:
        return
    what = server.name
    if len(modes) == 1 and modes[0].name:
        what += f" with {MODE_KEY}={modes[0].name}"
    elif len(modes) == 1 < len(server.modes):
        what += f" for {interface_name(modes[0].interface)}"
    elsewhere = [mode for mode in server.modes if name in {option.name for option in mode.options}]
    remedy = _suggest(name, [*known, *STACK_KEYS], "options")
    if elsewhere:
        ways = dict.fromkeys(
            f"{MODE_KEY}={mode.name}" if mode.name else interface_name(mode.interface) for mode in elsewhere
        )
        remedy = f"{name} is for {' or '.join(ways)}; {remedy}"
    at = parsed.positions[f"key:{name}"]
    raise NotationError(f"{what} has no option {name!r}", parsed.text, at, remedy)


def _suggest(wrong: str, known: Iterable[str], kind: str) -> str:
    names = list(known)
    near = difflib.get_close_matches(wrong.lower(), names, n=1)
    return (f"did you mean {near[0]}? " if near else "") + f"known {kind}: {', '.join(names)}"
