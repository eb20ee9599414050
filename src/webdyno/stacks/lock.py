"""The lock file: which version of each package every environment gets, and the hashes it must have."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

from .entries import SERVICES

LOCK = SERVICES / "requirements.txt"

_PIN = re.compile(r"^(?P<name>[A-Za-z0-9._-]+)==(?P<version>[^\s;\\]+)(?:\s*;\s*(?P<marker>[^\\]+?))?\s*\\?$", re.M)


class Pin(NamedTuple):
    """One locked version.

    Attributes:
        version: exact version.
        marker: the environments it is for, empty for all.
    """

    version: str
    marker: str


def canonical(requirement: str) -> str:
    """The normalised package name of a requirement such as `uvicorn[standard]==0.30` (PEP 503)."""
    name = re.split(r"[\[=<>!~;\s]", requirement, maxsplit=1)[0]
    return re.sub(r"[-_.]+", "-", name).lower()


def locked_pins(lock: Path = LOCK) -> dict[str, list[Pin]]:
    """The locked versions of each package; several where they depend on the platform or Python."""
    pins: dict[str, list[Pin]] = {}
    for match in _PIN.finditer(lock.read_text()):
        pins.setdefault(canonical(match["name"]), []).append(Pin(match["version"], match["marker"] or ""))
    return pins


def default_version(package: str, pins: dict[str, list[Pin]]) -> str | None:
    """What the lock gives for a package, for showing; None where it is not locked."""
    return " or ".join(pin.version for pin in pins.get(canonical(package), ())) or None


def pinned(requirements: Iterable[str], pins: dict[str, list[Pin]]) -> list[str] | None:
    """The requirements with their locked versions, or None where one is not in the lock or has a version of its own."""
    lines = []
    for requirement in requirements:
        if "==" in requirement or canonical(requirement) not in pins:
            return None
        for pin in pins[canonical(requirement)]:
            lines.append(f"{requirement}=={pin.version}" + (f" ; {pin.marker}" if pin.marker else ""))
    return lines
