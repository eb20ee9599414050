"""Values of options that several commands share."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.options_of_load import typed
from webdyno.errors import UsageError
from webdyno.questions.environment import Filler
from webdyno.questions.load.request import read_expected
from webdyno.questions.values import LARGEST_BODY, body_bytes


@pytest.mark.parametrize("content", [b"plain", "\u6771\u4eac".encode(), b"no UTF-8: \xff"])
def test_the_bytes_of_a_body_are_those_that_were_typed_or_are_in_the_file(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "body").write_bytes(content)
    for given in (os.fsdecode(content), f"@{tmp_path / 'body'}"):
        assert body_bytes(given, Filler({})) == content
        assert read_expected(typed(expect_body=given)).body == content


def test_a_body_from_what_may_never_end_or_is_too_large_is_refused(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with (tmp_path / "large").open("wb") as file:
        file.truncate(LARGEST_BODY + 1)
    refusals = {"/dev/zero": "not a regular", tmp_path / "pipe": "not a regular", tmp_path / "large": "is larger than"}
    for path, why in refusals.items():
        with pytest.raises(UsageError, match=f"^--body .*{why}"):
            body_bytes(f"@{path}", Filler({}))
        with pytest.raises(UsageError, match=f"^--expect-body .*{why}"):
            typed(expect_body=f"@{path}")
