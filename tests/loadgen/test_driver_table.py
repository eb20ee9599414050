"""Which load tool can what, and what is said where one cannot."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from tests.other_package import install
from webdyno.errors import UsageError
from webdyno.loadgen.demand import of_job
from webdyno.loadgen.driver import ABILITIES, Ability
from webdyno.loadgen.drivers.table import driver_names, find_driver, refuse_beyond
from webdyno.loadgen.job import LoadJob
from webdyno.model.load import Burst, ClosedLoad, OpenLoad, Window
from webdyno.model.tls import Tls
from webdyno.model.workload import Expected, Request

JOB = LoadJob(host="127.0.0.1", port=80, load=ClosedLoad(), expected=Expected(status=None))
PLUGIN = """
from webdyno.loadgen.driver import Driver

CONSTANT = Driver("constant", "evenly", frozenset({"constant"}), lambda: "1", None)
WRONG = 3
"""


@pytest.fixture
def plugin(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An installed package that adds load tools."""
    names = (
        "[webdyno.drivers]\nconstant = webdyno_tools:CONSTANT\nwrong = webdyno_tools:WRONG\nwrk = webdyno_tools:WRONG\n"
    )
    install(tmp_path, "webdyno-tools", PLUGIN, names)
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.delitem(sys.modules, "webdyno_tools", raising=False)


@pytest.mark.parametrize("name", ["own", "wrk"])
def test_each_load_tool_is_found_under_its_own_name(name: str) -> None:
    assert find_driver(name).name == name


def test_the_own_engine_can_all_there_is() -> None:
    assert find_driver("own").abilities == set(ABILITIES)


def test_an_unknown_one_is_told_with_those_that_there_are(plugin: None) -> None:
    with pytest.raises(UsageError, match="--driver vgeta is unknown") as caught:
        find_driver("vgeta")
    assert caught.value.remedy == "one of: own, wrk, constant, wrong"


def test_a_package_adds_one_and_cannot_take_over_a_built_in_name(plugin: None) -> None:
    assert find_driver("constant").summary == "evenly"
    assert find_driver("wrk").name == "wrk"
    assert driver_names() == ["own", "wrk", "constant", "wrong"]


def test_a_broken_entry_names_its_package(plugin: None) -> None:
    with pytest.raises(UsageError, match=r"'wrong' .* of the package webdyno-tools .* is a int, not a webdyno Driver"):
        find_driver("wrong")


@pytest.mark.parametrize(
    ("change", "needed"),
    [
        ({}, set()),
        ({"keep_alive": False}, set()),
        ({"load": OpenLoad(rate=10)}, {"poisson"}),
        ({"load": OpenLoad(rate=10, arrivals="constant")}, {"constant"}),
        (
            {"load": OpenLoad(rate=10, arrivals="constant", profile=Burst(size=10, every_s=1))},
            {"constant", "profile"},
        ),
        ({"request": Request(method="HEAD")}, {"head"}),
        ({"request": Request(websocket=True)}, {"websocket"}),
        ({"expected": Expected(status=204)}, {"status"}),
        ({"expected": Expected(status=None, body=b"")}, {"bodies"}),
        ({"expected": Expected(status=None, json_values={"a": 1})}, {"bodies"}),
        ({"tls": Tls()}, {"tls"}),
        ({"unix_socket": "/run/app"}, {"unix-socket"}),
        ({"requests_per_connection": 1}, {"requests-per-connection"}),
        ({"window": Window(timeout_s=0.5)}, {"fractions"}),
        ({"window": Window(timeout_s=61)}, {"fractions"}),
    ],
)
def test_what_a_load_asks_of_its_tool(change: dict[str, object], needed: set[Ability]) -> None:
    job = JOB.model_copy(update=change)
    assert of_job(job, 1) == needed
    assert of_job(job, 2) == needed | {"processes"}
    wrk = find_driver("wrk")
    refuse_beyond(find_driver("own"), needed)
    if needed:
        with pytest.raises(UsageError, match="--driver wrk cannot do this: ") as caught:
            refuse_beyond(wrk, needed)
        assert all(ABILITIES[ability] in caught.value.message for ability in needed)
        assert "another --driver: own" in caught.value.remedy
    else:
        refuse_beyond(wrk, needed)


def test_the_remedy_names_every_tool_that_can_and_passes_over_what_cannot_be_loaded(plugin: None) -> None:
    with pytest.raises(UsageError) as caught:
        refuse_beyond(find_driver("wrk"), {"constant"})
    assert caught.value.remedy == "ask for less, or give another --driver: own, constant"
