"""The catalogue as Markdown; `python -m tools.catalogue_reference docs/stacks.md` writes it between the marks there."""

from __future__ import annotations

import re
import sys
from pathlib import Path

from webdyno.model.run import interface_name
from webdyno.stacks.listing import OptionRow, list_apps, list_servers

_BETWEEN = re.compile(r"(?<=<!-- catalogue -->\n).*(?=<!-- end of catalogue -->)", re.S)


def with_catalogue(document: str) -> str:
    """The document with what stands between its marks replaced by the catalogue."""
    return _BETWEEN.sub(lambda _: catalogue(), document)


def catalogue() -> str:
    """Tables of apps and servers, without versions: those are the lock file's, and `webdyno list` shows them."""
    lines = ["### Apps", "", "| name | interface | what it is | parts |", "|---|---|---|---|"]
    lines += [
        f"| `{app.name}` | {interface_name(app.interface)} | {app.summary} | {', '.join(app.parts)} |"
        for app in list_apps()
    ]
    lines += ["", "### Servers"]
    for server in list_servers():
        interfaces = " and ".join(interface_name(interface) for interface in server.interfaces)
        lines += ["", f"#### `{server.name}`", "", f"{_sentence(server.summary)} Serves {interfaces}.", ""]
        lines += ["| option | values | default | meaning |", "|---|---|---|---|"]
        lines += [_row(option) for option in server.options]
    return "\n".join(lines) + "\n"


def _row(option: OptionRow) -> str:
    default = f"`{option.default}`" if option.default else "the server's"
    only = f" (only {', '.join(option.only)})" if option.only else ""
    return f"| `{option.name}` | {option.values} | {default} | {option.help}{only} |"


def _sentence(text: str) -> str:
    return text[0].upper() + text[1:] + "."


if __name__ == "__main__":
    path = Path(sys.argv[1])
    path.write_text(with_catalogue(path.read_text()))
