import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from webdyno.errors import UsageError
from webdyno.loadgen import scenario_check
from webdyno.loadgen.engine.json_value import takeable
from webdyno.loadgen.forms import Encode, Form
from webdyno.loadgen.request_template import TAKEN_BYTES, Sources, Template
from webdyno.loadgen.scenario_check import check_memory
from webdyno.loadgen.scenario_file import read_scenario
from webdyno.model.scenario import Rows
from webdyno.model.workload import JsonScalar

FORMS: list[Form] = ["json", "string", "url", "plain"]
SOURCES = ["counter", "uuid", "random(-9000000000,90)", "text(7)", "users.name", "token"]
pieces = st.one_of(
    st.sampled_from(["a", "%d", "\u00e9"]),
    st.builds(lambda source, form: f"${{{source}:{form}}}", st.sampled_from(SOURCES), st.sampled_from(FORMS)),
)
values = st.one_of(
    st.integers(-(2**200), 2**200),
    st.floats(allow_nan=False, allow_infinity=False),
    st.booleans(),
    st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=40),
)


@given(st.lists(pieces, max_size=6).map("".join), st.sampled_from(FORMS), values, values)
def test_no_template_gives_more_than_it_says(text: str, form: Form, held: JsonScalar, taken: JsonScalar) -> None:
    rows = Rows(rows=({"name": held},))

    def of_column(name: str, column: str, encode: Encode) -> int:
        return len(encode(rows.rows[0][column]))

    template = Template.parse(text, form)
    journey = Sources({"users": rows}, 1, (0, 1)).journey()
    journey.taken["token"] = takeable(taken)
    assert len(template.render(journey)) <= template.longest(of_column)


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("default", ["url", "plain"])
@pytest.mark.parametrize("character", ["a", '"', "\\", "\u00e9", "\u20ac", "\U0001f600", " "])
def test_the_longest_text_that_is_taken_is_within_the_bound(form: Form, default: Form, character: str) -> None:
    journey = Sources({}, 1, (0, 1)).journey()
    journey.taken["it"] = takeable(character * (TAKEN_BYTES // len(character.encode())))
    template = Template.parse(f"${{it:{form}}}", default)
    assert len(template.render(journey)) <= template.longest(lambda *_: 0)


def refused(folder: Path, step: str, above: str = "") -> UsageError:
    path = folder / "shop.toml"
    path.write_text(f'{above}\n[[flow]]\nname = "f"\n[[flow.step]]\n{step}\n')
    with pytest.raises(UsageError) as caught:
        read_scenario(path)
    assert "at most" in caught.value.remedy
    return caught.value


def test_a_small_file_cannot_ask_for_a_huge_request(tmp_path: Path) -> None:
    text = "${text(65536)}"
    body = refused(tmp_path, f'path = "/"\nbody = "{text * 5000}"')
    assert "step 1: body: what is put in for the placeholders can make it 328 MB long" in body.message
    assert "path and headers: " in refused(tmp_path, f'path = "/{text * 20}"').message
    assert "path and headers: " in refused(tmp_path, f'path = "/"\nheaders = {{ X = "{text * 20}" }}').message
    assert "path and headers: " in refused(tmp_path, f'path = "/"\nbasic = "ann:{text * 12}"').message
    (tmp_path / "a.jsonl").write_text(json.dumps({"blob": "x" * 1_000_000}))
    rows = refused(tmp_path, f'path = "/"\nbody = "{"${users.blob}" * 9}"', '[data.users]\nfile = "a.jsonl"')
    assert "9.00 MB long" in rows.message


def test_the_requests_of_all_connections_have_to_fit_into_memory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "shop.toml"
    path.write_text('[[flow]]\nname = "f"\n[[flow.step]]\npath = "/"\nbody = "${text(990)}"\n')
    scenario = read_scenario(path)
    monkeypatch.setattr(scenario_check, "MOST_BYTES", 10_000)
    check_memory(scenario, 9)
    with pytest.raises(UsageError, match=r"requests of up to 991 B on 11 connections may need more than 10\.0 kB"):
        check_memory(scenario, 11)
