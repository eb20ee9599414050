"""A workload of another package, asked of an app that does it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.measured import assert_measured
from tests.other_package import install, webdyno_with

PLUGIN = """
from webdyno.model.workload import Request, Workload
from webdyno.stacks.entries import Integer
from webdyno.stacks.workloads import Parameter, ServiceWorkload

def double(values):
    n = int(values["n"])
    return Workload(request=Request(path=f"/double/{n}"), status=200, json_body=str(2 * n))

DOUBLE = ServiceWorkload("double", "twice a number", (Parameter("n", Integer(1, 99), "4", "the number"),), double)
WRONG = 3
"""
APP = """
def app(environ, start):
    body = str({factor} * int(environ["PATH_INFO"].rpartition("/")[2])).encode()
    start("200 OK", [("Content-Type", "application/json"), ("Content-Length", str(len(body)))])
    return [body]
"""
SHORT = ("--duration", "0.1s", "--warmup", "0.05s", "--blocks", "1", "--seed", "1", "-c", "2", "--metric", "memory")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """An installed package that adds workloads, and apps beside it."""
    (tmp_path / "right.py").write_text(APP.format(factor=2))
    (tmp_path / "wrong.py").write_text(APP.format(factor=3))
    names = "[webdyno.workloads]\ndouble = webdyno_double:DOUBLE\nhello = webdyno_double:WRONG\n"
    install(tmp_path, "webdyno-double", PLUGIN, names)
    return tmp_path


def test_it_is_asked_with_its_parameters_and_its_answers_are_checked(folder: Path) -> None:
    stacks = ("right:app@gunicorn", "wrong:app@gunicorn")
    done = webdyno_with(folder, "compare", *stacks, "--workload", "double?n=21", *SHORT, "--json", "--no-html", "-q")
    assert_measured(done, invalid=["wrong:app@gunicorn"])
    document = json.loads(done.stdout)
    assert document["experiment"]["workload"]["name"] == "double?n=21"
    assert document["experiment"]["workload"]["request"]["path"] == "/double/21"
    right = [trial for trial in document["trials"] if trial["stack"].startswith("right")]
    assert len(right) == 2
    assert all(trial["result"]["ok"] and not trial["failure"] for trial in right)
    (wrong,) = (trial for trial in document["trials"] if trial["stack"].startswith("wrong"))
    assert "63" in wrong["failure"]["text"] + " ".join(wrong["server_output"])


def test_it_is_listed_and_takes_no_name_of_webdynos_own(folder: Path) -> None:
    done = webdyno_with(folder, "list", "workloads", "--json")
    listed = {one["name"]: one for one in json.loads(done.stdout)}
    assert listed["double"]["summary"] == "twice a number"
    assert listed["hello"]["summary"] == "the least a service can do"


def test_a_value_out_of_its_range_is_refused(folder: Path) -> None:
    done = webdyno_with(folder, "compare", "right:app@gunicorn", "--workload", "double?n=100", *SHORT)
    assert done.returncode == 2
    assert "n=100 of the workload double" in done.stderr
