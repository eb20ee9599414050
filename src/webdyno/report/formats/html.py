"""A page with charts, which reads nothing from the network."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .format import Format

if TYPE_CHECKING:
    from ..result import ComparisonResult, LoadResult


def _comparison(result: ComparisonResult) -> str:
    from ..html.page import render

    return render(result.run, result.analysis, result.continued_by)


def _load(result: LoadResult) -> str:
    from ..load.plot import draw

    return draw([("now", result.run)], result.analysis, "html").decode()


FORMAT = Format("html", "a page with charts, to be read offline", ".html", {"comparison": _comparison, "load": _load})
