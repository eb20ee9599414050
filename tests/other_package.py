"""A package of somebody else that adds to webdyno, as it lies in a folder once it is installed."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from tests.cli.conftest import Done


def install(folder: Path, name: str, module: str, entry_points: str) -> None:
    """Put a package into a folder.

    Args:
        folder: made where it is missing.
        name: of the package, such as `webdyno-csv`; its one module is called alike.
        module: the source of that.
        entry_points: the content of `entry_points.txt`.
    """
    called = name.replace("-", "_")
    info = folder / f"{called}-1.0.dist-info"
    info.mkdir(parents=True)
    (folder / f"{called}.py").write_text(module)
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text(entry_points)


def webdyno_with(folder: Path, *arguments: str) -> Done:
    """A command in that folder, where its packages are found."""
    done = subprocess.run(
        [sys.executable, "-m", "webdyno", *arguments],
        cwd=folder,
        env=os.environ | {"PYTHONPATH": str(folder)},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    return Done(done.returncode, done.stdout, done.stderr, folder)
