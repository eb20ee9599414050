"""A stack: what is measured, as the user names it."""

from __future__ import annotations

from urllib.parse import quote

from .base import Value

URL = "url="
"""How the notation of a server that already runs begins; what follows is its URL."""

_LAST_PID = 2**31 - 1

# Keys that shape the stack itself; every other key is an option of its server.
STACK_KEYS = ("app_dir", "cwd", "handler", "interface", "python", "with", "wrap")


class Stack(Value):
    """App + server + settings, as written: nothing here is looked up or checked against the catalogue.

    Attributes:
        app: name of a reference app (`flask`), an import string (`shop.main:app`, `shop:create_app("prod")`), or
            `url=` and the URL of a server that already runs; its one option is `pid`.
        app_version: version pinned with `==`, or None for the catalogue's.
        server: name of a server, or None for the default of the app's interface.
        server_version: version pinned with `==`, or None for the catalogue's.
        options: key and value pairs in the order written, keys unique.
    """

    app: str
    app_version: str | None = None
    server: str | None = None
    server_version: str | None = None
    options: tuple[tuple[str, str], ...] = ()

    @property
    def is_import_string(self) -> bool:
        """True where `app` names the user's own code."""
        return self.url is None and ":" in self.app

    @property
    def is_reference(self) -> bool:
        """True where `app` names a reference app."""
        return ":" not in self.app

    @property
    def url(self) -> str | None:
        """Where a server that already runs is asked; None for what webdyno starts."""
        return self.app.removeprefix(URL) if self.app.startswith(URL) else None

    @property
    def pid(self) -> int | None:
        """The root of the process tree of a server that already runs, where it is given."""
        text = self.option("pid") if self.url is not None else None
        return read_pid(text) if text else None

    @property
    def is_seen(self) -> bool:
        """Whether its processes are known, so that CPU and memory can be measured."""
        return self.url is None or self.pid is not None

    @property
    def server_options(self) -> dict[str, str]:
        """The options meant for the server."""
        return {key: value for key, value in self.options if key not in STACK_KEYS}

    def option(self, key: str) -> str | None:
        """The value of one option, or None where it is not given."""
        return dict(self.options).get(key)

    def __str__(self) -> str:
        """The canonical notation; `parse_stack(str(stack)) == stack`."""
        if self.url is not None:
            return self.app + "".join(f",{key}={value}" for key, value in self.options)
        text = self.app + (f"=={self.app_version}" if self.app_version else "")
        if self.server:
            text += f"@{self.server}" + (f"=={self.server_version}" if self.server_version else "")
        if self.options:
            text += "?" + "&".join(f"{key}={quote(value, safe=SAFE_IN_VALUES)}" for key, value in self.options)
        return text


def read_pid(text: str) -> int | None:
    """A process id; None where it is none that a system could give."""
    is_number = text.isascii() and text.isdecimal() and len(text) <= len(str(_LAST_PID))
    return int(text) if is_number and 0 < int(text) <= _LAST_PID else None


SAFE_IN_VALUES = "/:.,;@=~!*()$'"
