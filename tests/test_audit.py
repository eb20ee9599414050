"""The audit of the lock files, with a pip-audit of our own in place of the real one and its database."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from .test_repository import LOCKS

AUDIT = Path(__file__).parents[1] / "requirements" / "audit.py"
CLEAN = {"name": "uv", "version": "1.0", "vulns": []}
HIT = {"name": "jinja2", "version": "3.1.2", "vulns": [{"id": "PYSEC-1", "fix_versions": ["3.1.3", "4.0"]}]}
UNKNOWN = {"name": "numpy", "skip_reason": "not found"}


def audited(folder: Path, program: str) -> subprocess.CompletedProcess[str]:
    (folder / "pip_audit.py").write_text(program)
    env = {**os.environ, "PYTHONPATH": str(folder)}
    return subprocess.run([sys.executable, str(AUDIT)], env=env, capture_output=True, text=True, timeout=60)


def finding(*packages: dict[str, Any]) -> str:
    return f"import json; print(json.dumps({ {'dependencies': packages}!r}))"


@pytest.mark.parametrize(
    ("program", "code", "said"),
    [
        (finding(CLEAN, UNKNOWN), 0, "in 0 of 2 locked packages; nothing is known of numpy"),
        (finding(CLEAN, HIT), 1, "jinja2 3.1.2: PYSEC-1, fixed in 3.1.3 or 4.0\nvulnerabilities: in 1 of 2"),
        (finding(UNKNOWN), 0, "NOT AUDITED: the package index has no database"),
        ("raise SystemExit('no route to the database')", 0, "NOT AUDITED: pip-audit cannot reach the database, or fa"),
    ],
)
def test_only_a_known_vulnerability_fails_and_what_is_not_known_is_said(
    tmp_path: Path, program: str, code: int, said: str
) -> None:
    done = audited(tmp_path, program)
    assert done.returncode == code, done.stderr
    assert said in done.stdout


def test_every_lock_file_is_audited_with_hashes(tmp_path: Path) -> None:
    listing = "import json, sys, pathlib\npathlib.Path(__file__).with_name('asked').write_text(json.dumps(sys.argv))\n"
    audited(tmp_path, listing + finding(CLEAN))
    asked = json.loads((tmp_path / "asked").read_text())
    locks = {Path(word).resolve() for word in asked if word.endswith(".txt")}
    assert locks == set(LOCKS)
    assert "--require-hashes" in asked
