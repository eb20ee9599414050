"""What was otherwise when a run was measured: refused where its blocks would say something else, else noted."""

from __future__ import annotations

from typing import Any

import pytest

from tests.factories import Truth, make_run
from webdyno.errors import UsageError
from webdyno.lab.conditions import Conditions, alike, refuse_changed
from webdyno.model.dependency_record import DependencyRecord
from webdyno.model.run import Run
from webdyno.texts.catalogue import told

PAIR = (Truth("flask@gunicorn", 3000, 300), Truth("fastapi@granian", 9000, 100))
UPSTREAM = DependencyRecord(name="upstream", version="1", address="127.0.0.1:4000", apart=True)
KNOWN: dict[str, Any] = {
    "packages": {"flask": "3.0.0"},
    "sources": {"shop.py": "aa"},
    "env": {"MODE": "a", "TOKEN": "${env.TOKEN}"},
    "argv": ("/one/python", "-m", "gunicorn", "--bind", "{port}"),
}


def run() -> Run:
    made = make_run(PAIR, blocks=2)
    stacks = (made.stacks[0].model_copy(update=KNOWN), made.stacks[1])
    return made.model_copy(update={"stacks": stacks, "dependencies": (UPSTREAM,)})


def now(**others: Any) -> Conditions:
    """As then, but for what is given; of the first stack under `stack`."""
    then = run()
    stacks = (then.stacks[0].model_copy(update=others.pop("stack", {})), then.stacks[1])
    return Conditions(then.host, then.cpus, stacks, then.dependencies)._replace(**others)


def test_the_same_conditions_have_nothing_to_note() -> None:
    assert refuse_changed(run(), now()) == ()


@pytest.mark.parametrize(
    ("stack", "said"),
    [
        ({"packages": {"flask": "3.1.0"}}, "package flask 3.1.0 instead of 3.0.0"),
        ({"packages": {}}, "package flask missing instead of 3.0.0"),
        ({"packages": KNOWN["packages"] | {"new": "1"}}, "package new 1 instead of none"),
        ({"python": "3.99.0"}, "Python 3.99.0 instead of"),
        ({"sources": {"shop.py": "bb"}}, "shop.py has changed"),
        ({"sources": {"shop.py": "aa", "new.py": "cc"}}, "new.py has changed"),
        ({"env": {"MODE": "b", "TOKEN": "***"}}, "variable MODE b instead of a"),
        ({"env": {"TOKEN": "***"}}, "variable MODE none instead of a"),
        ({"argv": ("/one/python", "-m", "gunicorn")}, "command '-m gunicorn' instead of"),
        ({"cwd": "/elsewhere"}, "working directory /elsewhere instead of"),
        ({"interface": "asgi"}, "interface asgi instead of wsgi"),
    ],
)
def test_a_stack_that_is_another_one_is_refused_with_what_differs(stack: dict[str, Any], said: str) -> None:
    with pytest.raises(UsageError) as refused:
        refuse_changed(run(), now(stack=stack))
    assert f"flask@gunicorn: {said}" in refused.value.message
    assert refused.value.remedy


def test_a_document_that_does_not_say_how_a_stack_was_set_up_is_refused() -> None:
    then = run()
    with pytest.raises(UsageError, match="it was not set up"):
        refuse_changed(then.model_copy(update={"stacks": then.stacks[:1]}), now())


def test_another_machine_other_cpus_webdyno_or_dependency_are_refused_each_named() -> None:
    then = run()
    host = then.host.model_copy(update={"cpu_model": "Other", "webdyno": "9.9"})
    cpus = then.cpus.model_copy(update={"server": (3,)})
    upstream = (UPSTREAM.model_copy(update={"version": "2"}),)
    with pytest.raises(UsageError) as refused:
        refuse_changed(then, now(host=host, cpus=cpus, dependencies=upstream))
    said = "\n".join((refused.value.message, *refused.value.details))
    assert "this one has Other" in said
    assert "would run on 3" in said
    assert "this is 9.9" in said
    assert "upstream has version 2 instead of 1" in said


def test_what_shifts_all_stacks_alike_is_noted() -> None:
    then = run()
    host = then.host.model_copy(update={"kernel": "7.0", "governor": "performance"})
    other = then.model_copy(update={"experiment": then.experiment.model_copy(update={"driver": "wrk"})})
    notes = [told(one) for one in refuse_changed(other, now(host=host, driver="4.2"))]
    assert notes == [
        f"kernel: 7.0 instead of {then.host.kernel}",
        "CPU governor: performance instead of none",
        "wrk: 4.2 instead of none",
    ]


def test_webdynos_own_load_tool_is_the_same_where_webdyno_is() -> None:
    assert refuse_changed(run(), now(driver="0.1.0")) == ()


def test_where_its_interpreter_lies_is_no_difference_and_neither_is_a_secret_that_cannot_be_compared() -> None:
    stack = {"argv": ("/two/python", *KNOWN["argv"][1:]), "env": {"MODE": "a", "TOKEN": "***"}}
    assert refuse_changed(run(), now(stack=stack)) == ()


def test_texts_are_alike_where_nothing_but_what_is_hidden_differs() -> None:
    assert alike("Bearer ***", "Bearer ${env.TOKEN}")
    assert alike("password=*******", "password=***")
    assert not alike("Bearer ***", "Basic ***")
    assert not alike("a", "b")
