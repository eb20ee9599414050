import json
import os
import random
import re
from base64 import b64encode
from pathlib import Path
from typing import Any, get_args
from urllib.parse import parse_qsl

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from webdyno.errors import UsageError
from webdyno.loadgen import data_file, scenario_file
from webdyno.loadgen.body_template import json_template
from webdyno.loadgen.engine.wire import RequestWriter
from webdyno.loadgen.forms import Form
from webdyno.loadgen.job import LoadJob
from webdyno.loadgen.request_template import FUNCTIONS, WORDS, Sources, Template
from webdyno.loadgen.scenario_file import read_scenario
from webdyno.loadgen.scenario_format import DataTable, Defaults, ExpectTable, FlowTable, ScenarioTable, StepTable
from webdyno.model.load import ClosedLoad, Window
from webdyno.model.scenario import Rows, Scenario, Step
from webdyno.model.workload import Expected, JsonScalar

from .conftest import Measure
from .server import Exchange, ScriptedServer, answer

pytestmark = pytest.mark.paced

EXAMPLE = Path(__file__).parents[2] / "examples" / "shop.toml"
LOGIN = EXAMPLE.with_name("login.toml")
DOCS = Path(__file__).parents[2] / "docs" / "scenarios.md"
SECRET = "hunter2-s3cret"


def read(folder: Path, text: str, name: str = "shop.toml") -> Scenario:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return read_scenario(path)


def one_step(folder: Path, keys: str, above: str = "") -> Step:
    """The step with these keys, after one that takes `token`."""
    scenario = read(
        folder,
        f'{above}\n[[flow]]\nname = "f"\n[[flow.step]]\nname = "log in"\npath = "/login"\n'
        f'take = {{ token = "json:token" }}\n[[flow.step]]\n{keys}\n',
    )
    return scenario.flows[0].steps[1]


def refused(folder: Path, text: str, name: str = "shop.toml") -> UsageError:
    with pytest.raises(UsageError) as caught:
        read(folder, text, name)
    assert caught.value.message.startswith(str(folder / name))
    assert caught.value.remedy
    return caught.value


def refused_step(folder: Path, keys: str, above: str = "") -> UsageError:
    with pytest.raises(UsageError) as caught:
        one_step(folder, keys, above)
    assert caught.value.message.startswith(f"{folder / 'shop.toml'}: ")
    return caught.value


def body_of(step: Step, data: dict[str, Rows] | None = None, **taken: JsonScalar) -> bytes:
    """The body as the engine writes it."""
    values = Sources(data or {}, 0, (0, 1)).journey()
    values.taken.update(taken)
    return Template.parse((step.request.body or b"").decode("utf-8", "surrogateescape"), "plain").render(values)


def test_the_example_reads_and_goes_through_a_job() -> None:
    scenario = read_scenario(EXAMPLE)
    assert [(flow.name, flow.weight, len(flow.steps)) for flow in scenario.flows] == [("browse", 9, 2), ("order", 1, 2)]
    assert scenario.data["users"].rows[1] == {"name": "bob", "password": "comma, quoted"}
    listing, _, login, order = (step for flow in scenario.flows for step in flow.steps)
    assert ("Accept-Encoding", "gzip, deflate") in listing.request.headers
    assert listing.think_s == (0.1, 0.3)
    assert login.think_s == (0.2, 0.2)
    assert login.expected == Expected(status=200, json_values={"ok": True})
    assert json.loads(body_of(login, scenario.data)) == {"user": "ann", "password": "violet-7"}
    assert json.loads(body_of(order, scenario.data))["item"] == 1
    job = LoadJob(host="127.0.0.1", port=1, load=ClosedLoad(), scenario=scenario)
    assert LoadJob.model_validate_json(job.model_dump_json()) == job


def test_users_keep_cookies_unless_the_file_says_otherwise(tmp_path: Path) -> None:
    flow = '[[flow]]\nname = "f"\n[[flow.step]]\npath = "/"\n'
    assert read(tmp_path, flow).cookies
    assert not read(tmp_path, f"cookies = false\n{flow}").cookies
    with pytest.raises(UsageError, match="cookies: should be a valid boolean"):
        read(tmp_path, f'cookies = "no"\n{flow}')


def test_the_examples_in_the_documentation_are_those_that_are_tested() -> None:
    assert EXAMPLE.read_text() in DOCS.read_text()
    assert LOGIN.read_text() in DOCS.read_text()


def test_the_documentation_names_every_key_source_and_form() -> None:
    text = DOCS.read_text()
    tables = (ScenarioTable, DataTable, Defaults, FlowTable, StepTable, ExpectTable)
    keys = {field.alias or name for table in tables for name, field in table.model_fields.items()}
    above = {"flow": "[[flow]]", "step": "[[flow.step]]", "data": "[data.NAME]", "defaults": "[defaults]"}
    assert all(f"`{above.get(key, key)}`" in text for key in keys)
    assert all(f"| `${{{source}}}` |" in text for source in (*WORDS, *FUNCTIONS.values()))
    assert all(f"| `{form}` |" in text for form in get_args(Form))


def test_json_of_the_same_structure_reads_the_same(tmp_path: Path) -> None:
    document = {
        "flow": [
            {"name": "f", "step": [{"path": "/", "json": None, "expect": {"json": {"a": {"b": None, "c.0": 1.5}}}}]}
        ]
    }
    step = read(tmp_path, json.dumps(document), "shop.json").flows[0].steps[0]
    assert step.request.body == b"null"
    assert step.expected.json_values == {"a.b": None, "a.c.0": 1.5}


def test_a_step_has_plain_defaults(tmp_path: Path) -> None:
    step = one_step(tmp_path, 'path = "/a"')
    assert step == Step.model_validate({"name": "GET /a", "request": {"path": "/a"}})
    assert one_step(tmp_path, 'path = "/a"\nbody = ""').request.method == "POST"
    assert one_step(tmp_path, 'path = "/a"\nmethod = "delete"').request.method == "DELETE"
    assert one_step(tmp_path, f'path = "/{"a" * 90}"').name == "GET /" + "a" * 59


@pytest.mark.parametrize(("text", "seconds"), [("200ms", (0.2, 0.2)), ("0s..1m", (0, 60)), ("1 .. 2", (1, 2))])
def test_think_times_are_one_or_two_durations(tmp_path: Path, text: str, seconds: tuple[float, float]) -> None:
    assert one_step(tmp_path, f'path = "/"\nthink = "{text}"').think_s == seconds


def test_a_string_that_is_one_placeholder_becomes_the_json_value(tmp_path: Path) -> None:
    step = one_step(
        tmp_path,
        'path = "/"\njson = { n = "${counter}", t = "${token}", j = "${token:json}", s = "${token:string}", '
        'p = "${token:plain}", u = "${token:url}", mixed = "a\\"${token}${counter}", "key ${token}" = [1, 2.5, true, '
        '"$${x}", { deep = "${random(3,3)}" }] }',
    )
    assert dict(step.request.headers)["Content-Type"] == "application/json"
    assert json.loads(body_of(step, token=7)) == {
        "n": 1,
        "t": 7,
        "j": 7,
        "s": "7",
        "p": "7",
        "u": "7",
        "mixed": 'a"72',
        "key 7": [1, 2.5, True, "${x}", {"deep": 3}],
    }
    assert json.loads(body_of(step, token='é"\n'))["mixed"] == 'a"é"\n2'


texts = st.text(st.characters(exclude_categories=["Cs"]))
documents = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | texts,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(texts, inner, max_size=4),
    max_leaves=12,
)


def test_the_engine_sends_what_the_file_says(tmp_path: Path, measure: Measure) -> None:
    content = bytes(range(256)) + b"${token}"
    (tmp_path / "photo.bin").write_bytes(content)
    scenario = read(
        tmp_path,
        USERS
        + """
        [[flow]]
        name = "all"
          [[flow.step]]
          path = "/login"
          json = { user = "${users.name}", n = "${counter}" }
          basic = "${users.name}:é"
          take = { next = "json:next" }
          [[flow.step]]
          path = "/${next}"
          method = "PUT"
          body_file = "photo.bin"
          headers = { X-Name = "€ ${users.né}" }
        """,
    )
    seen = dict[bytes, tuple[bytes, bytes]]()

    def script(exchange: Exchange) -> None:
        line, _, head = exchange.head.partition(b"\r\n")
        seen[line] = (head, exchange.body)
        exchange.send(answer(b'{"next": "a b/\\u00e9 HTTP/1.1?"}'))

    with ScriptedServer(script) as server:
        load, window = ClosedLoad(connections=1), Window(warmup_s=0, duration_s=20)
        job = LoadJob(host="127.0.0.1", port=server.port, load=load, window=window, scenario=scenario, journeys=1)
        assert measure(job).ok == 2
    assert set(seen) == {b"POST /login HTTP/1.1", b"PUT /a%20b%2F%C3%A9%20HTTP%2F1.1%3F HTTP/1.1"}
    head, body = seen[b"POST /login HTTP/1.1"]
    assert json.loads(body) == {"user": "ann", "n": 1}
    assert b"Authorization: Basic " + b64encode("ann:é".encode()) in head.split(b"\r\n")
    head, body = seen[b"PUT /a%20b%2F%C3%A9%20HTTP%2F1.1%3F HTTP/1.1"]
    assert body == content
    assert "X-Name: € ø".encode() in head.split(b"\r\n")


pieces = st.sampled_from(
    [
        "/",
        "a",
        ":",
        "${token}",
        "${counter:json}",
        "${users.name}",
        "${users.bad}",
        "${text(3)}",
        "${",
        "}",
        "\n",
        "é",
        "\x7f",
    ]
)
written = st.lists(pieces, max_size=4).map("".join)
anything = st.recursive(
    written | st.integers() | st.floats() | st.booleans() | st.none(),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(written, inner, max_size=2),
    max_leaves=4,
)
tables = st.dictionaries(written, written, max_size=2)
usual = dict.fromkeys(("headers", "form", "take"), tables) | {"json": anything, "compressed": st.booleans()}
wild_keys = st.sampled_from(sorted({field.alias or name for name, field in StepTable.model_fields.items()})).flatmap(
    lambda key: st.tuples(st.just(key), usual.get(key, written) | anything)
)
wild_steps = st.builds(
    lambda path, keys: {"path": f"/{path}"} | dict(keys),
    st.text("abc", min_size=1, max_size=9) | written.filter(str.isprintable),
    st.lists(wild_keys, max_size=2),
)


@given(wild_steps, wild_steps)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=300)
def test_whatever_a_file_holds_it_is_refused_or_can_be_sent(
    tmp_path: Path, first: dict[str, object], second: dict[str, object]
) -> None:
    log_in = {"name": "log in", "path": "/login", "take": {"token": "json:token"}}
    data = {"users": {"file": "users.jsonl", "pick": "random"}}
    document = {"data": data, "flow": [{"name": "f", "step": [log_in, first, second]}]}
    try:
        scenario = read(tmp_path, json.dumps(document), "wild.json")
    except UsageError as error:
        assert (error.message + error.remedy).isprintable()
        return
    values = Sources(scenario.data, 0, (0, 1)).journey()
    for step in scenario.flows[0].steps:
        values.taken |= dict.fromkeys(step.take, "taken")
        sent = RequestWriter(step, "127.0.0.1:1").render(values)
        head, _, body = sent.partition(b"\r\n\r\n")
        lines = head.split(b"\r\n")
        assert re.fullmatch(rb"\S+ /[!-~]* HTTP/1.1", lines[0])
        assert len(lines) <= 5 + len(step.request.headers) + (step.basic is not None)
        assert not re.search(rb"[\x00-\x08\n\x0b-\x1f\x7f]", b"".join(lines))
        if b"Content-Type: application/json" in lines:
            json.loads(body)


def escaped(value: Any) -> Any:
    if isinstance(value, str):
        return value.replace("${", "$${")
    if isinstance(value, list):
        return [escaped(item) for item in value]
    if isinstance(value, dict):
        return {escaped(key): escaped(item) for key, item in value.items()}
    return value


@given(documents)
def test_the_template_of_a_json_value_gives_that_value(document: Any) -> None:
    template = Template.parse(json_template(escaped(document)), "plain")
    assert template.constant is not None
    assert json.loads(template.constant) == document


def test_a_form_is_encoded(tmp_path: Path) -> None:
    step = one_step(tmp_path, 'path = "/"\nform = { "na me" = "a&b $${ ${token}", id = "${counter}" }')
    assert dict(step.request.headers)["Content-Type"] == "application/x-www-form-urlencoded"
    sent = body_of(step, token="x=y&é").decode("ascii")
    assert parse_qsl(sent, strict_parsing=True) == [("na me", "a&b ${ x=y&é"), ("id", "1")]


def test_a_body_file_is_sent_byte_for_byte(tmp_path: Path) -> None:
    random_bytes = random.Random(5).randbytes(5_000)
    content = bytes(range(256)) + b"${token} $${ $$${ ${" + "é€".encode() + random_bytes
    (tmp_path / "photo.bin").write_bytes(content)
    step = one_step(tmp_path, 'path = "/"\nbody_file = "photo.bin"\nexpect = { body_file = "photo.bin" }')
    step = Step.model_validate_json(step.model_dump_json())
    assert body_of(step) == content
    assert step.expected.body == content


@given(content=st.binary(max_size=200))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=50)
def test_any_body_file_is_sent_byte_for_byte(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "body").write_bytes(content)
    assert body_of(one_step(tmp_path, 'path = "/"\nbody_file = "body"')) == content


def test_a_text_body_is_a_template(tmp_path: Path) -> None:
    assert body_of(one_step(tmp_path, 'path = "/"\nbody = "é ${token:json} $${x}"'), token="a") == 'é "a" ${x}'.encode()


def test_own_headers_replace_defaults_and_what_is_set_for_the_body(tmp_path: Path) -> None:
    defaults = '[defaults]\nheaders = { accept = "a/b", X-One = "1", Accept-Encoding = "br" }'
    step = one_step(
        tmp_path,
        'path = "/"\njson = 1\ncompressed = true\nheaders = { Accept = "c/d", content-type = "x/y" }',
        defaults,
    )
    assert sorted(step.request.headers) == [
        ("Accept", "c/d"),
        ("Accept-Encoding", "gzip, deflate"),
        ("X-One", "1"),
        ("content-type", "x/y"),
    ]


def test_a_header_is_sent_as_utf8(tmp_path: Path) -> None:
    step = one_step(tmp_path, 'path = "/"\nheaders = { X-Name = "é€ ${users.né}" }', USERS)
    [(_, value)] = step.request.headers
    assert value.encode("latin-1").decode() == "é€ ${users.né}"


USERS = '[data.users]\nfile = "users.jsonl"'


@pytest.fixture(autouse=True)
def users(tmp_path: Path) -> None:
    lines = [{"name": "ann", "né": "ø", "age": 7, "bad": "fine"}, {"name": "bob", "né": "", "bad": "a\r\nX: y"}]
    (tmp_path / "users.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))


def test_a_default_that_needs_a_taken_value_holds_once_it_is_taken(tmp_path: Path) -> None:
    scenario = read(
        tmp_path,
        """
        defaults = { bearer = "${token}", headers = { X-Tag = "${uuid}" } }
        flow = [
          { name = "in", step = [
            { name = "log in", path = "/login", take = { token = "json:token" } },
            { name = "use", path = "/" },
            { name = "other", path = "/", basic = "a:b" },
            { name = "raw", path = "/", headers = { authorization = "Custom x" } },
          ] },
          { name = "out", step = [{ name = "look", path = "/" }] },
        ]
        """.replace("\n          ", " ")
        .replace("\n        ]", "]")
        .replace(", ]", "]")
        .replace(",  ", ", "),
    )
    steps = {step.name: step for flow in scenario.flows for step in flow.steps}
    sent = {name: [value for _, value in step.request.headers] for name, step in steps.items()}
    assert sent == {
        "log in": ["${uuid}"],
        "use": ["${uuid}", "Bearer ${token}"],
        "other": ["${uuid}"],
        "raw": ["${uuid}", "Custom x"],
        "look": ["${uuid}"],
    }
    assert [name for name, step in steps.items() if step.basic] == ["other"]


def test_a_default_for_basic_authentication_gives_way_to_a_bearer(tmp_path: Path) -> None:
    defaults = '[defaults]\nbasic = "ann:x${counter}"'
    assert one_step(tmp_path, 'path = "/"', defaults).basic == "ann:x${counter}"
    step = one_step(tmp_path, 'path = "/"\nbearer = "abc"', defaults)
    assert (step.basic, step.request.headers) == (None, (("Authorization", "Bearer abc"),))


@pytest.mark.parametrize(
    ("keys", "message", "remedy"),
    [
        ("", "flow 'f': step 2: the key 'path' is missing", "add it"),
        ('pth = "/"', "step 2: there is no key 'pth'", "did you mean path?"),
        ('name = "x"\npath = 7', "step 'x': path: should be a valid string", "docs/scenarios.md"),
        ('path = "/"\nexpect = { statsu = 200 }', "expect: there is no key 'statsu'", "did you mean status?"),
        ('path = "/"\nexpect = { status = 99 }', "expect: status: should be greater than", "docs"),
        ('path = "/"\nexpect = { status = true }', "expect: status: should be a valid integer", "docs"),
        ('path = "/"\nexpect = { json = { a = [1] } }', "expect: json: a: this is no plain", "roles.0"),
        ('path = "/"\nexpect = { json = { a = inf } }', "expect: json: a: this is no plain", "roles.0"),
        ('path = "/"\nexpect = { json = { a = {} } }', "expect: json: a: this is no plain", "roles.0"),
        ('path = "/"\nexpect = { body = "a", body_file = "b" }', "expect: there is both", "one of them"),
        ('path = "items"', "path: it must begin with /", "%20"),
        ('path = "/a b"', "path: it must begin with /", "%20"),
        ('path = "/a\\r\\nX: y"', "path: it must begin with /", "%20"),
        ('path = "/é"', "path: it must begin with /", "%20"),
        ('path = "/${tokn}"', "path: no earlier step of this flow takes 'tokn'", "did you mean token?"),
        ('path = "/${late}"\ntake = { late = "json:a" }', "no earlier step of this flow takes 'late'", "take it there"),
        ('path = "/${contr}"', "no earlier step of this flow takes 'contr'", "did you mean counter?"),
        ('path = "/a${user.name}"', "path: there is no data 'user'", "did you mean users?"),
        ('path = "/${users.nam}"', "path: row 1 of the data 'users' has no column 'nam'", "did you mean name?"),
        ('path = "/${users.age}"', "path: row 2 of the data 'users' has no column 'age'", "add it there"),
        ('path = "/${users.age"', "path: at character 2: a placeholder that does not end", "}"),
        ('path = "/"\nmethod = "GET /"', "method: this is no HTTP method", "GET"),
        ('path = "/"\nbody = "a"\njson = 1', "there is both body and json", "one of them"),
        ('path = "/"\nbody = "${x(}"', "body: at character 1", "${counter}"),
        ('path = "/"\nbody = "${tokn}"', "body: no earlier step", "did you mean token?"),
        ('path = "/"\nbody_file = "none"', "body_file: ", "name and permission"),
        ('path = "/"\nbody_file = "."', "is not a regular file", ""),
        ('path = "/"\nbody_file = "a\\u0000b"', "cannot be read", ""),
        ('path = "/"\njson = { a = [1, { b = 2024-01-01 }] }', "json: a: 1: b: JSON has no such value", "as text"),
        ('path = "/"\njson = nan', "json: JSON has no such value", "leave out"),
        ('path = "/"\njson = { a = "x${token:json}" }', "json: a: a JSON value cannot stand inside", "form string"),
        ('path = "/"\njson = { a = "${tokn}" }', "body: no earlier step", "did you mean token?"),
        ('path = "/"\nform = { a = "${text}" }', "form: at character 1: text needs arguments", "${text(12)}"),
        ('path = "/"\ntake = { counter = "json:a" }', "take: counter: this name has a meaning", "another"),
        ('path = "/"\ntake = { "a b" = "json:a" }', "take: 'a b' is no name", "letter"),
        ('path = "/"\ntake = { a = "jsn:a" }', "take: a: this names no part", "json:user.id"),
        ('path = "/"\ntake = { a = "header:a b" }', "take: a: this names no part", "header:Location"),
        ('path = "/"\nthink = "soon"', "think: 'soon' is not a think time", "200ms"),
        ('path = "/"\nthink = "2s..1s"', "think: it goes from more to less", "100ms..300ms"),
        ('path = "/"\nthink = "2h"', "think: it goes from more to less, or is over an hour", ""),
        ('path = "/"\nname = "log in"', "2 steps have the name 'log in'", "a name of its own"),
        ('path = "/"\nname = ""', "step 2: name: String should have at least 1", "docs"),
    ],
)
def test_what_is_wrong_in_a_step_is_told_with_its_place(tmp_path: Path, keys: str, message: str, remedy: str) -> None:
    error = refused_step(tmp_path, keys, USERS)
    assert message in error.message
    assert remedy in error.remedy


@pytest.mark.parametrize(
    ("keys", "message"),
    [
        (f'headers = {{ Content-Length = "{SECRET}" }}', "the header Content-Length is not 0"),
        (f'headers = {{ transfer-encoding = "{SECRET}" }}', "header transfer-encoding: this header may not be given"),
        (f'headers = {{ "X Y" = "{SECRET}" }}', "header X Y: this is no name of a header"),
        (f'headers = {{ "X:\\r\\nY" = "{SECRET}" }}', r"header X:\r\nY: this is no name of a header"),
        (f'headers = {{ X = "{SECRET}\\r\\nY: z" }}', "header X: its value has a line break"),
        (f'headers = {{ X = "{SECRET}\\u007f" }}', "header X: its value has a line break"),
        (f'headers = {{ X = "{SECRET}", x = "{SECRET}" }}', "header x: it is given twice"),
        (f'headers = {{ X = ["{SECRET}"] }}', "headers: X: should be a valid string"),
        (f'headers = {{ X = "{SECRET}${{users.bad}}" }}', "header X: 'bad' in row 2 of the data 'users' has a control"),
        (f'headers = {{ X = "{SECRET}${{users.bad:json}}" }}', "header X: 'bad' in row 2 of the data 'users'"),
        (f'headers = {{ X = "{SECRET}${{{SECRET}" }}', "header X: at character 15: a placeholder that does not end"),
        (f'bearer = "{SECRET}\\n"', "header Authorization: its value has a line break"),
        (f'bearer = "{SECRET}${{tokn}}"', "header Authorization: no earlier step of this flow takes 'tokn'"),
        (f'bearer = "{SECRET}"\nheaders = {{ authorization = "{SECRET}" }}', "header Authorization: it is given twice"),
        (f'bearer = "{SECRET}"\nbasic = "a:{SECRET}"', "basic: the header Authorization is given as well"),
        (f'bearer = ["{SECRET}"]', "bearer: should be a valid string"),
        (f'basic = "{SECRET}"', "basic: there is no colon"),
        (f'basic = "ann:{SECRET}${{users.bad}}"', "basic: 'bad' in row 2 of the data 'users' has a control character"),
        (f'basic = "ann:{SECRET}${{users.none}}"', "basic: row 1 of the data 'users' has no column 'none'"),
        (f'json = {{ password = "{SECRET}${{" }}', "json: password: at character 15"),
    ],
)
def test_headers_and_credentials_that_cannot_be_sent_are_refused_without_repeating_them(
    tmp_path: Path, keys: str, message: str
) -> None:
    error = refused_step(tmp_path, f'path = "/"\n{keys}', USERS)
    assert message in error.message
    assert SECRET not in error.message + error.remedy + "".join(error.details)


@pytest.mark.parametrize(
    ("above", "message", "remedy"),
    [
        ('[defaults]\nbearer = "${tokn}"', "defaults: header Authorization: no step takes 'tokn'", "token?"),
        ('[defaults]\nheaders = { A = "\\n" }', "defaults: header A: its value has a line break", "without"),
        ('[defaults]\nbasic = "a:${"', "defaults: header basic: at character 3", "close it"),
        ("[defaults]\nheadrs = {}", "defaults: there is no key 'headrs'", "did you mean headers?"),
        ('[data.users]\nfil = "a.csv"', "data: users: there is no key 'fil'", "did you mean file?"),
        ('[data."a b"]\nfile = "a.csv"', "data: 'a b' is no name", "letter"),
        ('[data.users]\nfile = "a.csv"\npick = "rnd"', "data: users: pick: should be 'next' or 'random'", "docs"),
        ('[data.users]\nfile = "a.txt"', "a.txt: its name ends with neither", "formats"),
        ('[data.users]\nfile = "a.csv"', "a.csv: it cannot be read: No such file", "name"),
        ("flwo = 1", "there is no key 'flwo'", "did you mean flow?"),
    ],
)
def test_what_is_wrong_beside_the_flows_is_told_with_its_place(
    tmp_path: Path, above: str, message: str, remedy: str
) -> None:
    error = refused_step(tmp_path, 'path = "/"', above)
    assert message in error.message
    assert remedy in error.remedy


@pytest.mark.parametrize(
    ("text", "name", "message"),
    [
        ("", "shop.toml", "the key 'flow' is missing"),
        ("flow = []", "shop.toml", "flow: List should have at least 1 item"),
        ('flow = "x"', "shop.toml", "flow: should be a valid list"),
        ("flow = [3]", "shop.toml", "flow 1: should be a table"),
        ('[[flow]]\nname = "f"', "shop.toml", "flow 'f': the key 'step' is missing"),
        ('[[flow]]\nname = "f"\nweight = 0', "shop.toml", "flow 'f'"),
        ("a b", "shop.toml", "not TOML: Expected '=' after a key"),
        ("{", "shop.json", "not JSON: "),
        ("[1]", "shop.json", ": should be a table"),
        ('{"flow": "\\ud800"}', "shop.json", "surrogate"),
        ("[" * 100_000, "shop.json", "nested too deep"),
        ("a = " + "[" * 100_000, "shop.toml", "nested too deep"),
        ('{"flow": ' + "9" * 5_000 + "}", "shop.json", "not JSON: "),
    ],
)
def test_a_file_that_is_no_scenario_is_told(tmp_path: Path, text: str, name: str, message: str) -> None:
    assert message in refused(tmp_path, text, name).message


def test_escape_sequences_in_names_do_not_reach_the_terminal(tmp_path: Path) -> None:
    text = '[[flow]]\nname = "\\u001b[31mred"\n[[flow.step]]\nname = "\\u001b]0;x"\npath = "/"\n"\\u001bkey" = 1'
    error = refused(tmp_path, text)
    assert error.message.isprintable()
    assert error.remedy.isprintable()


def test_files_that_cannot_be_read_are_refused_at_once(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.toml")
    (tmp_path / "latin.toml").write_bytes(b'a = "\xe9"')
    for name, message in [
        ("none.toml", "cannot be read: No such file"),
        ("pipe.toml", "is not a regular file"),
        ("latin.toml", "byte 6 is not UTF-8"),
        (".", "is not a regular file"),
    ]:
        with pytest.raises(UsageError) as caught:
            read_scenario(tmp_path / name)
        assert message in caught.value.message


def test_files_are_read_within_bounds(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scenario_file, "MOST_BODY_BYTES", 10)
    (tmp_path / "body").write_bytes(b"x" * 10)
    assert body_of(one_step(tmp_path, 'path = "/"\nbody_file = "body"')) == b"x" * 10
    (tmp_path / "body").write_bytes(b"x" * 11)
    assert "body_file: " in refused_step(tmp_path, 'path = "/"\nbody_file = "body"').message
    assert "larger than 10 B" in refused_step(tmp_path, 'path = "/"\nbody_file = "body"').message
    assert "it is larger than 4.00 MB" in refused(tmp_path, "#" * 4_000_001).message
    monkeypatch.setattr(data_file, "MOST_ROWS", 1)
    assert "more than 1 rows" in refused_step(tmp_path, 'path = "/"', USERS).message


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("a.csv", "", "there are no rows"),
        ("a.csv", "name\n", "there are no rows"),
        ("a.csv", "name,name\na,b\n", "names a column twice"),
        ("a.csv", "name,\na,b\n", "names a column twice, or not at all"),
        ("a.csv", f"name,age\n\na,1\n{SECRET}\n", "line 4 has 1 values where the header has 2"),
        ("a.csv", f'name\n"{SECRET}', "is not CSV"),
        ("a.csv", f'name\n"{SECRET}"x\n', "line 2 is not CSV"),
        ("a.csv", "name\n" + "x" * 200_000, "line 2 is not CSV: field larger"),
        ("a.jsonl", "\n\n", "there are no rows"),
        ("a.jsonl", f'{{"a": 1}}\n{SECRET}', "line 2 is not JSON"),
        ("a.jsonl", "[1]", "line 1 is not an object of plain values"),
        ("a.jsonl", '{"a": [1]}', "line 1 is not an object of plain values"),
        ("a.jsonl", '{"a": NaN}', "line 1 is not JSON"),
        ("a.jsonl", '{"a": 1e999}', "line 1 is not JSON"),
        ("a.jsonl", '{"a": 1, "a": 2}', "line 1 is not JSON"),
        ("a.jsonl", '{"a": 1' + "0" * 400 + "}", "line 1 is not an object of plain values"),
        ("a.jsonl", '{"a": "\\ud800"}', "line 1 is not JSON"),
        ("a.jsonl", '{"a": ' + "[" * 100_000, "line 1 is not JSON"),
    ],
)
def test_data_that_is_not_of_its_format_is_told_with_its_line(
    tmp_path: Path, name: str, content: str, message: str
) -> None:
    (tmp_path / name).write_text(content)
    error = refused_step(tmp_path, 'path = "/"', f'[data.users]\nfile = "{name}"')
    assert f"data users: {tmp_path / name}: " in error.message
    assert message in error.message
    assert SECRET not in error.message


def test_rows_of_csv_are_text_and_rows_of_jsonl_keep_their_types(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_bytes('\ufeffname, age\r\nann,7\r\n\r\n"b,\nc",\r\n'.encode())
    assert data_file.read_rows(tmp_path / "a.csv", "next").rows == (
        {"name": "ann", "age": "7"},
        {"name": "b,\nc", "age": ""},
    )
    (tmp_path / "a.jsonl").write_text('{"a": 7, "b": 7.5, "c": true}\n\n{"a": null, "b": "\u2028", "c": "7"}\n')
    rows = data_file.read_rows(tmp_path / "a.jsonl", "random")
    assert [[*row.values()] for row in rows.rows] == [[7, 7.5, True], [None, "\u2028", "7"]]
    assert rows.pick == "random"


def test_variables_of_the_environment_come_in_as_templates_and_no_others_with_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WEBDYNO_TEST_TOKEN", SECRET)
    monkeypatch.setenv("WEBDYNO_TEST_OTHER", "unused")
    text = """
    [[flow]]
    name = "all"
    [[flow.step]]
    path = "/?t=${env.WEBDYNO_TEST_TOKEN}"
    bearer = "${env.WEBDYNO_TEST_TOKEN}"
    json = { password = "${env.WEBDYNO_TEST_TOKEN}" }
    """
    scenario = read(tmp_path, text)
    assert scenario.data == {"env": Rows(rows=({"WEBDYNO_TEST_TOKEN": SECRET},))}
    request = scenario.flows[0].steps[0].request
    values = Sources(scenario.data, 1, (0, 1)).journey()
    assert Template.parse(request.path, "url").render(values) == f"/?t={SECRET}".encode()
    assert (
        Template.parse((request.body or b"").decode(), "plain").render(values)
        == b'{"password": "%b"}' % SECRET.encode()
    )


def test_a_variable_that_is_not_set_or_no_text_and_data_named_like_the_environment_are_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = '[[flow]]\nname = "all"\n[[flow.step]]\npath = "/${env.WEBDYNO_TEST_MISSING}"\n'
    with pytest.raises(UsageError, match="path: the variable WEBDYNO_TEST_MISSING is not set here") as raised:
        read(tmp_path, text)
    assert raised.value.remedy == "set it: export WEBDYNO_TEST_MISSING=..."
    monkeypatch.setenv("WEBDYNO_TEST_MISSING", os.fsdecode(b"violet-\xff"))
    with pytest.raises(UsageError, match="path: the variable WEBDYNO_TEST_MISSING is not UTF-8"):
        read(tmp_path, text)
    (tmp_path / "env.csv").write_text("a\n1\n")
    with pytest.raises(UsageError, match="data env: this name is that of the environment"):
        read(tmp_path, '[data.env]\nfile = "env.csv"\n' + text)
