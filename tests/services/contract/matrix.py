"""Which stacks are held to the contract, and which parts of it each app has."""

from __future__ import annotations

import json
from typing import NamedTuple

from webdyno.stacks.catalogue import APPS, find_app, find_interface
from webdyno.stacks.entries import SERVICES

CONTRACT = SERVICES / "contract"
TOLD = {
    name: entry for file in SERVICES.glob("*/contract.json") for name, entry in json.loads(file.read_text()).items()
}
DECLARED: dict[str, dict[str, object]] = {name: TOLD[name] for name in APPS}
ADDED = {name: tuple(app.parts) for name in DECLARED if (app := find_app(name))}
"""The parts that `with=` adds to each app."""
WRAPS = ("asgiref", "a2wsgi")


class Held(NamedTuple):
    """A stack and the parts that it must have; those it has not must answer 404."""

    notation: str
    parts: tuple[str, ...]


def held() -> list[Held]:
    """Every declared app on the default server of each interface, Flask under each wrapper, and what a part needs."""
    found = []
    for name, entry in DECLARED.items():
        app = find_app(name)
        assert app, f"{name} is in the catalogue"
        only: dict[str, dict[str, list[str]]] = entry.get("only", {})  # type: ignore[assignment]
        has = tuple(part for part in entry["has"] if part not in only)  # type: ignore[attr-defined]
        found.append(Held(name, has))
        found += [Held(f"{name}@{find_interface(also).server}", has) for also in find_interface(app.interface).also]
        found += [Held(f"{name}?wrap={wrap}", has) for wrap in WRAPS if name == "flask"]
        for part, where in only.items():
            found += [Held(notation, (*has, part)) for notation in where["stacks"]]
    return found
