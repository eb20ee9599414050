import json
import re
from collections import Counter
from itertools import islice
from urllib.parse import unquote, urlsplit
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from webdyno.errors import UsageError
from webdyno.loadgen.forms import Form
from webdyno.loadgen.request_template import LONGEST_TEXT, Sources, Template, Values, unescaped
from webdyno.model.scenario import Rows
from webdyno.model.workload import JsonScalar

FORMS: list[Form] = ["json", "string", "url", "plain"]
texts = st.text(st.characters(exclude_categories=["Cs"]))
scalars: st.SearchStrategy[JsonScalar] = st.one_of(
    texts, st.integers(), st.floats(allow_nan=False, allow_infinity=False), st.booleans(), st.none()
)


def values_of(seed: int = 0, share: tuple[int, int] = (0, 1)) -> Values:
    return Sources({}, seed, share).journey()


def rendered(text: str, form: Form = "plain", **taken: JsonScalar) -> bytes:
    values = values_of()
    values.taken.update(taken)
    return Template.parse(text, form).render(values)


def rows(*names: str) -> Rows:
    return Rows(rows=tuple({"name": name} for name in names))


@given(texts.filter(lambda text: "${" not in text), st.sampled_from(FORMS))
def test_text_without_placeholders_stays_as_it_is(text: str, form: Form) -> None:
    template = Template.parse(text, form)
    assert template.constant == template.render(values_of()) == text.encode()


@given(texts, st.text("${}a", max_size=8))
def test_any_text_can_be_written_by_doubling_the_dollar_sign(before: str, after: str) -> None:
    text = before + after
    escaped = text.replace("${", "$${")
    assert Template.parse(escaped, "plain").constant == text.encode()
    assert unescaped(escaped) == text


@given(st.binary())
def test_any_bytes_come_through(content: bytes) -> None:
    escaped = content.replace(b"${", b"$${").decode("utf-8", "surrogateescape")
    assert Template.parse(escaped, "plain").constant == content


def test_all_byte_values_come_through_beside_a_placeholder() -> None:
    content = bytes(range(256)) * 2
    text = content.decode("utf-8", "surrogateescape") + "%d%${token}" + content.decode("utf-8", "surrogateescape")
    assert rendered(text, token="x") == content + b"%d%x" + content


@given(scalars, st.sampled_from(FORMS))
def test_the_json_form_is_json_of_the_value(value: JsonScalar, default: Form) -> None:
    shown = rendered("${it:json}", default, it=value).decode("ascii")
    back = json.loads(unquote(shown) if default == "url" else shown)
    assert back == value
    assert type(back) is type(value)


@given(texts, texts.filter(lambda text: "${" not in text and not text.endswith("$")))
def test_the_string_form_fits_into_a_json_string(value: str, around: str) -> None:
    around_json = json.dumps(around)[1:-1]
    assert json.loads(rendered(f'"{around_json}${{it:string}}{around_json}"', it=value)) == f"{around}{value}{around}"


@given(texts)
def test_the_url_form_decodes_to_the_value_and_holds_only_unreserved_characters(value: str) -> None:
    shown = rendered("${it:url}", it=value).decode("ascii")
    assert re.fullmatch(r"(?:[A-Za-z0-9._~-]|%[0-9A-F]{2})*", shown)
    assert unquote(shown) == value


@given(texts)
def test_the_plain_form_is_the_text(value: str) -> None:
    assert rendered("a${it}b", it=value) == f"a{value}b".encode()


@given(st.text(), st.sampled_from(FORMS))
def test_no_value_ends_a_request_line_whatever_its_form(value: str, form: Form) -> None:
    assert re.fullmatch(rb"/[!-~]*", rendered(f"/${{it:{form}}}", "url", it=value))


def test_a_plain_value_in_a_path_keeps_what_a_path_may_hold() -> None:
    assert rendered("/${it:plain}", "url", it="items?page=2&q=a%20b c") == b"/items?page=2&q=a%20b%20c"
    assert urlsplit(rendered("/a?q=${it}", "url", it="b&c=d#e")).query == b"q=b%26c%3Dd%23e"


@pytest.mark.parametrize(("value", "text"), [(3, b"3"), (1.5, b"1.5"), (True, b"true"), (None, b"null")])
def test_values_that_are_no_text_are_written_as_in_json(value: JsonScalar, text: bytes) -> None:
    for form in FORMS:
        assert rendered(f"${{it:{form}}}", it=value) == text


@pytest.mark.parametrize("value", [float("inf"), float("-inf"), float("nan")])
def test_a_number_that_json_does_not_have_becomes_null(value: float) -> None:
    assert rendered('{"it": ${it:json}}', it=value) == b'{"it": null}'


@pytest.mark.parametrize("form", FORMS)
def test_half_a_surrogate_pair_from_a_server_does_no_harm(form: Form) -> None:
    shown = rendered(f"${{it:{form}}}", it="a\ud800\udc80\udcffb")
    assert shown.isascii()


@given(st.integers(1, 7), st.integers(0, 40))
def test_the_processes_of_a_load_share_one_counter(processes: int, each: int) -> None:
    template = Template.parse("${counter}", "plain")
    numbers = []
    for place in range(processes):
        values = values_of(share=(place, processes))
        numbers += [int(template.render(values)) for _ in range(each)]
    assert sorted(numbers) == list(range(1, processes * each + 1))


def test_every_placeholder_and_journey_counts_on() -> None:
    sources = Sources({}, 0, (0, 1))
    template = Template.parse("${counter},${counter:json}", "plain")
    assert [template.render(sources.journey()) for _ in range(3)] == [b"1,2", b"3,4", b"5,6"]


@given(st.integers(-(10**15), 10**15), st.integers(0, 2**52), st.integers())
def test_random_numbers_stay_within_their_ends(low: int, width: int, seed: int) -> None:
    template = Template.parse(f"${{random({low},{low + width})}}", "plain")
    values = values_of(seed=seed)
    assert all(low <= int(template.render(values)) <= low + width for _ in range(10))


def test_random_numbers_are_even_and_reach_both_ends() -> None:
    values, template = values_of(), Template.parse("${random(-1, 2)}", "plain")
    seen = Counter(template.render(values) for _ in range(8_000))
    assert set(seen) == {b"-1", b"0", b"1", b"2"}
    # Six standard deviations of a binomial count.
    assert all(abs(number - 2_000) < 6 * (8_000 * 0.25 * 0.75) ** 0.5 for number in seen.values())


def test_random_text_uses_every_letter_and_digit_evenly() -> None:
    text = rendered(f"${{text({LONGEST_TEXT})}}").decode("ascii")
    seen = Counter(text)
    assert len(text) == LONGEST_TEXT
    assert "".join(sorted(seen)) == "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
    mean = LONGEST_TEXT / 62
    assert all(abs(number - mean) < 6 * mean**0.5 for number in seen.values())


@given(st.integers(1, 300), st.integers())
def test_random_text_has_its_length(length: int, seed: int) -> None:
    text = Template.parse(f"${{text({length})}}", "plain").render(values_of(seed=seed))
    assert len(text) == length
    assert text.isalnum()


@given(st.integers())
def test_uuids_are_random_ones(seed: int) -> None:
    values, template = values_of(seed=seed), Template.parse("${uuid}", "url")
    first, second = (UUID(template.render(values).decode()) for _ in range(2))
    assert first != second
    assert first.version == second.version == 4
    assert first.variant == "specified in RFC 4122"
    assert json.loads(Template.parse("${uuid:json}", "plain").render(values)).count("-") == 4


def test_generated_text_is_quoted_as_json_and_encoded_in_a_path() -> None:
    assert re.fullmatch(rb'"\w{3}"', rendered("${text(3):json}"))
    assert re.fullmatch(rb"/%22\w{3}%22", rendered("/${text(3):json}", "url"))


@given(st.integers(), st.integers(1, 4))
def test_the_same_seed_and_share_give_the_same_values(seed: int, processes: int) -> None:
    template = Template.parse("${random(0,999999999)} ${text(9)} ${uuid} ${some.name} ${any.name}", "plain")
    names = [str(number) for number in range(1000)]
    data = {"some": rows(*names), "any": Rows(rows=rows(*names).rows, pick="random")}

    def drawn(seed: int, place: int) -> list[bytes]:
        sources = Sources(data, seed, (place, processes))
        return [template.render(sources.journey()) for _ in range(5)]

    assert drawn(seed, 0) == drawn(seed, 0) != drawn(seed + 1, 0)
    if processes > 1:
        assert not set(drawn(seed, 0)) & set(drawn(seed, 1))


def test_a_journey_holds_one_row() -> None:
    sources = Sources({"users": rows("ann", "bob", "cleo")}, 0, (0, 1))
    template = Template.parse("${users.name} ${users.name}", "plain")
    ann, bob = sources.journey(), sources.journey()
    assert [template.render(ann), template.render(bob), template.render(ann)] == [b"ann ann", b"bob bob", b"ann ann"]


def test_journeys_that_use_no_data_take_no_row() -> None:
    sources = Sources({"users": rows("ann", "bob")}, 0, (0, 1))
    sources.journey()
    assert sources.journey().row("users") == {"name": "ann"}


@given(st.integers(1, 9), st.integers(1, 4))
def test_next_rows_are_dealt_over_the_processes_in_turn(number: int, processes: int) -> None:
    data = {"users": rows(*map(str, range(number)))}
    sources = [Sources(data, 0, (place, processes)) for place in range(processes)]
    seen = [sources[turn % processes].journey().row("users")["name"] for turn in range(3 * number)]
    assert seen == [str(turn % number) for turn in range(3 * number)]


def test_random_rows_are_any() -> None:
    data = {"users": Rows(rows=rows("ann", "bob", "cleo").rows, pick="random")}
    names = [row["name"] for row in islice(Sources(data, 0, (0, 1)).rows["users"], 300)]
    assert set(names) == {"ann", "bob", "cleo"}
    assert names != names[3:] + names[:3]


def test_a_template_tells_what_it_needs() -> None:
    template = Template.parse("${token} ${users.first name} ${users.age:json} ${counter} ${uuid} ${text(1)}", "plain")
    assert template.names == {"token"}
    assert template.columns == {("users", "first name"), ("users", "age")}
    assert template.constant is None


@pytest.mark.parametrize(
    ("text", "message", "remedy"),
    [
        ("ab${counter", "at character 3: a placeholder that does not end", "$${"),
        ("${}", "at character 1: this is no placeholder", "${counter}"),
        ("${a b}", "at character 1: this is no placeholder", "${counter}"),
        ("x${counter}y${rndom(1,2)}", "at character 13: there is no function 'rndom'", "did you mean random?"),
        ("${counter()}", "no function 'counter'", "counter takes no arguments"),
        ("${now()}", "no function 'now'", "the functions are"),
        ("${random}", "random needs arguments", "${random(1,100)}"),
        ("${text}", "text needs arguments", "${text(12)}"),
        ("${random(1)}", "other arguments", "${random(1,100)}"),
        ("${random(1,b)}", "other arguments", "${random(1,100)}"),
        ("${random(2,1)}", "empty or too wide", "lower end first"),
        ("${random(0,9007199254740992)}", "empty or too wide", "at most"),
        ("${text(0)}", "text cannot be 0 long", "1 to"),
        ("${text(65537)}", "text cannot be 65537 long", "1 to"),
        ("${text(1,2)}", "other arguments", "${text(12)}"),
        ("${text()}", "other arguments", "${text(12)}"),
        ("${counter:jsn}", "'jsn' is no form", "did you mean json?"),
        ("${counter:xx}", "'xx' is no form", "one of json, string, url, plain"),
        ("${counter:}", "'' is no form", "one of"),
        ("a\ud800", "surrogate", "write"),
    ],
)
def test_a_placeholder_that_is_none_is_told_with_its_place(text: str, message: str, remedy: str) -> None:
    with pytest.raises(UsageError) as caught:
        Template.parse(text, "plain")
    assert message in caught.value.message
    assert remedy in caught.value.remedy


def test_the_text_around_a_wrong_placeholder_is_not_repeated() -> None:
    for text in ("user:s3cret${rndom(1)}s3cret", "user:s3cret${s3cret", "${s3cret !}"):
        with pytest.raises(UsageError) as caught:
            Template.parse(text, "plain")
        assert "s3cret" not in caught.value.message + caught.value.remedy
