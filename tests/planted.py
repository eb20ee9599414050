"""Planted secrets: all begin alike, so that one that leaks is found, and no other text looks like them."""

from __future__ import annotations

import base64
import re


def planted(text: str) -> set[str]:
    """The secrets in a text, also in the bodies that stand there in base64."""
    pieces = re.findall(r"[\w-]{12,}", text, re.ASCII)
    bodies = (base64.urlsafe_b64decode(piece[: len(piece) // 4 * 4]) for piece in pieces)
    return set(re.findall("planted-[a-z][a-z-]*", " ".join([text, *(body.decode("latin-1") for body in bodies)])))
