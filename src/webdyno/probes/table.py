"""The probes by name: webdyno's own, and those of other packages in the entry-point group `webdyno.probes`."""

from __future__ import annotations

from collections.abc import Iterable

from ..errors import UsageError
from ..plugins import find, names
from ..units import printable
from .probe import Probe

OWN = {"resources": "webdyno.probes.monitor:PROBE"}
"""Those that watch every trial."""
_GROUP = "webdyno.probes"


def probe_names() -> list[str]:
    """The names of all probes, webdyno's own first."""
    return names(OWN, _GROUP)


def find_probe(name: str) -> Probe:
    """The probe of that name.

    Raises:
        UsageError: there is none, or another package's entry cannot be loaded.
    """
    found = find(name, OWN, _GROUP, Probe)
    if found is None:
        raise UsageError(f"--probe {printable(name):.60} is unknown", f"one of: {', '.join(probe_names())}")
    return found


def asked_probes(asked: Iterable[str]) -> dict[str, Probe]:
    """Those that were asked for by name, but for those that watch in any case.

    Raises:
        UsageError: as in `find_probe`.
    """
    return {name: find_probe(name) for name in asked if name not in OWN}
