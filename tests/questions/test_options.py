"""Options: the same for whoever gives them."""

from __future__ import annotations

import pkgutil
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tools.option_reference import option_reference
from typer.main import get_command

import webdyno
from webdyno.cli.app import app
from webdyno.errors import UsageError
from webdyno.questions.environment import Filler
from webdyno.questions.load.timing import read_load, read_window
from webdyno.questions.option import checked, flag, options_of, read_texts
from webdyno.questions.options import CompareOptions, DoctorOptions, ExplainOptions, GateOptions, LoadOptions

QUESTIONS = {
    "compare": CompareOptions,
    "explain": ExplainOptions,
    "gate": GateOptions,
    "load": LoadOptions,
    "doctor": DoctorOptions,
}
PAGE = Path(__file__).parents[2] / "docs" / "python.md"


def test_the_page_of_the_options_is_that_of_their_declarations() -> None:
    assert PAGE.read_text() == option_reference(), "run: .venv/bin/python -m tools.option_reference > docs/python.md"


@pytest.mark.parametrize("name", QUESTIONS)
def test_the_command_line_has_every_option_of_its_question(name: str) -> None:
    command = get_command(app).commands[name]  # type: ignore[attr-defined]
    known = {each for param in command.params for each in param.opts}
    for option_name, option in options_of(QUESTIONS[name]).items():
        assert flag(option_name, option) in known
        assert not option.short or f"-{option.short}" in known


@pytest.mark.parametrize("question", QUESTIONS.values())
def test_every_default_can_be_given(question: type[CompareOptions]) -> None:
    defaults = checked(question, {})
    assert checked(question, {name: value for name, value in defaults.items() if value is not None}) == defaults


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"max_time": -1}, "max_time -1s cannot be used"),
        ({"duration": "1s"}, "duration '1s' cannot be used"),
        ({"blocks": 2.5}, "blocks 2.5 cannot be used"),
        ({"blocks": True}, "blocks True cannot be used"),
        ({"precision": 3}, "precision 300% cannot be used"),
        ({"precision": 0.0}, "precision 0% cannot be used"),
        ({"precision": float("nan")}, "precision nan% cannot be used"),
        ({"metrics": ["speed"]}, "metrics 'speed' is unknown"),
        ({"headers": {"a b": "x"}}, "headers a b cannot be used"),
        ({"blocks": 3, "precision": 0.03}, "precision and blocks both say when to end"),
        ({"blocks": 3, "quick": True}, "quick and blocks both say when to end"),
        ({"body": "text"}, "body is not bytes"),
        ({"env": ["A=1"]}, "env is no mapping"),
        ({"env": {"PIN": 4711}}, "PIN of env is no text"),
        ({"env": {3: "a"}}, "3 of env is no text"),
        ({"headers": [("a",)]}, "headers is neither"),
        ({"headers": {"X-Pin": 4711}}, "headers is neither"),
        ({"app_dir": [3]}, "app_dir [3] cannot be used"),
        ({"rate": 1e-200}, "rate 1e-200 cannot be used"),
        ({"warmup": 1e-200}, "warmup 1e-200s cannot be used"),
    ],
)
def test_python_is_answered_in_names_of_python(given: dict[str, object], said: str) -> None:
    with pytest.raises(UsageError) as raised:
        webdyno.compare(["flask@gunicorn", "fastapi@uvicorn"], store=None, **given)  # type: ignore[arg-type]
    assert said in raised.value.message
    assert raised.value.remedy
    assert "--" not in raised.value.message + raised.value.remedy
    assert "4711" not in raised.value.message + raised.value.remedy


def test_what_is_hidden_is_in_no_error() -> None:
    hidden = {"env.TOKEN": "violet-7"}
    for ask in (
        lambda: webdyno.compare("flask@gunicorn", path="/a violet-7", hidden=hidden, store=None),
        lambda: webdyno.load("http://h:0/violet-7", hidden=hidden),
    ):
        with pytest.raises(UsageError, match="TOKEN") as raised:
            ask()
        assert "violet" not in raised.value.message + raised.value.remedy


def test_an_unknown_option_is_told_with_what_was_meant() -> None:
    with pytest.raises(UsageError, match="there is no option warmup_s") as raised:
        webdyno.compare(warmup_s=3)  # type: ignore[call-arg]
    assert raised.value.remedy == "did you mean warmup?"


@given(st.sampled_from(sorted(QUESTIONS)), st.data())
def test_any_text_of_any_option_is_read_or_refused_by_its_name(question: str, data: st.DataObject) -> None:
    asked: type = QUESTIONS[question]
    options = options_of(asked)
    name = data.draw(st.sampled_from([each for each in options if each not in ("app_dir", "python")]))
    text = data.draw(st.text(max_size=30).filter(lambda text: not text.startswith("@")))
    try:
        read: dict[str, object] = dict(read_texts(asked, {name: [text]}, Filler({})))
        assert checked(asked, read).keys() >= options.keys()
    except UsageError as error:
        assert flag(name, options[name]) in error.message
        assert error.remedy


def test_times_and_shares_mean_the_same_as_text_and_as_number() -> None:
    texts = read_texts(CompareOptions, {"duration": "500ms", "precision": "3%", "blocks": "7"}, Filler({}))
    assert texts == {"duration": 0.5, "precision": 0.03, "blocks": 7}


def test_no_module_takes_the_name_of_a_question() -> None:
    # Python gives a package the name of what was imported inside it: `webdyno.load()` would be lost.
    assert not set(webdyno.__all__) & {module.name for module in pkgutil.iter_modules(webdyno.__path__)}


@given(st.sampled_from(["rate", "duration", "warmup", "timeout", "connections"]), st.floats() | st.integers())
def test_whatever_number_is_given_to_a_load_is_carried_out_or_refused(name: str, number: float) -> None:
    given_number: dict[str, Any] = {name: number}
    try:
        options = checked(LoadOptions, given_number)
        load = read_load(options)
        assert read_window(options, load).duration_s >= 0.05
    except UsageError as error:
        assert error.remedy


def test_steps_that_are_over_at_once_are_refused() -> None:
    options = checked(LoadOptions, {"steps": "5:10ms"})
    with pytest.raises(UsageError, match="--steps take"):
        read_window(options, read_load(options))
