"""What is refused of servers that already run, before any of them is asked; and what a file says that is not theirs."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import webdyno
from webdyno.errors import UsageError

from .conftest import Call

# Nobody listens there.
URL = "url=http://127.0.0.1:1/"
SIDES = ("--base", URL, "--head", "url=http://127.0.0.1:1/,pid=7")
FILE = """
app-dir = "."
python = "python3"
env = { TOKEN = "${env.NOT_THERE}" }

[gate]
app = "shop.main:app"
base = "main"
head = "HEAD"
"""


@pytest.mark.parametrize("option", [("--env", "A=B"), ("--app-dir", "."), ("--python", "python3")])
@pytest.mark.parametrize("command", [("compare", URL), ("gate", *SIDES)])
def test_what_only_an_app_can_be_given_is_refused(
    call: Call, command: tuple[str, ...], option: tuple[str, ...]
) -> None:
    done = call(*command, *option)
    assert done.returncode == 2
    assert f"{option[0]} is for apps that webdyno starts" in done.stderr and "-> leave it out" in done.stderr


def test_it_is_refused_in_python_and_in_a_file_as_well(call: Call, in_folder: Path) -> None:
    with pytest.raises(UsageError, match=r"^app_dir is for apps"):
        webdyno.compare(URL, app_dir=["."], store=None)
    (in_folder / "webdyno.toml").write_text(f'stacks = ["{URL}"]\nenv = ["A=B"]\n')
    done = call("compare")
    assert done.returncode == 2 and "env in webdyno.toml is for apps" in done.stderr


def test_beside_an_app_it_is_taken(call: Call, in_folder: Path) -> None:
    done = call("compare", URL, "shop:app", "--env", "A=B")
    assert "takes no connection" in re.sub(r"\s+", " ", done.stderr)


@pytest.mark.parametrize("command", [("compare", URL), ("gate", *SIDES)])
def test_what_a_file_says_of_apps_is_not_taken_for_them(call: Call, in_folder: Path, command: tuple[str, ...]) -> None:
    (in_folder / "webdyno.toml").write_text(FILE)
    done = call(*command)
    assert "takes no connection" in re.sub(r"\s+", " ", done.stderr) and "webdyno.toml" not in done.stderr


@pytest.mark.parametrize("place", ["--base", "--head"])
@pytest.mark.parametrize("url", [URL, URL.removeprefix("url=")])
def test_a_gate_of_an_app_is_told_to_leave_it_out(call: Call, place: str, url: str) -> None:
    other = "--head" if place == "--base" else "--base"
    done = call("gate", "shop:app", place, url, other, "main")
    assert done.returncode == 2 and f"{place} is a server that already runs" in done.stderr
    assert "-> leave APP out" in done.stderr
