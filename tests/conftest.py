"""Settings that every test shares."""

import os
import signal
import sys
from collections.abc import Iterator, Sequence
from typing import Any

import pytest
from hypothesis import settings

from webdyno.stacks import environments
from webdyno.stacks.uv_tool import call_uv

from .dealing import WholeFiles, longest_first

# Deadlines measure the machine, not the code: this one is shared and noisy.
settings.register_profile("webdyno", deadline=None)
settings.load_profile("webdyno")

# Output is buffered for most users: only then do writes fail as late as Python's end.
os.environ.pop("PYTHONUNBUFFERED", None)
# The hundreds of processes that are started here need not compile everything anew.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
sys.dont_write_bytecode = False

# What starts this in the background ignores Ctrl-C on its behalf, and so would every process that a test starts. Only a
# closed terminal stays ignored, or else nohup would be of no use: see the fixture `hears_hang_ups`.
signal.signal(signal.SIGINT, signal.default_int_handler)
signal.signal(signal.SIGTERM, signal.SIG_DFL)


@pytest.fixture(scope="session", autouse=True)
def _environments_compile_what_they_run() -> Iterator[None]:
    """To copy and compile it takes ten times as long as to link it, and a new home has a hundred to make."""

    def call(arguments: Sequence[str], **how: Any) -> None:
        linked = ["hardlink" if one == "copy" else one for one in arguments if one != "--compile-bytecode"]
        call_uv(linked, **how)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(environments, "call_uv", call)
        yield


@pytest.fixture
def hears_hang_ups() -> Iterator[None]:
    """For a test that SIGHUP must reach, also where it runs under nohup."""
    before = signal.signal(signal.SIGHUP, signal.SIG_DFL)
    yield
    signal.signal(signal.SIGHUP, before)


# pytest-xdist's own groups are no longer heard of by pytest 9.2, and were dealt out test by test.
@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> WholeFiles | None:
    """Where tests run side by side, those of one stack or else of one file stay together, and share what they start."""
    if config.getvalue("dist") != "loadfile":
        return None
    config.option.loadscopereorder = False
    return WholeFiles(config, log)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """The workers of pytest-xdist begin with what takes longest."""
    if hasattr(config, "workerinput"):
        items[:] = longest_first(items)
