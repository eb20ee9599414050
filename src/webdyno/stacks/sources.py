"""What an app is made of, so that a change of it is seen."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable
from pathlib import Path

from ..bounded_file import read_bounded
from ..errors import UsageError

LARGEST = 4 * 1024 * 1024
_DIGEST_BYTES = 8


def digests(files: Iterable[Path], folder: Path) -> dict[str, str]:
    """A digest of each file by its path from a folder, but for those that cannot be read, or are very large."""
    found = {}
    for file in sorted(files):
        try:
            content = read_bounded(file, LARGEST, str(file))
        except UsageError:
            continue
        found[os.path.relpath(file, folder)] = hashlib.blake2b(content, digest_size=_DIGEST_BYTES).hexdigest()
    return found
