"""Vega, Vega-Lite and Vega-Embed as one script, which draws the charts of a page."""

from __future__ import annotations

from contextlib import suppress
from functools import cache
from importlib.metadata import version
from pathlib import Path

import vl_convert

from ..cache import cache_folder
from ..private_files import replace_file


@cache
def chart_library() -> str:
    """The script, which sets `window.vegaEmbed`; it is bundled once for each version of vl-convert, and then kept."""
    # Bundling takes two seconds; where nothing can be kept they are lost each time, and nothing else is.
    with suppress(OSError, RuntimeError):
        return _kept().read_text(encoding="utf-8")
    made = vl_convert.javascript_bundle("window.vegaEmbed = vegaEmbed;")
    with suppress(OSError, RuntimeError):
        replace_file(made.encode(), _kept())
    return made


def _kept() -> Path:
    return cache_folder() / f"vega-embed-of-vl-convert-{version('vl-convert-python')}.js"
