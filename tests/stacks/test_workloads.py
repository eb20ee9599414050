import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from webdyno.errors import UsageError
from webdyno.model.notation import parse_stack
from webdyno.model.workload import Request
from webdyno.stacks.catalogue import app_names
from webdyno.stacks.matrix import matrix, refuse_crowd, refuse_without
from webdyno.stacks.workloads import WORKLOADS, find_workload


def test_every_workload_is_a_part_of_the_contract_that_some_app_has() -> None:
    for name in WORKLOADS:
        workload = find_workload(name)
        assert workload.name == name
        assert any(workload.part in row.parts for row in matrix().values())
    assert matrix().keys() <= set(app_names())


def test_parameters_are_told_in_the_name_and_in_the_request() -> None:
    workload = find_workload("fanout?n=500&delay=50&mode=threads")
    assert workload.name == "fanout?n=500&delay=50&mode=threads"
    assert workload.request.path == "/fanout?n=500&mode=threads"
    assert workload.of("wsgi") == workload.of("asgi")
    (need,) = workload.needs
    assert (need.name, need.settings["delay"], need.calls) == ("upstream", "constant:50", 500)


def test_left_to_themselves_wsgi_apps_wait_for_one_call_after_the_other_and_asgi_apps_for_all_at_once() -> None:
    workload = find_workload("fanout")
    assert workload.of("wsgi").request.path == "/fanout?n=20&mode=sequential"
    assert workload.of("asgi").request.path == "/fanout?n=20&mode=async"


def test_a_right_answer_says_what_only_the_upstream_knows() -> None:
    told = json.loads(find_workload("fanout?n=2").json_body or "")
    assert told == {"n": 2, "distinct": 2, "sum": 40503 + (2654435761 + 40503) % 1000003}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("fanot", "did you mean fanout"),
        ("", "known workloads"),
        ("fanout?m=3", "no parameter 'm'"),
        ("fanout?n=0", "from 1 to 500"),
        ("fanout?n=" + "9" * 5000, "from 1 to 500"),
        ("items?form=all", "one of one, list"),
    ],
)
def test_what_is_not_there_is_refused_with_what_is(text: str, said: str) -> None:
    with pytest.raises(UsageError) as refused:
        find_workload(text)
    assert said in f"{refused.value.message} {refused.value.remedy}"
    assert len(refused.value.message) < 300


@given(st.text())
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        find_workload(text)
    except UsageError:
        return
    assert text.partition("?")[0] in WORKLOADS


def test_an_app_without_the_part_is_refused_with_those_that_have_it() -> None:
    with pytest.raises(UsageError, match="bare-wsgi has no items") as refused:
        refuse_without(parse_stack("bare-wsgi@gunicorn"), find_workload("items"))
    assert "flask" in refused.value.remedy
    refuse_without(parse_stack("flask@waitress"), find_workload("items"))
    refuse_without(parse_stack("shop.main:app@gunicorn"), find_workload("items"))


def test_a_part_that_needs_a_certain_stack_is_refused_elsewhere_with_the_reason() -> None:
    websocket = find_workload("websocket")
    with pytest.raises(UsageError, match="WSGI has no WebSocket") as refused:
        refuse_without(parse_stack("flask@waitress"), websocket)
    assert "flask@gunicorn?threads=8" in refused.value.remedy
    refuse_without(parse_stack("flask@gunicorn?threads=64&workers=1"), websocket)
    with pytest.raises(UsageError, match="WSGI has no WebSocket"):
        refuse_without(parse_stack("flask@gunicorn"), websocket)


def test_the_message_of_a_websocket_is_as_long_as_asked_for_and_comes_back() -> None:
    for count in (1, 32, 65_536):
        workload = find_workload(f"websocket?bytes={count}")
        assert workload.request.websocket
        assert workload.request.body == workload.body
        assert len(workload.body or b"") == count
        assert workload.readiness == Request()
    assert find_workload("items").readiness == find_workload("items").request


def test_a_stack_with_fewer_threads_than_websockets_is_refused_with_what_would_do() -> None:
    websocket, stack = find_workload("websocket"), parse_stack("flask@gunicorn?threads=8&workers=2")
    refuse_crowd(stack, websocket, 16)
    refuse_crowd(stack, find_workload("items"), 17)
    refuse_crowd(parse_stack("fastapi@uvicorn"), websocket, 17)
    with pytest.raises(UsageError, match="holds 16 WebSockets at once, one in each thread, and the load opens 17"):
        refuse_crowd(stack, websocket, 17)
