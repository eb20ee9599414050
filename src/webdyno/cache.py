"""Where is kept what can be made again at any time."""

from __future__ import annotations

import os
from pathlib import Path


def cache_folder() -> Path:
    """The folder: `$WEBDYNO_CACHE`, else `webdyno` in the XDG cache.

    Raises:
        RuntimeError: the user has no home.
    """
    if own := os.environ.get("WEBDYNO_CACHE"):
        return Path(own).absolute()
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache").absolute() / "webdyno"
