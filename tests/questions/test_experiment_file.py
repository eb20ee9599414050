"""The experiment file: what a team keeps beside its app."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from webdyno.errors import UsageError
from webdyno.questions.environment import Filler
from webdyno.questions.experiment_file import ExperimentFile, find_experiment, read_experiment

TOKEN = "violet-7"
CONTENT = """
stacks = ["shop.main:app@gunicorn", "shop.main:app@uvicorn"]
path = "/api/items"
app-dir = "src"
body = "@item.json"
header = { Authorization = "Bearer ${env.TOKEN}" }
env = ["MODE=bench"]
expect-json = { "items.0.id" = 7 }
duration = "500ms"
max-time = 60
precision = "3%"
duet = true

[gate]
app = "shop.main:app@gunicorn"
base = "main"
head = "HEAD"
fail-if = "p99 > +10%"
max-time = "90s"
"""


def written(folder: Path, text: str, name: str = "webdyno.toml") -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_text(text)
    return folder / name


@pytest.fixture
def filler() -> Filler:
    return Filler({"TOKEN": TOKEN})


def test_every_form_of_a_value_is_read_as_the_command_line_reads_it(tmp_path: Path, filler: Filler) -> None:
    (tmp_path / "item.json").write_text("{}")
    file = read_experiment(written(tmp_path, CONTENT))
    assert file.texts("compare", "stacks", Filler({})) == ("shop.main:app@gunicorn", "shop.main:app@uvicorn")
    assert file.options("compare", filler) == {
        "path": "/api/items",
        "app_dir": (tmp_path / "src",),
        "body": b"{}",
        "headers": (("Authorization", f"Bearer {TOKEN}"),),
        "env": {"MODE": "bench"},
        "expect_json": {"items.0.id": 7},
        "duration": 0.5,
        "max_time": 60,
        "precision": 0.03,
        "duet": True,
    }
    assert filler.used == {"env.TOKEN": TOKEN}


def test_the_table_of_a_question_goes_before_what_is_for_all(tmp_path: Path, filler: Filler) -> None:
    (tmp_path / "item.json").write_text("{}")
    file = read_experiment(written(tmp_path, CONTENT))
    read = file.options("gate", filler)
    assert (read["max_time"], read["fail_if"], read["path"]) == (90, ("p99 > +10%",), "/api/items")
    assert [file.texts("gate", name, filler) for name in ("app", "base", "head")] == [
        ("shop.main:app@gunicorn",),
        ("main",),
        ("HEAD",),
    ]
    assert "precision" not in read


def test_what_the_command_line_gives_is_not_wanted_from_the_file(tmp_path: Path) -> None:
    (tmp_path / "item.json").write_text("{}")
    file = read_experiment(written(tmp_path, CONTENT))
    assert "headers" not in file.options("compare", Filler({}), besides=["headers"])


def test_the_nearest_file_above_is_found(tmp_path: Path) -> None:
    inner = tmp_path / "a" / "b"
    inner.mkdir(parents=True)
    assert find_experiment(inner) is None
    outer = written(tmp_path, "[tool.webdyno]\nconnections = 4\n", "pyproject.toml")
    assert find_experiment(inner) == ExperimentFile(outer, {"connections": 4})
    # One of another tool, or that nobody can read, says nothing of webdyno.
    written(tmp_path / "a", "[tool.other]\nx = 1\n", "pyproject.toml")
    written(inner, "x = [[[", "pyproject.toml")
    assert find_experiment(inner) == ExperimentFile(outer, {"connections": 4})
    nearest = written(tmp_path / "a", "connections = 5\n")
    assert find_experiment(inner) == ExperimentFile(nearest, {"connections": 5})


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give files away")
def test_a_file_of_another_user_is_taken_only_when_it_is_named(tmp_path: Path) -> None:
    os.chown(path := written(tmp_path, "connections = 5\n"), 12345, -1)
    with pytest.raises(UsageError, match="another user"):
        find_experiment(tmp_path)
    assert read_experiment(path).table == {"connections": 5}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("durations = 1", "did you mean duration?"),
        ("max_time = 1", "did you mean max-time?"),
        ("[gate]\nprecision = '3%'", "one of"),
        ("gate = 1", "[gate]"),
        ("x", "mend it"),
        ("x = " + "[" * 5000, "mend it"),
        ("[compar]\npath = '/'", "did you mean compare?"),
    ],
)
def test_a_key_that_means_nothing_is_told_with_what_was_meant(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(UsageError) as raised:
        read_experiment(written(tmp_path, text))
    assert said in raised.value.remedy
    assert "webdyno.toml" in raised.value.message


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("max-time = -1", "max-time in webdyno.toml"),
        ("duration = '1y'", "duration in webdyno.toml"),
        ("blocks = true", "blocks in webdyno.toml"),
        ("env = {PORT = 8000}", "PORT of env in webdyno.toml"),
        ("body = 3", "body in webdyno.toml"),
        ("header = 3", "header in webdyno.toml"),
        ("path = '${env.NO}'", "path in webdyno.toml names the variable NO"),
        ("method = ['GET', 3]", "method in webdyno.toml"),
    ],
)
def test_a_value_that_cannot_be_used_is_told_with_its_key_and_file(
    tmp_path: Path, filler: Filler, text: str, said: str
) -> None:
    file = read_experiment(written(tmp_path, text))
    with pytest.raises(UsageError) as raised:
        file.options("compare", filler)
    assert said in raised.value.message
    assert raised.value.remedy


@pytest.mark.parametrize(
    ("text", "message", "remedy"),
    [
        ('env = "@/dev/zero"', "env in webdyno.toml /dev/zero is not a regular file", ""),
        ('header = "X: ${env.NO}"', "header in webdyno.toml names the variable NO", "export NO="),
        ('expect-json = "a"', "expect-json in webdyno.toml has no name before '='", "write NAME=VALUE"),
        ('duet = "yes"', 'duet in webdyno.toml "yes" cannot be used', "true or false"),
        ("max-time = 1979-05-27", "max-time in webdyno.toml 1979-05-27 cannot be used", "give more than 0s"),
        ('method = ["GET", "POST"]', 'method in webdyno.toml ["GET", "POST"] cannot be used', "give a text"),
        ("body = 4711", "body in webdyno.toml cannot be used", "give a text"),
        ("header = { X-Pin = 4711 }", "header in webdyno.toml cannot be used", '{ Accept = "text/html" }'),
    ],
)
def test_a_value_is_told_as_toml_writes_it(
    tmp_path: Path, filler: Filler, text: str, message: str, remedy: str
) -> None:
    file = read_experiment(written(tmp_path, text))
    with pytest.raises(UsageError) as raised:
        file.options("compare", filler)
    assert message in raised.value.message
    assert remedy in raised.value.remedy


def test_notations_take_from_the_environment_what_is_no_secret(tmp_path: Path) -> None:
    stacks = 'stacks = ["url=http://127.0.0.1:${env.PORT}/,pid=${env.PID}", "shop:app@uvicorn"]'
    file = read_experiment(written(tmp_path, f'{stacks}\n[gate]\nbase = "${{env.BASE}}"'))
    filler = Filler({"PORT": "28001", "PID": "4711", "BASE": "main"})
    assert file.texts("compare", "stacks", filler) == ("url=http://127.0.0.1:28001/,pid=4711", "shop:app@uvicorn")
    assert file.texts("gate", "base", filler) == ("main",)
    # They stand in the open, so nothing hides them.
    assert not filler.used


@pytest.mark.parametrize(
    ("environment", "stack", "said"),
    [
        ({}, "url=http://h:${env.PORT}", "stacks in webdyno.toml names the variable PORT, which is not set"),
        ({"TOKEN": TOKEN}, "url=http://h/${env.TOKEN}", "stacks in webdyno.toml names the variable TOKEN, a secret"),
        ({"AT": f"http://ann:{TOKEN}@h/"}, "url=${env.AT}", "stacks in webdyno.toml names the variable AT, a secret"),
    ],
)
def test_a_notation_is_not_filled_with_nothing_or_with_a_secret(
    tmp_path: Path, environment: dict[str, str], stack: str, said: str
) -> None:
    file = read_experiment(written(tmp_path, f'stacks = ["{stack}"]'))
    with pytest.raises(UsageError) as raised:
        file.texts("compare", "stacks", Filler(environment))
    assert raised.value.message.startswith(said)
    assert TOKEN not in raised.value.message + raised.value.remedy
    assert raised.value.remedy


def test_the_address_of_a_load_is_filled_later(tmp_path: Path) -> None:
    file = read_experiment(written(tmp_path, '[load]\nurl = "http://h/?key=${env.TOKEN}"'))
    assert file.texts("load", "url", Filler({})) == ("http://h/?key=${env.TOKEN}",)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("stacks = []", "stacks in webdyno.toml names none"),
        ("stacks = [3]", "stacks in webdyno.toml [3] cannot be used"),
        ("stacks = true", "stacks in webdyno.toml true cannot be used"),
    ],
)
def test_stacks_that_name_nothing_are_refused(tmp_path: Path, text: str, said: str) -> None:
    file = read_experiment(written(tmp_path, text))
    with pytest.raises(UsageError) as raised:
        file.texts("compare", "stacks", Filler({}))
    assert said in raised.value.message
    assert raised.value.remedy


@pytest.mark.parametrize("value", ["[]", '["main", "HEAD"]', "3"])
def test_a_side_is_one_text(tmp_path: Path, value: str) -> None:
    file = read_experiment(written(tmp_path, f"[gate]\nbase = {value}"))
    with pytest.raises(UsageError, match=r"^base in webdyno\.toml .* cannot be used"):
        file.texts("gate", "base", Filler({}))
