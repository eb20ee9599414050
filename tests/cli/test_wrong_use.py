"""Wrong use ends in one or two lines with the remedy and exit code 2, before anything is started."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from .conftest import Call


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["compare", "flsk@gunicorn"], "flask"),
        (["compare", "flask@gunicorm"], "gunicorn"),
        (["compare", "flask@gunicorn?worker=2"], "workers"),
        (["compare", "flask@gunicorn?workers=many"], "workers"),
        (["compare", "flask@gunicorn?"], "option is missing"),
        (["compare", "fastapi@waitress"], "fastapi@uvicorn"),
        (
            ["compare", "url=http://127.0.0.1:8000/?token=s3cretword"],
            "header, from a file: --header @FILE; give a path",
        ),
        (["compare", "flask@gunicorn", "flask@gunicorn"], "twice"),
        (["compare", "--connections", "0"], "--connections 0"),
        (["compare", "--connections", "1000000"], "--connections 1000000"),
        (["compare", "--connections", "many"], "connections"),
        (["compare", "--rate", "-5"], "--rate -5"),
        (["compare", "--rate", "0"], "--rate 0"),
        (["compare", "--rate", "nan"], "--rate nan"),
        (["compare", "--rate", "1e12"], "--rate"),
        (["compare", "--duration", "0s"], "--duration 0"),
        (["compare", "--duration", "-1s"], "-1s"),
        (["compare", "--duration", "soon"], "soon"),
        (["compare", "--duration", "9h"], "--duration"),
        (["compare", "--timeout", "0s"], "--timeout"),
        (["compare", "--blocks", "0"], "--blocks 0"),
        (["compare", "--max-time", "1s"], "too short"),
        (["compare", "--precision", "3"], "write it as 3%"),
        (["compare", "--precision", "0%"], "--precision 0%"),
        (["compare", "--precision", "3%", "--blocks", "9"], "both say when to end"),
        (["compare", "flask@gunicorn", "--precision", "3%"], "second stack"),
        (["compare", "--quick", "--blocks", "3"], "--quick and --blocks both say when to end"),
        (["compare", "--quick", "--precision", "3%"], "--quick and --precision both say when to end"),
        (["compare", "flask@gunicorn", "--quick"], "second stack"),
        (["compare", "--quick", "--max-time", "1s"], "--max-time 1s is too short"),
        (["compare", "--metric", "speed"], "cpu_per_request"),
        (["compare", "--arrivals", "bursty"], "poisson"),
        (["compare", "--header", "no-colon"], "--header"),
        (["compare", "--header", "Bad Name: x"], "--header Bad"),
        (["compare", "--env", "=x"], "--env"),
        (["compare", "--body", "@missing-file"], "missing-file"),
        (["compare", "--path", "items"], "--path"),
        (["compare", "--header", "X: a\r\nY: b"], "--header X"),
        (["compare", "--header", "Transfer-Encoding: chunked"], "Transfer-Encoding may not be given"),
        (["compare", "--header", "content-length: 4", "--body", "hello"], "Content-Length is not 5"),
        (["compare", "--header", "Host: a", "--header", "host: b"], "Host is given 2 times"),
        (["gate", "--base", "flask", "--head", "quart", "--header", "Host: a b"], "names no host"),
        (["load", "http://127.0.0.1:1/", "--header", "X: a\nY: b"], "--header"),
        (["compare", "--path", "/a b"], "--path"),
        (["compare", "--path", ""], "--path"),
        (["compare", "--rate", "0.1"], "no request is due"),
        (["compare", "--rate", "900000", "--duration", "30s"], "20,000,000"),
        (["compare", "--html", "/"], "--html /"),
        (["compare", "--html", "/dev/null/report.html"], "--html /dev/null"),
        (["compare", "--json", "--markdown"], "one of them"),
        (["compare", "missing_module:app@uvicorn"], "missing_module"),
        (["compare", "shop:app@uvicorn", "--python", "no-such-python"], "no-such-python"),
        (["compare", "shop:app@uvicorn", "--app-dir", "no-such-folder"], "no-such-folder"),
        (["serve", "flsk"], "flask"),
        (["list", "wheels"], "servers"),
        (["runs"], "no results"),
        (["report"], "no results"),
        (["report", "missing.json"], "missing.json"),
    ],
)
def test_wrong_use_is_refused_with_the_remedy(call: Call, arguments: list[str], words: str) -> None:
    done = call(*arguments)
    assert done.returncode == 2, done.stderr
    assert words in done.stderr
    assert "Traceback" not in done.stderr
    assert done.stdout == ""


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("not json", "JSON"),
        ("[1, 2]", "not"),
        ('{"schema": 99, "id": "x"}', "newer"),
        ('{"schema": 1, "id": "x"}', "damaged"),
        ("", "JSON"),
    ],
)
def test_a_document_that_is_not_a_readable_result_is_refused(
    call: Call, in_folder: Path, content: str, words: str
) -> None:
    (in_folder / "result.json").write_text(content)
    done = call("report", "result.json")
    assert done.returncode == 2, done.stderr
    assert "Traceback" not in done.stderr
    assert len(done.stderr.strip().splitlines()) <= 4


def test_help_shows_every_command_with_examples(call: Call) -> None:
    done = call("--help")
    assert done.returncode == 0
    for command in ("compare", "serve", "list", "runs", "report"):
        assert command in done.stdout
        assert "Usage" in call(command, "--help").stdout


def test_the_version_is_printed(call: Call) -> None:
    assert call("--version").stdout.startswith("webdyno 0.")


@pytest.mark.parametrize("what", ["stacks", "servers", "apps"])
def test_the_catalogue_is_listed_as_text_and_as_json(call: Call, what: str) -> None:
    assert "gunicorn" in call("list", what).stdout or what == "apps"
    rows = json.loads(call("list", what, "--json").stdout)
    assert len(rows) >= 5
