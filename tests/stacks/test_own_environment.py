"""What a checkout says that it needs, read without trust."""

from __future__ import annotations

from pathlib import Path

import pytest

from webdyno.errors import EnvironmentFailed
from webdyno.stacks.own_environment import find_requirements


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"a = " + b"[" * 5000, "nested too deeply"),
        (b"a = 1\n#" + b"-" * 4_000_000, "larger than 4.00 MB"),
        (b'[project]\nname = "\xff"', "can't decode byte 0xff"),
        (b"[project", "cannot be read"),
    ],
    ids=["deep", "large", "no-utf-8", "no-toml"],
)
def test_a_project_that_cannot_be_read_is_refused_with_the_reason(tmp_path: Path, content: bytes, why: str) -> None:
    (tmp_path / "pyproject.toml").write_bytes(content)
    with pytest.raises(EnvironmentFailed, match=why):
        find_requirements(tmp_path)
