"""A stack: what is measured, as the user names it."""

from __future__ import annotations

from urllib.parse import quote

from .base import Value

# Keys that shape the stack itself; every other key is an option of its server.
STACK_KEYS = ("app_dir", "cwd", "handler", "interface", "python", "with", "wrap")


class Stack(Value):
    """App + server + settings, as written: nothing here is looked up or checked against the catalogue.

    Attributes:
        app: name of a reference app (`flask`) or an import string (`shop.main:app`, `shop:create_app("prod")`).
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
        """True where `app` names the user's own code rather than a reference app."""
        return ":" in self.app

    @property
    def server_options(self) -> dict[str, str]:
        """The options meant for the server."""
        return {key: value for key, value in self.options if key not in STACK_KEYS}

    def option(self, key: str) -> str | None:
        """The value of one option, or None where it is not given."""
        return dict(self.options).get(key)

    def __str__(self) -> str:
        """The canonical notation; `parse_stack(str(stack)) == stack`."""
        text = self.app + (f"=={self.app_version}" if self.app_version else "")
        if self.server:
            text += f"@{self.server}" + (f"=={self.server_version}" if self.server_version else "")
        if self.options:
            text += "?" + "&".join(f"{key}={quote(value, safe=SAFE_IN_VALUES)}" for key, value in self.options)
        return text


SAFE_IN_VALUES = "/:.,;@=~!*()$'"
