"""webdyno: a dynamometer for Python web stacks."""

from importlib.metadata import version
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .api import Result, compare

__version__ = version("webdyno")
__all__ = ["Result", "__version__", "compare"]


def __getattr__(name: str) -> Any:
    # Loaded on first use, so that `webdyno --help` answers at once.
    if name in ("Result", "compare"):
        from . import api

        return getattr(api, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
