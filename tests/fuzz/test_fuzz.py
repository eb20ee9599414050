"""What `make fuzz` once found is tried again, and a little of what it tries."""

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings

from tests.fuzz.targets import SEEDS, TARGETS, check

FOUND = sorted(path for path in SEEDS.glob("*/*") if path.is_file())


@pytest.mark.parametrize("seed", FOUND, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_what_once_failed_holds(seed: Path, tmp_path: Path) -> None:
    check(seed.parent.name, seed.read_bytes(), tmp_path)


@pytest.mark.parametrize("name", sorted(TARGETS.keys() - {"server"}))
def test_a_few_inputs_hold(name: str, tmp_path_factory: pytest.TempPathFactory) -> None:
    @settings(max_examples=4, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
    @given(TARGETS[name].inputs())
    def holds(content: bytes) -> None:
        check(name, content, tmp_path_factory.mktemp(name))

    holds()
