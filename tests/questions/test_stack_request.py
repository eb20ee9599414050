"""What is asked of the stacks where some of them are URLs."""

from __future__ import annotations

from typing import Any

import pytest

from webdyno.errors import UsageError
from webdyno.model.notation import parse_notation
from webdyno.questions.option import checked
from webdyno.questions.options import CompareOptions
from webdyno.questions.stack_request import workload_of


def asked(*stacks: str, **options: Any) -> tuple[str, str]:
    """Name and path of the workload."""
    workload = workload_of([parse_notation(one) for one in stacks], checked(CompareOptions, options))
    return workload.name, workload.request.path


@pytest.mark.parametrize(
    ("stacks", "options", "found"),
    [
        (("flask", "fastapi"), {}, ("hello", "/")),
        (("url=http://a/",), {}, ("own request", "/")),
        (("flask", "url=http://a/"), {}, ("own request", "/")),
        (("url=http://a:1/x?q=1", "url=http://b:2/x?q=1"), {}, ("own request", "/x?q=1")),
        (("shop:app", "url=http://a/x"), {}, ("own request", "/x")),
        (("url=http://a/", "url=http://b/"), {"path": "/y"}, ("own request", "/y")),
        (("url=http://a/y", "url=http://b/"), {"path": "/y"}, ("own request", "/y")),
        (("url=http://a/", "flask"), {"workload": "hello"}, ("hello", "/")),
        (("url=http://a/", "flask"), {"workload": "cpu"}, ("cpu", "/cpu?units=1&mode=inline")),
    ],
)
def test_the_path_is_that_of_the_urls_or_the_one_that_is_given(
    stacks: tuple[str, ...], options: dict[str, Any], found: tuple[str, str]
) -> None:
    assert asked(*stacks, **options) == found


@pytest.mark.parametrize(
    ("stacks", "options"),
    [
        (("url=http://a/x", "url=http://b/y"), {}),
        (("url=http://a/x", "url=http://b/"), {}),
        (("url=http://a/x",), {"path": "/y"}),
        (("url=http://a/x",), {"workload": "hello"}),
    ],
)
def test_urls_that_name_another_path_are_refused(stacks: tuple[str, ...], options: dict[str, Any]) -> None:
    with pytest.raises(UsageError, match="the same path") as refused:
        asked(*stacks, **options)
    assert "--path" in refused.value.remedy
