"""The command as a user runs it, in a folder of its own."""

from __future__ import annotations

import base64
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from webdyno.cli import main


class Done(NamedTuple):
    """What a command printed, its exit code, and the folder in which it ran."""

    returncode: int
    stdout: str
    stderr: str
    folder: Path


Call = Callable[..., Done]
Run = Callable[..., Done]


@pytest.fixture
def webdyno(tmp_path: Path) -> Run:
    """Run `webdyno ARGS` as a process in a temporary folder, or another, and return what it printed."""

    def run(*arguments: str, cwd: Path = tmp_path) -> Done:
        done = subprocess.run(
            [sys.executable, "-m", "webdyno", *arguments],
            cwd=cwd,
            env={**os.environ, "COLUMNS": "80"},
            capture_output=True,
            text=True,
            timeout=120,
        )
        return Done(done.returncode, done.stdout, done.stderr, cwd)

    return run


@pytest.fixture
def call(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Call:
    """Run `webdyno ARGS` as well, but inside this process, which need not import everything for each."""
    monkeypatch.setenv("COLUMNS", "80")

    def run(*arguments: str, cwd: Path = tmp_path) -> Done:
        monkeypatch.chdir(cwd)
        monkeypatch.setattr(sys, "argv", ["webdyno", *arguments])
        with pytest.raises(SystemExit) as ended:
            main()
        return Done(int(ended.value.code or 0), *capsys.readouterr(), cwd)

    return run


@pytest.fixture
def in_folder(tmp_path: Path) -> Path:
    """The folder in which `webdyno` runs."""
    return tmp_path


def learned_bodies(record: dict[str, Any]) -> list[str]:
    """The bodies that a stack of a JSON document gave before the load."""
    return [base64.urlsafe_b64decode(example["body"]).decode() for example in record["expected"]["examples"]]
