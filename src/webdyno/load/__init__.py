"""What pushes: the load generators, ours and those of others.

Python gives the name `webdyno.load` to this package as soon as anything has imported it, and callers of
`webdyno.load()` mean the question. So the package can be called: it asks the question.
"""

from __future__ import annotations

import sys
from types import ModuleType
from typing import Any


class _Room(ModuleType):
    def __call__(self, *args: Any, **options: Any) -> Any:
        # The package above finds it on first use, and is imported by then; nothing here depends on it.
        return sys.modules["webdyno"].__getattr__("load")(*args, **options)


sys.modules[__name__].__class__ = _Room
