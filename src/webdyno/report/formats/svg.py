"""A picture: how the times of a load are distributed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .format import Format

if TYPE_CHECKING:
    from ..result import LoadResult


def _load(result: LoadResult) -> str:
    from ..load.plot import draw

    return draw([("now", result.run)], result.analysis, "svg").decode()


FORMAT = Format("svg", "the percentiles of a load as a picture", ".svg", {"load": _load})
