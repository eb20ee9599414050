"""The command as a user runs it: a process of its own, in a folder of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def webdyno(tmp_path: Path) -> Run:
    """Run `webdyno ARGS` in a temporary folder and return what it printed."""

    def run(*arguments: str, **env: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "webdyno", *arguments],
            cwd=tmp_path,
            env={**os.environ, "COLUMNS": "80", **env},
            capture_output=True,
            text=True,
            timeout=120,
        )

    return run


@pytest.fixture
def in_folder(tmp_path: Path) -> Path:
    """The folder in which `webdyno` runs."""
    return tmp_path
