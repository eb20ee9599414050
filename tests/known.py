"""What webdyno's own engine tells of each load, where another load tool may not."""

from typing import TypeVar

T = TypeVar("T")


def known(value: T | None) -> T:
    assert value is not None
    return value
