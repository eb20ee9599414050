"""Options that several commands share."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from .environment import Filler

APP_DIR = "Folder that your own apps (MODULE:NAME) are imported from; repeatable. [default: ., or ./src]"
START_TIMEOUT = "How long your app may take to be imported, and a server to its first response. [default: 30s]"
AppDir = Annotated[list[Path] | None, typer.Option(metavar="DIR", help=APP_DIR, show_default=False)]
Python = Annotated[
    Path | None, typer.Option(help="Interpreter of your own apps. [default: .venv of the project, or the active one]")
]
StartTimeout = Annotated[str, typer.Option(metavar="TIME", help=START_TIMEOUT, show_default=False)]
ENV_FORMS, HEADER_FORMS = "K=V|K|@FILE", "K:V|@FILE"
ENV = "Environment variable for the servers; repeatable. K alone is taken from here, @FILE holds lines K=V."
HEADER = "Request header, in place of ours if there is one, such as Host; repeatable. @FILE holds lines K: V."
Env = Annotated[list[str] | None, typer.Option(metavar=ENV_FORMS, help=ENV)]
StoreOption = Annotated[
    str,
    typer.Option(
        metavar="FILE|URL", help="Where results are kept.", callback=lambda text: Filler().fill(text, "--store")
    ),
]
DEFAULT_STORE = ".webdyno/results.db"
# More would be long to read in the help; a gate counts on from it.
MOST_SEED = 2**32 - 1


def option(
    group: str, metavar: str | None, text: str, *names: str, min: int | None = None, max: int | None = None, **more: Any
) -> Any:
    """An option in a group of the help, which says its default itself."""
    return typer.Option(
        *names, rich_help_panel=group, metavar=metavar, help=text, show_default=False, min=min, max=max, **more
    )
