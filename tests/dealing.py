"""How pytest-xdist deals the tests out to its workers."""

from __future__ import annotations

import re
from collections.abc import Iterable

import pytest
from xdist.scheduler import LoadScopeScheduling

from webdyno.stacks.catalogue import app_names

FRAMEWORKS = {name.partition("-")[0] for name in app_names()}
# What takes longest comes first, so that no worker is left with it when the others are done.
LONGEST = ("tests/services/", "tests/cli/", "tests/stacks/", "tests/lab/")


class WholeFiles(LoadScopeScheduling):  # type: ignore[misc]
    """What a file starts is started once; what a framework's contract starts, once for all files of the contract."""

    def _split_scope(self, nodeid: str) -> str:
        path = nodeid.partition("::")[0]
        first = re.search(r"\[(\w+)", nodeid) if path.startswith("tests/services/") else None
        return first[1] if first and first[1] in FRAMEWORKS else path


def longest_first(items: Iterable[pytest.Item]) -> list[pytest.Item]:
    """Tests in the order in which they are dealt out."""

    def place(item: pytest.Item) -> int:
        return next((at for at, folder in enumerate(LONGEST) if item.nodeid.startswith(folder)), len(LONGEST))

    return sorted(items, key=place)
