"""Secrets come from files and from the environment, so that nobody sees them in the list of processes."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.options_of_load import typed
from webdyno.errors import UsageError
from webdyno.model.target import parse_target
from webdyno.questions.environment import Filler
from webdyno.questions.load.request import read_headers
from webdyno.questions.secret_files import read_headers as headers_in
from webdyno.questions.secret_files import read_variables
from webdyno.questions.values import body_bytes, header_pairs, json_values, variables

from .conftest import Call

FILLER_NAMES = {"TOKEN": "violet-7", "EMPTY": ""}


@pytest.fixture
def filler() -> Filler:
    return Filler(FILLER_NAMES)


def written(folder: Path, text: str | bytes) -> Path:
    path = folder / "given"
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return path


def test_a_variable_is_filled_in_and_known_by_its_name(filler: Filler) -> None:
    assert filler.fill("a ${env.TOKEN} b ${env.EMPTY}", "--header") == "a violet-7 b "
    assert filler.used == {"env.TOKEN": "violet-7", "env.EMPTY": ""}


def test_only_what_names_the_environment_is_filled_in(filler: Filler) -> None:
    for text in ("$${env.TOKEN}", "${counter}", "${users.name}", "$TOKEN", "${env.}"):
        assert filler.fill(text, "--body") == text.replace("$${", "${")
    assert filler.used == {}


def test_a_variable_that_is_not_set_is_told_with_the_option(filler: Filler) -> None:
    with pytest.raises(UsageError, match="--header names the variable NO, which is not set here") as raised:
        filler.fill("${env.NO}", "--header")
    assert raised.value.remedy == "set it: export NO=..."


def test_every_option_that_may_hold_a_secret_takes_it_from_the_environment(filler: Filler) -> None:
    text = "${env.TOKEN}"
    assert header_pairs([f"X-Api-Key: {text}"], filler) == (("X-Api-Key", "violet-7"),)
    assert variables([f"A=x{text}", "TOKEN"], filler) == {"A": "xviolet-7", "TOKEN": "violet-7"}
    assert body_bytes(f'{{"password": "{text}"}}', filler) == b'{"password": "violet-7"}'
    assert json_values([f"token={text}"], filler) == {"token": "violet-7"}
    assert read_headers(typed(filler, bearer=text)) == (("Authorization", "Bearer violet-7"),)
    assert read_headers(typed(filler, user=f"ann:{text}"))[0][1].startswith("Basic ")


def test_the_url_is_shown_as_it_was_typed_and_without_secrets() -> None:
    target = parse_target("http://h/x?a=violet-7&key=rosy", "http://h/x?a=${env.TOKEN}&key=rosy")
    assert target.path == "/x?a=violet-7&key=rosy"
    assert target.url == "http://h/x?a=${env.TOKEN}&key=***"


def test_headers_come_from_a_file(tmp_path: Path, filler: Filler) -> None:
    path = written(tmp_path, "\ufeff# for the shop\r\n\nAuthorization:  Bearer a:b#c \r\n  X-Tag: \u00fc\nX-Tag:\n")
    expected = [("Authorization", "Bearer a:b#c"), ("X-Tag", "\u00fc".encode().decode("latin-1")), ("X-Tag", "")]
    assert headers_in(path) == expected
    assert header_pairs(["Accept: x", f"@{path}"], filler) == (("Accept", "x"), *expected)


def test_variables_come_from_a_dotenv_file(tmp_path: Path, filler: Filler) -> None:
    path = written(
        tmp_path,
        "# of the shop\nA=1\nexport B = two words # a comment\nC='it''s'\n".replace("''", " ")
        + 'D="a \\"b\\"\\nc # d" # e\nURL=postgres://u:p#w@h/d\nEMPTY=\nA=2\n',
    )
    assert read_variables(path) == {
        "A": "2",
        "B": "two words",
        "C": "it s",
        "D": 'a "b"\nc # d',
        "URL": "postgres://u:p#w@h/d",
        "EMPTY": "",
    }
    assert variables(["A=0", f"@{path}", "B=3"], filler)["A"] == "2"
    assert variables([f"@{path}", "B=3"], filler)["B"] == "3"


@pytest.mark.parametrize(
    ("option", "content", "where", "remedy"),
    [
        ("--header", "A: b\nviolet-7\n", "line 2 of given (--header) has no name before ':'", "Name: value"),
        ("--header", ": violet-7", "line 1 of given (--header) has no name", "Name: value"),
        ("--env", "\n\nviolet-7", "line 3 of given (--env) is no variable", "NAME=VALUE"),
        ("--env", "1A=violet-7", "line 1 of given (--env) is no variable", "NAME=VALUE"),
        ("--env", 'A="violet-7', "line 1 of given (--env) has a quote that does not end", 'end it with "'),
        ("--env", "A='violet-7' x", "line 1 of given (--env) has a quote that does not end", "end it with '"),
        ("--env", b"A=\xff", "the file given of --env is no text", "UTF-8"),
        ("--env", "A=" + "violet-7" * 10_000, "--env given is larger than 65.5 kB", "smaller"),
    ],
)
def test_what_is_wrong_in_a_file_is_told_by_its_line_and_without_what_it_says(
    tmp_path: Path, call: Call, option: str, content: str | bytes, where: str, remedy: str
) -> None:
    written(tmp_path, content)
    done = call("compare", "shop:app", option, "@given", "-q", "--no-html")
    assert done.returncode == 2
    assert where in " ".join(done.stderr.split()) and remedy in done.stderr
    assert "violet-7" not in done.stderr


@pytest.mark.parametrize(
    "arguments",
    [
        ("load", "http://127.0.0.1:0/${env.WORD}"),
        ("load", "http://127.0.0.1:1/${env.WORD} x"),
        ("load", "http://127.0.0.1:1/", "--header", "Host: ${env.WORD} x"),
        ("load", "http://127.0.0.1:1/${env.BYTES}"),
        ("load", "http://127.0.0.1:1/", "--user", "ann:${env.BYTES}"),
        ("compare", "flask", "--path", "/${env.WORD} x"),
        ("compare", "flask", "--expect-json", "id=${env.BYTES}"),
        ("runs", "--store", "/nowhere/${env.WORD}"),
        ("report", "--store", "/nowhere/${env.WORD}"),
        ("runs", "--store", "postgresql://ann:${env.WORD}/x@db/shop"),
    ],
)
def test_no_error_says_what_was_filled_in(
    call: Call, monkeypatch: pytest.MonkeyPatch, arguments: tuple[str, ...]
) -> None:
    monkeypatch.setenv("WORD", "violet-7")
    monkeypatch.setenv("BYTES", os.fsdecode(b"violet-\xff"))
    done = call(*arguments)
    assert done.returncode in (2, 3) and done.stderr.startswith("error: ")
    assert "violet" not in done.stderr


def test_files_that_are_missing_and_names_that_are_none_are_told(call: Call) -> None:
    assert "--header missing cannot be read: No such file" in call("load", "http://h/", "--header", "@missing").stderr
    assert "--env has no name" in call("compare", "shop:app", "--env", "=violet-7", "-q").stderr
    done = call("compare", "shop:app", "--env", "not a name violet-7", "-q")
    assert "write NAME=VALUE, NAME or @FILE" in done.stderr and "violet-7" not in done.stderr


def test_a_secret_in_a_notation_is_refused_and_not_repeated(call: Call) -> None:
    for notation in ('shop:create_app(password="violet-7")', 'shop:create_app("postgres://u:violet-7@h")@uvicorn'):
        for command in (("compare", notation, "-q"), ("serve", notation)):
            done = call(*command)
            assert done.returncode == 2 and "violet-7" not in done.stderr + done.stdout
            assert "no place for a secret" in done.stderr and "--env NAME" in done.stderr
