"""What uv's complaints mean."""

from __future__ import annotations

import pytest

from webdyno.errors import EnvironmentFailed, NoRoom, Offline, WebdynoError
from webdyno.stacks.uv_tool import explain


@pytest.mark.parametrize(
    ("output", "kind", "words"),
    [
        ("error: Failed to write\n  cause: No space left on device (os error 28)", NoRoom, "disk is full"),
        ("error: Failed to fetch\n  cause: dns error: failed to lookup address", Offline, "cannot be reached"),
        ("error: Network connectivity is disabled, but the data wasn't in the cache", Offline, "cannot be reached"),
        ("  cause: Hash mismatch for `flask==3.1.3`", EnvironmentFailed, "flask==3.1.3 is not the one"),
        ("Because there is no version of fastapi==9 and you require", EnvironmentFailed, "fastapi==9 does not exist"),
        (
            "Because there is no version of uvicorn[standard]==1.9 and you require",
            EnvironmentFailed,
            "uvicorn==1.9 does not exist",
        ),
        ("x No solution found when resolving dependencies", EnvironmentFailed, "no set of versions fits"),
        ("error: something new", EnvironmentFailed, "cannot be installed"),
    ],
)
def test_each_complaint_becomes_an_error_with_a_remedy(output: str, kind: type[WebdynoError], words: str) -> None:
    error = explain(output, "fastapi==9 uvicorn[standard]==1.9")
    assert type(error) is kind
    assert words in error.message and error.remedy


def test_long_output_is_cut_and_passwords_are_left_out() -> None:
    output = "\n".join(f"line {number} " + "x" * 1000 for number in range(100))
    error = explain(output + "\nat https://user:secret@host/simple\n", "flask")
    assert len(error.details) == 6 and max(map(len, error.details)) <= 300
    assert error.details[-1] == "at https://user:***@host/simple"
