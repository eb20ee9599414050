"""Values of options that several commands share."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from webdyno.cli.environment import Filler
from webdyno.cli.load_options import LoadOptions
from webdyno.cli.load_request import read_expected
from webdyno.cli.values import LARGEST_BODY, body_bytes
from webdyno.errors import UsageError


@pytest.mark.parametrize("content", [b"plain", "\u6771\u4eac".encode(), b"no UTF-8: \xff"])
def test_the_bytes_of_a_body_are_those_that_were_typed_or_are_in_the_file(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "body").write_bytes(content)
    for given in (os.fsdecode(content), f"@{tmp_path / 'body'}"):
        assert body_bytes(given, Filler({})) == content
        assert read_expected(LoadOptions(expect_body=given), Filler({})).body == content


def test_a_body_from_what_may_never_end_or_is_too_large_is_refused(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with (tmp_path / "large").open("wb") as file:
        file.truncate(LARGEST_BODY + 1)
    refusals = {"/dev/zero": "not a regular", tmp_path / "pipe": "not a regular", tmp_path / "large": "is larger than"}
    for path, why in refusals.items():
        with pytest.raises(UsageError, match=f"^--body .*{why}"):
            body_bytes(f"@{path}", Filler({}))
        with pytest.raises(UsageError, match=f"^--expect-body .*{why}"):
            read_expected(LoadOptions(expect_body=f"@{path}"), Filler({}))
