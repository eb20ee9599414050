"""What looks like a part of a stack that webdyno starts, in the notation of a server that already runs."""

from __future__ import annotations

import pytest

from webdyno.errors import NotationError, UsageError
from webdyno.model.notation import parse_notation
from webdyno.stacks.layers import layered
from webdyno.stacks.prepare import check
from webdyno.stacks.resolve import resolve


@pytest.mark.parametrize(
    ("text", "at"),
    [
        ("url=http://h/?workers=2", "workers"),
        ("url=http://h/?a=1&with=gzip", "with"),
        ("url=http://h/,python=3.12", "python"),
        ("url=http://h/?app_dir=x,pid=7", "app_dir"),
        ("url=http://h/?pid=7", "pid"),
        ("url=http://h/@uvicorn", "@uvicorn"),
        ("url=http://h/@gunicorn==23.0?a=1", "@gunicorn"),
    ],
)
def test_it_is_refused_where_it_stands_and_the_path_has_a_way(text: str, at: str) -> None:
    with pytest.raises(NotationError) as refused:
        check(parse_notation(text))
    assert refused.value.position == text.index(at)
    assert "already run" in refused.value.message and "--path" in refused.value.remedy


@pytest.mark.parametrize("text", ["url=http://h/@ann/posts", "url=http://h/?q=workers&page=2", "url=http://h/a==b,c"])
def test_a_path_of_the_servers_own_is_taken(text: str) -> None:
    check(parse_notation(text))


def test_there_is_nothing_to_start_or_to_take_apart() -> None:
    parsed = parse_notation("url=http://h/")
    with pytest.raises(NotationError, match="already runs"):
        resolve(parsed)
    with pytest.raises(UsageError, match="already runs"):
        layered(parsed)
