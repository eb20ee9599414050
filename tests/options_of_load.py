"""Options of `load` as they are typed."""

from __future__ import annotations

from collections.abc import Sequence

from webdyno.questions.environment import Filler
from webdyno.questions.option import checked, read_texts
from webdyno.questions.options import LoadOptions


def typed(filler: Filler | None = None, /, **texts: str | Sequence[str] | bool) -> LoadOptions:
    """Read and checked."""
    return checked(LoadOptions, dict(read_texts(LoadOptions, texts, filler or Filler({}))))
