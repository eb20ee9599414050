"""What is taken for a secret and what is not, and that masking cannot be led astray by what is around it."""

from __future__ import annotations

import ast
import re
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import webdyno
from webdyno.model.secret_rules import MASK, is_secret_name, mask_named, mask_text

SECRET_NAMES = [
    "Authorization",
    "Proxy-Authorization",
    "Cookie",
    "Set-Cookie",
    "X-Api-Key",
    "X-API-Key",
    "X-Auth-Token",
    "X-CSRF-Token",
    "apiKey",
    "APIKEY",
    "api_key",
    "access_token",
    "accessToken",
    "SECRET_KEY",
    "DJANGO_SECRET_KEY",
    "AWS_SECRET_ACCESS_KEY",
    "PGPASSWORD",
    "DB_PASS",
    "DBPASS",
    "password",
    "passwd",
    "MYSQL_PWD",
    "smtp-pass",
    "client_secret",
    "sessionid",
    "SESSION",
    "jwt",
    "sig",
    "key",
    "KEY",
    "csrfmiddlewaretoken",
    "private_key",
    "user.password",
    "data.0.auth",
    "API_KEYS",
    "FERNET_KEYS",
    "accountkey",
    "DB_CREDS",
    "passcode",
    "TOTP",
    "contraseña",
    "clave",
]
PUBLIC_NAMES = [
    "WEB_CONCURRENCY",
    "PYTHONPATH",
    "LANG",
    "LC_ALL",
    "PATH",
    "HOME",
    "MODE",
    "DATABASE_URL",
    "Accept",
    "Accept-Encoding",
    "Content-Type",
    "Host",
    "User-Agent",
    "X-Request-Id",
    "KEYBOARD",
    "monkey",
    "AUTHOR",
    "TOKENIZERS_PARALLELISM",
    "SESSION_TIMEOUT",
    "SESSION_COOKIE_SECURE",
    "PASSWORD_FILE",
    "AUTH_URL",
    "token_type",
    "KEEPALIVE",
    "PYTHONHASHSEED",
    "GUNICORN_CMD_ARGS",
    "UVICORN_WORKERS",
    "q",
    "limit",
    "name",
    "user",
    "X-Key-Count",
    "KeyError",
    "InvalidTokenError",
    "AuthService",
    "PASS_RATE",
    "tokens_per_second",
    "session_duration",
    "secretary",
    "sort_key",
    "primaryKey",
    "PGPASSFILE",
]
WHERE = {
    "postgres://app:{}@db:5432/shop": "postgres://app:***@db:5432/shop",
    "redis://:{}@cache": "redis://:***@cache",
    "https://{}@git.test/x": "https://***@git.test/x",
    "GET /x?api_key={}&page=2 HTTP/1.1": "GET /x?api_key=***&page=2 HTTP/1.1",
    "user=ann&password={}&x=1": "user=ann&password=***&x=1",
    '{{"user": "ann", "password": "{}"}}': '{"user": "ann", "password": "***"}',
    'b\'{{"token":"{}"}}\'': 'b\'{"token":"***"}\'',
    '\\"secret\\": \\"{}\\", \\"x\\": 1': '\\"secret\\": \\"***\\", \\"x\\": 1',
    "{{'Authorization': 'Bearer {}', 'a': 1}}": "{'Authorization': '***', 'a': 1}",
    "Authorization: Bearer {}\nAccept: */*": "Authorization: ***\nAccept: */*",
    "Cookie: a={}; b=2": "Cookie: ***",
    "X-Api-Key: {}": "X-Api-Key: ***",
    "refused, token: {}": "refused, token: ***",
    "os.environ['API_KEY'] = '{}'": "os.environ['API_KEY'] = '***'",
    'a list: "tokens": ["{}"]': 'a list: "tokens": [***]',
    "sent Bearer {} to it": "sent Bearer *** to it",
    'name="password"\r\n\r\n{}\r\n--b--': 'name="password"\r\n\r\n***\r\n--b--',
    "X-Auth-Token: Bearer {}": "X-Auth-Token: Bearer ***",
    "X-Forwarded-Authorization: Basic {}": "X-Forwarded-Authorization: Basic ***",
    "authorization=Bearer {} took=3": "authorization=Bearer *** took=3",
    "user%5Bpassword%5D={}&x=1": "user%5Bpassword%5D=***&x=1",
    "user%5bkey%5d={}": "user%5bkey%5d=***",
    "password     =   {}": "password     =   ***",
    "contraseña={}&x=1": "contraseña=***&x=1",
    '\\\\"token\\\\": \\\\"{}\\\\", \\\\"x\\\\": 1': '\\\\"token\\\\": \\\\"***\\\\", \\\\"x\\\\": 1',
    "<a><s:password type='x'>{}</s:password></a>": "<a><s:password type='x'>***</s:password></a>",
    '<input name="csrf_token" type="hidden" value="{}">': '<input name="csrf_token" type="hidden" value="***">',
    "password = '{}\nWORKERS = '4'": "password = '***\nWORKERS = '4'",
}
SHAPES = (
    "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl",
    "ghp_" + "a1" * 18,
    "glpat-" + "x" * 20,
    "sk_live_" + "1" * 20,
    "sk-proj-" + "a-1_" * 6,
    "xoxb-1234567890-abc",
    "AKIA" + "IOSFODNN7EXAMPLE",
    "-----BEGIN RSA PRIVATE KEY-----\nMIIE\nxyz\n-----END RSA PRIVATE KEY-----",
)


@pytest.mark.parametrize("name", SECRET_NAMES)
def test_what_such_a_name_holds_is_a_secret(name: str) -> None:
    assert is_secret_name(name)
    assert "violet" not in mask_named(name, "violet")


@pytest.mark.parametrize("name", PUBLIC_NAMES)
def test_what_is_needed_to_measure_again_stays_readable(name: str) -> None:
    assert not is_secret_name(name)
    assert mask_named(name, "4") == "4"


@pytest.mark.parametrize("text", WHERE)
def test_a_secret_is_masked_by_what_stands_beside_it(text: str) -> None:
    assert mask_text(text.format("s3cr3t-value")) == WHERE[text]


@pytest.mark.parametrize("shape", SHAPES)
def test_a_secret_is_masked_by_its_look_wherever_it_stands(shape: str) -> None:
    assert mask_text(f"the app said {shape}, then it ended") == "the app said ***, then it ended"
    assert mask_named("MODE", f"x-{shape}" if shape[0] == "-" else shape).endswith(MASK)


def test_schemes_and_names_of_cookies_stay_readable() -> None:
    assert mask_named("Authorization", "Bearer abc") == "Bearer ***"
    assert mask_named("Authorization", "abc def") == "***"
    assert mask_named("Cookie", "session=abc; theme=dark") == "session=***; theme=***"


@pytest.mark.parametrize("value", ["", "true", "False", "0", "none", "***", "Bearer ***", "${env.TOKEN}", "a=${env.T}"])
def test_switches_and_what_is_hidden_already_are_left_alone(value: str) -> None:
    name = "Cookie" if "=" in value else "Authorization"
    assert mask_named(name, value) == value


@pytest.mark.parametrize(
    "text", ["/?token=${env.T}&q=1", '{"token": ${env.T}}', "X-Api-Key: ${env.T}", "Bearer ${env.T}"]
)
def test_what_names_a_secret_stays_as_it_is(text: str) -> None:
    assert mask_text(text) == text


def test_an_app_in_a_module_with_the_name_of_a_secret_is_none() -> None:
    for app in (
        "auth:create_app",
        "cookie:app@uvicorn",
        "my.token:application_1",
        "the app auth:create_app failed",
        "shop.Auth:wsgi_app2@uvicorn",
        'SessionApp:create_app("prod")@gunicorn failed',
    ):
        assert mask_text(app) == app


@pytest.mark.parametrize(
    "text",
    [
        "KeyError: 'API_KEY'",
        'API_KEY = os.environ["API_KEY"]',
        "jwt.exceptions.InvalidTokenError: 'expired'",
        "GET /models/sk-learn-based-classifier HTTP/1.1",
        "<title>Keys</title><a href='/'>session</a>",
        "export API_KEY=...",
        'header = { Authorization = "Bearer ${env.TOKEN}" }',
        "/items?sort_key=price&limit=3",
    ],
)
def test_what_only_speaks_of_secrets_stays_as_it_is(text: str) -> None:
    assert mask_text(text) == text


def test_counts_of_tokens_are_no_secrets() -> None:
    text = '{"max_tokens": 100, "usage": {"prompt_tokens": 12}, "otp": 123456}'
    assert mask_text(text) == text.replace("123456", "***")


def test_our_own_messages_stay_as_they_are() -> None:
    garbled = [text for text in _texts_of(Path(webdyno.__file__).parent) if mask_text(text) != text]
    # That of a help text, which nothing masks.
    assert [text for text in garbled if not text.startswith("\b\nExamples")] == []


def _texts_of(package: Path) -> list[str]:
    """The constant texts of all modules, but for docstrings and the rules themselves."""
    found = []
    for path in package.rglob("*.py"):
        if "services" in path.parts or path.name == "secret_rules.py":
            continue
        nodes = list(ast.walk(ast.parse(path.read_text())))
        documented = {id(node.value) for node in nodes if isinstance(node, ast.Expr)}
        found += [
            node.value
            for node in nodes
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in documented
        ]
    return found


PIECES = st.sampled_from(
    [
        "://",
        "@",
        ":",
        "=",
        '"',
        "'",
        "\\",
        " ",
        "\n",
        "\r\n",
        "password",
        "token",
        "Bearer ",
        "eyJ",
        ".",
        "[",
        "]",
        "x",
        "Cookie",
        "Authorization",
        "&",
        "-",
        "***",
        "${env.A}",
        "ghp_aaaaaaaaaaaaaaaaaaaaaaa",
        "<password>",
        "</",
        "<input ",
        ' value="',
        "%5Bkey%5D",
        "1",
        "name=",
        "*",
        "${",
        "${a}",
    ]
)
TEXTS = st.one_of(st.text(max_size=80), st.lists(PIECES, max_size=25).map("".join))


@given(TEXTS)
def test_what_is_masked_stays_the_same_when_it_is_masked_again(text: str) -> None:
    once = mask_text(text)
    assert mask_text(once) == once


@given(TEXTS)
def test_masking_by_length_changes_no_length(text: str) -> None:
    assert len(mask_text(text, lambda secret: "*" * len(secret))) == len(text)


# A quotation that begins before it may end where that of the secret begins.
@given(
    TEXTS.map(lambda text: re.sub(r"[\"'\\\\]", "", text)),
    st.sampled_from(SECRET_NAMES),
    st.from_regex("[a-z0-9]{8,30}", fullmatch=True),
)
def test_a_named_secret_is_masked_whatever_is_around_it(around: str, name: str, secret: str) -> None:
    assert mask_named(name, f"q{secret}").count(secret) == 0
    if secret not in around:
        assert secret not in mask_text(f'{around} {name}="{secret}"\n{around}')


@pytest.mark.parametrize(
    "piece",
    [
        "://",
        "://a:",
        "a://b:c",
        "eyJ",
        "eyJ-",
        "eyJaaaaaaaaa.",
        "password",
        "password=",
        "password='",
        '"key":"',
        "-----",
        "-----BEGIN PRIVATE KEY-----",
        "Bearer ",
        "Bearer a1",
        'name="',
        'name="key"\r\n',
        "Cookie:",
        "\\",
        "SG.",
        "*",
        "${",
        "${a}",
        "password=***",
        "token=****x",
        "[",
        " ",
        "a",
        "A1-",
        "token:",
        "sk-",
        "@",
        '"tokens":[',
        "\r\n",
        "<a ",
        "<key>",
        "<password>x",
        'name="key" ',
        'name="key" value="',
        "%5Bkey%5D",
        "key          ",
        "key=Bearer ",
        "sk-a",
        "clave'",
    ],
)
def test_hostile_text_takes_no_longer_than_any_other(piece: str) -> None:
    text = f"token={piece * (100_000 // len(piece))}x"
    began = time.process_time()
    mask_text(text)
    assert time.process_time() - began < 3
