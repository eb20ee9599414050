"""The dependencies by name: webdyno's own, and those of other packages in the group `webdyno.dependencies`."""

from __future__ import annotations

from ..errors import UsageError
from ..plugins import find, names
from ..units import printable
from .dependency import Dependency

DEPENDENCIES = {"upstream": "webdyno.dependencies.upstream:DEPENDENCY"}
_GROUP = "webdyno.dependencies"


def dependency_names() -> list[str]:
    """The names of all dependencies, webdyno's own first."""
    return names(DEPENDENCIES, _GROUP)


def find_dependency(name: str) -> Dependency:
    """The dependency of that name.

    Raises:
        UsageError: there is none, or another package's entry cannot be loaded.
    """
    found = find(name, DEPENDENCIES, _GROUP, Dependency)
    if found is None:
        raise UsageError(
            f"the workload needs the dependency {printable(name):.60}, which is unknown",
            f"install the package that adds it; known are: {', '.join(dependency_names())}",
        )
    return found
