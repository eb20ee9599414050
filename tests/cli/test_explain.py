"""`webdyno explain` end to end, on real servers under real load."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from pathlib import Path

import pytest

import webdyno as webdyno_package
from tests.factories import make_run
from webdyno.errors import UsageError
from webdyno.questions.analysed import result_of

from .conftest import Call

PAIR = ("bare-wsgi@gunicorn", "bare-wsgi@waitress")
QUICK = ("-d", "0.3s", "--warmup", "0.1s", "-c", "4", "--seed", "7")


def test_the_factors_multiply_up_to_what_was_measured(call: Call) -> None:
    done = call("explain", *PAIR, *QUICK, "-n", "2", "--json")
    document = json.loads(done.stdout)
    found = document["analysis"]["explanation"]
    if found is None:
        # A busy machine may leave every block out: then it is said, and is no success.
        assert done.returncode == 3
        assert "cannot be taken apart" in done.stderr
        return
    assert done.returncode == 0
    assert {found["stack"], found["against"]} == set(PAIR)
    assert found["factors"].keys() == {"server"}
    product = found["factors"]["server"]["value"] * found["busy"]["value"]
    assert product == pytest.approx(found["ratio"]["value"])
    shown = call("report", document["id"])
    assert "bare-wsgi@waitress" in shown.stdout


def test_after_ctrl_c_it_ends_as_interrupted_and_keeps_what_was_measured(in_folder: Path) -> None:
    command = [sys.executable, "-m", "webdyno", "explain", *PAIR, *QUICK, "-n", "50", "--json"]
    with subprocess.Popen(
        command, cwd=in_folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as measuring:
        assert measuring.stderr
        for line in measuring.stderr:
            if line.startswith("pilot:"):
                measuring.send_signal(signal.SIGINT)
                break
        out, _ = measuring.communicate(timeout=60)
    assert measuring.returncode == 130
    assert json.loads(out)["analysis"]["explanation"] is None
    runs = subprocess.run(
        [sys.executable, "-m", "webdyno", "runs"], cwd=in_folder, capture_output=True, text=True, check=True
    )
    assert "interrupted" in runs.stdout


def test_where_nothing_could_be_explained_it_says_so_and_shows_what_was_measured(
    call: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    result = result_of(make_run())
    assert result.analysis.explanation is None
    monkeypatch.setattr("webdyno.cli.explain.explain", lambda *_, **__: result)
    done = call("explain", *PAIR)
    assert done.returncode == 3
    assert "cannot be taken apart" in " ".join(done.stderr.split())
    assert "flask@gunicorn" in done.stdout
    printed = call("explain", *PAIR, "--json")
    assert printed.returncode == 3
    assert json.loads(printed.stdout)["analysis"]["explanation"] is None


def test_from_python_the_same_stack_twice_is_refused() -> None:
    with pytest.raises(UsageError, match="named twice"):
        webdyno_package.explain("flask@gunicorn", "flask@gunicorn")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("flask@gunicorn", "flask@gunicorn"), "is named twice"),
        (("flask@gunicorn", "shop:app@uvicorn"), "only reference apps can be taken apart"),
        (("flask@gunicorn", "sanic"), "cannot be taken apart"),
    ],
)
def test_what_cannot_be_explained_is_refused_before_anything_starts(
    call: Call, arguments: tuple[str, ...], said: str
) -> None:
    done = call("explain", *arguments)
    assert done.returncode == 2
    assert said in " ".join(done.stderr.split())
