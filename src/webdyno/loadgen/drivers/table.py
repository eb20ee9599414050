"""The load tools by name: webdyno's own, and those of other packages in the entry-point group `webdyno.drivers`."""

from __future__ import annotations

from collections.abc import Collection

from ...errors import UsageError
from ...plugins import find, names
from ...units import printable
from ..driver import ABILITIES, Ability, Driver

DRIVERS = {
    "own": "webdyno.loadgen.drivers.own:DRIVER",
    "wrk": "webdyno.loadgen.drivers.wrk:DRIVER",
}
_GROUP = "webdyno.drivers"


def driver_names() -> list[str]:
    """The names of all load tools, webdyno's own first."""
    return names(DRIVERS, _GROUP)


def find_driver(name: str) -> Driver:
    """The load tool of that name.

    Raises:
        UsageError: there is none, or another package's entry cannot be loaded.
    """
    found = find(name, DRIVERS, _GROUP, Driver)
    if found is None:
        raise UsageError(f"--driver {printable(name):.60} is unknown", f"one of: {', '.join(driver_names())}")
    return found


def refuse_beyond(driver: Driver, needed: Collection[Ability]) -> None:
    """Refuse what a load tool cannot do, before anything is measured.

    Raises:
        UsageError: it lacks something that is asked for; the remedy says which one can.
    """
    missing = [what for ability, what in ABILITIES.items() if ability in needed and ability not in driver.abilities]
    if missing:
        able = ", ".join(name for name in driver_names() if _can(name, needed))
        raise UsageError(
            f"--driver {driver.name} cannot do this: {'; '.join(missing)}",
            f"ask for less, or give another --driver: {able}",
        )


def _can(name: str, needed: Collection[Ability]) -> bool:
    try:
        return find_driver(name).abilities.issuperset(needed)
    except UsageError:
        # What cannot be loaded can do nothing; asked for by name, it says why.
        return False
