"""webdyno: a dynamometer for Python web stacks."""

from __future__ import annotations

# Not from `typing`, which takes longer than all that comes before signals are heard.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from .api import (
        ComparisonResult,
        DoctorResult,
        GateResult,
        InitResult,
        LoadInterrupted,
        LoadResult,
        Result,
        compare,
        doctor,
        explain,
        gate,
        init,
        load,
    )

    __version__: str

__all__ = [
    "ComparisonResult",
    "DoctorResult",
    "GateResult",
    "InitResult",
    "LoadInterrupted",
    "LoadResult",
    "Result",
    "__version__",
    "compare",
    "doctor",
    "explain",
    "gate",
    "init",
    "load",
]


def __getattr__(name: str) -> Any:
    # Loaded on first use, so that `webdyno --help` answers at once.
    if name == "__version__":
        from importlib.metadata import version

        return version("webdyno")
    if name in __all__:
        from . import api

        return getattr(api, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
