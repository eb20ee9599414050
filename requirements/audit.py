"""Hold the lock files against the database of known vulnerabilities: `python requirements/audit.py`, or `make audit`.

Exit code 1 where a locked version has one. Where the database cannot be reached nothing is known: that is said, and is
no failure, so that a machine without it can build. A package index of one's own may have no database either.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
# The first is the shortest: it tells whether there is a database at all.
LOCKS = (
    HERE / "bootstrap.txt",
    HERE / "run.txt",
    HERE / "dev.txt",
    HERE.parent / "src/webdyno/services/requirements.txt",
)
WITHIN_S = 600


class NotAudited(Exception):
    """Nothing is known, and why."""


def main() -> int:
    """Tell what is known; the exit code."""
    try:
        audit(LOCKS[:1])
        packages = audit(LOCKS)
    except NotAudited as error:
        sys.stdout.write(f"vulnerabilities: NOT AUDITED: {error}\n")
        return 0
    hit = [package for package in packages if package.get("vulns")]
    for package in hit:
        for vulnerability in package["vulns"]:
            fixed = " or ".join(vulnerability["fix_versions"]) or "no version yet"
            sys.stdout.write(f"{package['name']} {package['version']}: {vulnerability['id']}, fixed in {fixed}\n")
    skipped = [package["name"] for package in packages if "skip_reason" in package]
    unknown = f"; nothing is known of {', '.join(skipped)}" if skipped else ""
    sys.stdout.write(f"vulnerabilities: in {len(hit)} of {len(packages)} locked packages{unknown}\n")
    return 1 if hit else 0


def audit(locks: Sequence[Path]) -> list[dict[str, Any]]:
    """What pip-audit finds, package by package.

    Raises:
        NotAudited: it finds out nothing of any of them.
    """
    options = ["--disable-pip", "--require-hashes", "--progress-spinner", "off", "--format", "json"]
    named = [part for lock in locks for part in ("--requirement", str(lock))]
    command = [sys.executable, "-m", "pip_audit", *options, *named]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=WITHIN_S, check=False)
        packages: list[dict[str, Any]] = json.loads(done.stdout)["dependencies"]
    except subprocess.TimeoutExpired:
        raise NotAudited(f"the database did not answer within {WITHIN_S} s") from None
    except ValueError:
        said = done.stderr.strip().splitlines() or ["nothing"]
        raise NotAudited(f"pip-audit cannot reach the database, or failed; it said: {said[-1][:300]}") from None
    if all("skip_reason" in package for package in packages):
        raise NotAudited("the package index has no database of vulnerabilities")
    return packages


if __name__ == "__main__":
    sys.exit(main())
