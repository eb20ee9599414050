"""The identifier of what is kept."""

from __future__ import annotations

import secrets
from datetime import datetime


def new_id(moment: datetime) -> str:
    """One that sorts by time and that nobody else makes."""
    return f"{moment:%Y%m%d-%H%M%S}-{secrets.token_hex(2)}"
