"""Where the plot of a load is to be written."""

from __future__ import annotations

import os
from pathlib import Path

from ...errors import UsageError
from ...units import printable

PLOTS = (".svg", ".png", ".html")


def check_plot(path: Path | None) -> None:
    """Refuse a plot that cannot be written before anything is measured.

    Raises:
        UsageError: its name does not end in one of the known kinds, or its place takes no file.
    """
    if path is None:
        return
    name = f"--plot {printable(str(path))}"
    if path.suffix.lower() not in PLOTS:
        raise UsageError(f"{name} is of no known kind", f"end it in {', '.join(PLOTS)}")
    try:
        if path.is_dir():
            raise UsageError(f"{name} is a folder", "give a file")
        # Missing folders are made.
        folder = next(folder for folder in path.resolve().parents if folder.exists())
        writable = folder.is_dir() and os.access(folder, os.W_OK | os.X_OK)
    except (OSError, ValueError) as error:
        raise UsageError(f"{name} cannot be written: {error}", "give another place") from error
    if not writable:
        where = f"{printable(str(folder))} is no folder that you may write to"
        raise UsageError(f"{name} cannot be written: {where}", "give another place")
