"""Layer: a part of what a request costs."""

from __future__ import annotations

from typing import Literal, get_args

Layer = Literal["server", "wrapper", "framework", "handler", "parts"]
LAYERS: tuple[Layer, ...] = get_args(Layer)
"""From the socket upwards. The handler's is what `async def` costs beyond `def`: less than nothing where it saves."""
