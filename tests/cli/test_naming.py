"""Every error names an option as whoever asks has written it, and in no other way."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import webdyno
from tests.cli.conftest import Call
from webdyno.errors import UsageError
from webdyno.questions.environment import Filler
from webdyno.questions.experiment_file import QUESTIONS, ExperimentFile, key_of
from webdyno.questions.kinds import OptionKind
from webdyno.questions.naming import told_as
from webdyno.questions.option import flag, options_of

OPTIONS = [(question, name) for question, asked in QUESTIONS.items() for name in options_of(asked)]
ASK: Mapping[str, Callable[..., object]] = {
    "compare": lambda **options: webdyno.compare(["flask@gunicorn", "fastapi@uvicorn"], **options),
    "explain": lambda **options: webdyno.explain("flask@gunicorn", "fastapi@uvicorn", **options),
    "gate": lambda **options: webdyno.gate("flask@gunicorn", "fastapi@uvicorn", **options),
    "load": lambda **options: webdyno.load("http://127.0.0.1:9/", **options),
    "doctor": webdyno.doctor,
}
ARGUMENTS = {
    "compare": ["flask@gunicorn", "fastapi@uvicorn"],
    "gate": ["--base", "flask@gunicorn", "--head", "fastapi@uvicorn"],
    "load": ["http://127.0.0.1:9/"],
}
# What only Python takes or writes.
OF_PYTHON = re.compile(r"True|False|None|b'|\{'|datetime|bytes")


@pytest.mark.parametrize(("question", "name"), OPTIONS)
def test_what_no_option_takes_is_refused_by_its_name_in_python(question: str, name: str) -> None:
    with pytest.raises(UsageError) as raised:
        ASK[question](**{"store": None, name: object()})
    assert re.search(rf"\b{name}\b", raised.value.message)
    assert raised.value.remedy
    assert "--" not in raised.value.message + raised.value.remedy


# No text that could look like a name of an option.
LETTERS = st.text("abc")
BAD = st.one_of(
    st.dates(),
    st.datetimes(),
    st.lists(st.integers() | st.dates(), min_size=1),
    st.lists(st.dictionaries(LETTERS, LETTERS), min_size=1),
)


@given(st.sampled_from(OPTIONS), BAD)
def test_what_no_option_takes_is_refused_by_its_key_in_a_file(option: tuple[str, str], value: object) -> None:
    question, name = option
    key = key_of(name, options_of(QUESTIONS[question])[name])
    with pytest.raises(UsageError) as raised:
        ExperimentFile(Path("webdyno.toml"), {key: value}).options(question, Filler({}))
    assert raised.value.message.startswith(f"{key} in webdyno.toml ")
    assert raised.value.remedy
    assert "--" not in raised.value.message + raised.value.remedy
    assert not OF_PYTHON.search(raised.value.message + raised.value.remedy)


OF_TOML: tuple[object, ...] = (
    True,
    0,
    -1.5,
    float("nan"),
    16**5000,
    [],
    {},
    {"a": 1},
    {"a": [1]},
    "",
    "=x",
    "a=[1]",
    "${env.NO}",
    "@no",
)


@pytest.mark.parametrize(("question", "name"), OPTIONS)
def test_whatever_a_file_holds_is_read_or_refused_by_its_key(question: str, name: str) -> None:
    key = key_of(name, options_of(QUESTIONS[question])[name])
    for value in OF_TOML:
        try:
            ExperimentFile(Path("webdyno.toml"), {key: value}).options(question, Filler({}))
        except UsageError as error:
            said = f"{error.message} {error.remedy}"
            assert f"{key} in webdyno.toml" in error.message
            assert error.remedy
            assert "--" not in said
            assert not OF_PYTHON.search(said)


# What is found later than by the option's own kind: options, values as Python and as a file have them, arguments.
LATE: list[tuple[str, dict[str, Any], str, list[str]]] = [
    ("compare", {"path": "@x"}, 'path = "@x"', ["--path", "@x"]),
    ("compare", {"method": "G T"}, 'method = "G T"', ["--method", "G T"]),
    ("compare", {"headers": {"a b": "x"}}, 'header = { "a b" = "x" }', ["--header", "a b: x"]),
    ("compare", {"expect_json": {"a": [1]}}, "expect-json = { a = [1] }", ["--expect-json", "a=[1]"]),
    ("compare", {"driver": "no"}, 'driver = "no"', ["--driver", "no"]),
    ("compare", {"probes": ["no"]}, 'probe = ["no"]', ["--probe", "no"]),
    (
        "compare",
        {"precision": 0.03, "blocks": 6},
        'precision = "3%"\nblocks = 6',
        ["--precision", "3%", "--blocks", "6"],
    ),
    (
        "compare",
        {"method": "HEAD", "expect_body": b"x"},
        'method = "HEAD"\nexpect-body = "x"',
        ["--method", "HEAD", "--expect-body", "x"],
    ),
    ("compare", {"workload": "echo", "path": "/a"}, 'workload = "echo"\npath = "/a"', ["-w", "echo", "--path", "/a"]),
    ("gate", {"fail_if": ["x > 3"]}, 'fail-if = "x > 3"', ["--fail-if", "x > 3"]),
    (
        "gate",
        {"duet": True, "fail_if": ["p99 > +3%"]},
        'duet = true\nfail-if = "p99 > +3%"',
        ["--duet", "--fail-if", "p99 > +3%"],
    ),
    ("gate", {"trust_git": True}, "trust-git = true", ["--trust-git"]),
    ("gate", {"requirements": "r.txt"}, 'requirements = "r.txt"', ["--requirements", "r.txt"]),
    ("load", {"ramp": "x"}, 'ramp = "x"', ["--ramp", "x"]),
    ("load", {"steps": "x"}, 'steps = "x"', ["--steps", "x"]),
    ("load", {"burst": "x"}, 'burst = "x"', ["--burst", "x"]),
    ("load", {"threshold": ["x<3"]}, 'threshold = "x<3"', ["--threshold", "x<3"]),
    ("load", {"user": "ann"}, 'user = "ann"', ["--user", "ann"]),
    ("load", {"bearer": "a b"}, 'bearer = "a b"', ["--bearer", "a b"]),
    ("load", {"unix_socket": ""}, 'unix-socket = ""', ["--unix-socket", ""]),
    (
        "load",
        {"no_keep_alive": True, "requests_per_connection": 3},
        "no-keep-alive = true\nrequests-per-connection = 3",
        ["--no-keep-alive", "--requests-per-connection", "3"],
    ),
    (
        "load",
        {"user": "a:b", "bearer": "x"},
        'user = "a:b"\nbearer = "x"',
        ["--user", "a:b", "--bearer", "x"],
    ),
    ("load", {"rate": 5, "ramp": "0:5"}, 'rate = 5\nramp = "0:5"', ["--rate", "5", "--ramp", "0:5"]),
]
IDS = [" ".join(each[1]) for each in LATE]


def forms(question: str, names: Mapping[str, object]) -> list[tuple[str, str]]:
    """Each option as the command line and as Python writes it."""
    options = options_of(QUESTIONS[question])
    return [(flag(name, options[name]), name) for name in names]


@pytest.mark.parametrize(("question", "python", "toml", "arguments"), LATE, ids=IDS)
def test_python_is_told_its_own_names(question: str, python: dict[str, Any], toml: str, arguments: list[str]) -> None:
    with pytest.raises(UsageError) as raised:
        ASK[question](**{"store": None, **python})
    assert any(name in raised.value.message for name in python)
    assert "--" not in raised.value.message + raised.value.remedy


@pytest.mark.parametrize(("question", "python", "toml", "arguments"), LATE, ids=IDS)
def test_a_file_is_told_its_own_keys(
    call: Call, tmp_path: Path, question: str, python: dict[str, Any], toml: str, arguments: list[str]
) -> None:
    (tmp_path / "webdyno.toml").write_text(toml)
    said = " ".join(call(question, *ARGUMENTS[question], "-q").stderr.split())
    written = forms(question, python)
    assert any(f"{named.removeprefix('--')} in webdyno.toml" in said for named, _ in written), said
    assert not any(named in said for named, _ in written), said
    assert not any(name in said for named, name in written if "_" in name), said


@pytest.mark.parametrize(("question", "python", "toml", "arguments"), LATE, ids=IDS)
def test_the_command_line_is_told_its_own_flags(
    call: Call, tmp_path: Path, question: str, python: dict[str, Any], toml: str, arguments: list[str]
) -> None:
    # What the file holds as well goes behind the command line.
    (tmp_path / "webdyno.toml").write_text(toml)
    said = " ".join(call(question, *ARGUMENTS[question], *arguments, "-q").stderr.split())
    assert any(named in said for named, _ in forms(question, python)), said
    assert "webdyno.toml" not in said


def test_of_two_that_exclude_each_other_each_is_named_as_it_was_written(call: Call, tmp_path: Path) -> None:
    (tmp_path / "webdyno.toml").write_text('precision = "3%"')
    said = call("compare", *ARGUMENTS["compare"], "--blocks", "6", "-q").stderr
    assert "precision in webdyno.toml" in said
    assert "--blocks" in said
    assert "--precision" not in said


def test_sides_are_named_as_they_were_written(call: Call, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"^base: there is no app 'a'") as raised:
        webdyno.gate("a", "b", store=None)
    assert "--" not in raised.value.remedy
    (tmp_path / "webdyno.toml").write_text('[gate]\nbase = "a"\nhead = "b"')
    assert "base in webdyno.toml: there is no app 'a'" in call("gate", "-q").stderr
    assert "--base: there is no app 'c'" in call("gate", "--base", "c", "-q").stderr


def test_a_remedy_says_the_value_beside_its_name() -> None:
    with pytest.raises(UsageError) as raised, told_as({"--start-timeout": "start-timeout"}, " in webdyno.toml"):
        raise UsageError("--start-timeout 30s is too short", "raise it: --start-timeout 60s; or leave out --duet")
    assert raised.value.message == str(raised.value) == "start-timeout in webdyno.toml 30s is too short"
    assert raised.value.remedy == "raise it: start-timeout 60s in webdyno.toml; or leave out --duet"


def test_what_only_looks_like_an_option_stays() -> None:
    with pytest.raises(UsageError) as raised, told_as({"--path": "path"}, " in webdyno.toml"):
        raise UsageError("no commit is called fix--path or --path-of-it", "see --path.")
    assert raised.value.message == "no commit is called fix--path or --path-of-it"
    assert raised.value.remedy == "see path in webdyno.toml."


@pytest.mark.parametrize(
    ("ask", "said"),
    [
        (lambda: webdyno.compare(3), "stacks 3"),  # type: ignore[arg-type]
        (lambda: webdyno.compare([3]), "stacks [3]"),  # type: ignore[list-item]
        (lambda: webdyno.compare(None), "stacks None"),  # type: ignore[arg-type]
        (lambda: webdyno.compare([]), "stacks []"),
        (lambda: webdyno.gate(3, "b"), "base 3"),  # type: ignore[arg-type]
        (lambda: webdyno.gate("a", 4), "head 4"),  # type: ignore[arg-type]
        (lambda: webdyno.gate("a", "b", 5), "app 5"),  # type: ignore[arg-type]
        (lambda: webdyno.load(3), "url 3"),  # type: ignore[arg-type]
        (lambda: webdyno.explain(1, "flask"), "one 1"),  # type: ignore[arg-type]
        (lambda: webdyno.explain("flask", 2), "other 2"),  # type: ignore[arg-type]
        (lambda: webdyno.compare("flask", hidden=3), "hidden is no mapping"),  # type: ignore[arg-type]
        (lambda: webdyno.compare("flask", hidden={"a": 3}), "hidden is no mapping"),  # type: ignore[dict-item]
    ],
)
def test_an_argument_that_is_no_text_is_told_by_its_name(ask: Callable[[], object], said: str) -> None:
    with pytest.raises(UsageError) as raised:
        ask()
    assert raised.value.message.startswith(said)
    assert raised.value.remedy.startswith("give ")


def test_every_kind_says_what_a_file_may_hold() -> None:
    kinds: set[OptionKind[Any]] = {option.kind for asked in QUESTIONS.values() for option in options_of(asked).values()}
    assert not [kind for kind in kinds if OF_PYTHON.search(kind.in_toml)]
