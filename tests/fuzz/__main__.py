"""`make fuzz`: try what nobody would write for some minutes, and keep what fails as a seed of the tests."""

from __future__ import annotations

import argparse
import hashlib
import resource
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

from hypothesis import HealthCheck, Phase, given, settings

from tests.fuzz import documents
from tests.fuzz.targets import SEEDS, TARGETS, check

MOST_MEMORY = 4 << 30


def main() -> int:
    """Go through the targets in turn until the time is over, or something fails."""
    parser = argparse.ArgumentParser(prog="make fuzz", description=__doc__)
    parser.add_argument("--seconds", type=float, default=180.0, help="for how long (default: 180)")
    parser.add_argument("--target", choices=sorted(TARGETS), action="append", help="only this one; repeatable")
    asked = parser.parse_args()
    # The library of the charts reserves far more than it uses.
    documents.warm_up()
    # Beyond it Python itself raises MemoryError: a finding like any other.
    resource.setrlimit(resource.RLIMIT_AS, (MOST_MEMORY, resource.getrlimit(resource.RLIMIT_AS)[1]))
    names = asked.target or sorted(TARGETS)
    ends, tried = time.monotonic() + asked.seconds, Counter[str]()
    while time.monotonic() < ends:
        for name in names:
            failed = _try(name, ends, tried)
            if failed is not None:
                print(f"{name} fails with {failed}, which the tests try from now on")
                return 1
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> 10
    print(f"nothing found, at most {peak} MiB used: " + ", ".join(f"{name} {tried[name]:,}" for name in names))
    return 0


def _try(name: str, ends: float, tried: Counter[str]) -> Path | None:
    """The file with the smallest input that fails; None where none does."""
    failing = b""

    @settings(
        max_examples=TARGETS[name].examples,
        deadline=None,
        database=None,
        report_multiple_bugs=False,
        phases=(Phase.generate, Phase.shrink),
        suppress_health_check=list(HealthCheck),
    )
    @given(TARGETS[name].inputs())
    def holds(content: bytes) -> None:
        nonlocal failing
        if time.monotonic() > ends:
            return
        tried[name] += 1
        try:
            with tempfile.TemporaryDirectory() as folder:
                check(name, content, Path(folder))
        except BaseException:
            failing = content
            raise

    try:
        holds()
    except Exception as error:  # noqa: BLE001 - whatever it is, it is the finding
        seed = SEEDS / name / hashlib.sha256(failing).hexdigest()[:12]
        seed.parent.mkdir(parents=True, exist_ok=True)
        seed.write_bytes(failing)
        sys.excepthook(type(error), error, error.__traceback__)
        return seed
    return None


if __name__ == "__main__":
    sys.exit(main())
