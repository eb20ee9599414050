"""What is a secret: by the name under which a value stands, or by the look of the value itself.

All rules take the function that hides a value, so that the same ones find secrets, mask them, and mask them without
changing the length. Their time grows with the text only, whatever is in it.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache

MASK = "***"
Hide = Callable[[str], str]
"""Gives what is written in place of a secret value."""

# Parts of names. A stem counts wherever it stands in a word, since people write APIKEY and PGPASSWORD.
_STEMS = re.compile(
    r"passw|pwd|secret(?!ar)|token(?!iz)|credential|authoriz|cookie|passphrase|passcode|contrase|signature|jwt"
    r"|(?:api|app|access|account|auth|private|secret|shared|master|session|signing|encryption|fernet|license|rsa|ssh)"
    r"[_-]?keys?"
    r"|(?:db|user|admin|root|smtp|mail|ftp|redis|mongo|sql|pg)pass(?!file)|sess(?:ion)?id"
)
_WORDS = re.compile(r"auth|bearer|clave|creds|csrf|key|otp|pass|pw|salt|session|sid|sig|totp|xsrf")
# Keys of data, and those that everybody may have.
_PUBLIC_KEY = re.compile(
    r"(?:cache|foreign|group|order|partition|primary|public|routing|sort)[_-]?keys?", re.IGNORECASE
)
# Names that end in one of them tell something about a secret, such as SESSION_TIMEOUT or PASSWORD_FILE.
_ABOUT = re.compile(
    r"age|alg|algorithm|backend|class|count|days|dir|domain|duration|enabled|engine|error|exception|expires|expiry"
    r"|expiration|file|folder|format|header|hours|httponly|interval|issuer|length|lifetime|limit|max|method|min"
    r"|minutes|mode|name|names|parallelism|path|policy|port|prefix|provider|rate|required|rounds|samesite|scheme"
    r"|second|seconds|secure|service|size|timeout|ttl|type|uri|url|version"
)
_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+")
_HARMLESS = frozenset(
    ("", "...", "0", "1", "false", "no", "none", "null", "off", "on", "true", "undefined", "value", "yes")
)
# In the last line of many a traceback.
_LOOKED_UP = re.compile(r"(?:os\.)?(?:environ|getenv)(?:\.get)?")
# Masked already, or named and not written out.
_HIDDEN = re.compile(r"(?:\*|\$\{[^{}]*\})+")
_SCHEMES = r"(?:basic|bearer|digest|token|apikey|negotiate|aws4-hmac-sha256)"
SCHEME = re.compile(rf"\A{_SCHEMES} +(?=\S)", re.IGNORECASE)
"""How the value of an `Authorization` header begins; what follows are the credentials."""

_SHAPES = re.compile(
    r"-----BEGIN [A-Z0-9 ]{0,30}PRIVATE KEY-----.*?(?:-----END [A-Z0-9 ]{0,30}PRIVATE KEY-----|\Z)"
    # JSON Web Tokens.
    r"|(?<![\w-])eyJ[\w-]{8,}\.[\w-]{4,}(?:\.[\w-]*)?"
    # GitHub, GitLab, Slack, Stripe, OpenAI and the like, AWS, Google, npm, PyPI, Hugging Face, Vault, SendGrid.
    r"|(?<![A-Za-z0-9])(?:gh[pousr]_\w{20,}|github_pat_\w{20,}|glpat-[\w-]{16,}|xox[a-z]-[\w-]{10,}"
    r"|[spr]k_(?:live|test)_\w{10,}|sk-(?=[\w-]{0,40}\d)[\w-]{16,}|A(?:KIA|SIA)[A-Z0-9]{16}|AIza[\w-]{30,}|npm_\w{30,}"
    r"|pypi-[\w-]{16,}|hf_\w{20,}|hvs\.[\w-]{16,}|SG\.[\w-]{16,}\.[\w-]{16,})",
    re.DOTALL | re.ASCII,
)
# The user of a web address is mostly a token; of any other only the password is a secret. One with a slash in it is
# told from a port by what comes before the slash.
_USERINFO = re.compile(
    r"(?P<before>(?:https?|wss?)://)(?P<user>[^\s/?#@:'\"<>]+)@"
    r"|(?P<head>://[^\s/?#@:'\"<>]{0,256}:)"
    r"(?P<password>[^\s/?#'\"<>]{1,512}(?=@)|(?!\d{1,5}[/?#])[^\s@'\"<>]{1,256}(?:@[^\s/?#@'\"<>]{0,256}){0,8}(?=@))",
    re.IGNORECASE | re.ASCII,
)
_CREDENTIALS = re.compile(r"(?<![A-Za-z0-9])((?:bearer|basic) +)([A-Za-z0-9._~+/=-]{6,})", re.IGNORECASE)
_PAIR = re.compile(
    r"(?<![\w.-])(?:(?<=%)5B)?(?P<name>[\w.-]++)(?P<quoted>\\{0,3}[\"'])?(?:\]|%5D)?(?P<sign>\s{0,16}[:=]\s{0,16})",
    re.IGNORECASE,
)
# One that is not closed ends with its line.
_QUOTED = re.compile(
    r"(?P<open>[bru]?(?P<quote>\\{0,3}[\"']))(?P<value>(?:[^\\\n]|\\.)*?)(?=(?P=quote)|\\?(?:\n|\Z))", re.DOTALL
)
_LIST = re.compile(r"\[(?P<value>[^\[\]]*)")
_TO_SPACE = r"(?:\$\{[^{}]{0,100}\}|[^\s&;,\"'<>(){}\[\]|\\])+"
_AFTER_EQUALS = re.compile(rf"(?P<scheme>{_SCHEMES} +)?(?P<value>{_TO_SPACE})", re.IGNORECASE)
_AFTER_COLON = re.compile(
    rf"(?P<scheme>{_SCHEMES} +)?(?P<value>(?:\$\{{[^{{}}]{{0,100}}\}}|[^\s,;\"'{{}}\[\]\\])+)", re.IGNORECASE
)
_LINE = re.compile(r"(?P<value>[^\r\n\\]+)")
# What follows the module of an app such as `shop.Auth:app@uvicorn` or `Session:create_app("prod")`.
_REST_OF_APP = re.compile(r"[^\W\d]\w*(?:\.[^\W\d]\w*)*(?:@[a-z]|\()")
_WHOLE_LINE = frozenset(("authorization", "proxy-authorization", "cookie", "set-cookie"))
# Parts of a multipart form, XML elements, and inputs of HTML.
_ENCLOSED = (
    re.compile(
        r"(?P<head>name=\"(?P<name>[^\"\r\n]{1,100})\"[^\r\n]{0,300}\r\n(?:[^\r\n]{1,300}\r\n){0,4}\r\n)(?P<value>.*?)(?=\r\n--|\Z)",
        re.DOTALL,
    ),
    re.compile(r"(?P<head><(?:\w{1,50}:)?(?P<name>[\w.-]{1,100})(?:\s[^<>]{0,300})?>)(?P<value>[^<>]+)(?=</)"),
    re.compile(r"(?P<head>\bname=\\?\"(?P<name>[\w.-]{1,100})\\?\"[^<>]{0,100}\bvalue=\\?\")(?P<value>[^\"\\<>]+)"),
)


def mask(value: str) -> str:
    """What is written in place of a secret value."""
    return MASK


@lru_cache(maxsize=4096)
def is_secret_name(name: str) -> bool:
    """Whether what stands under this name is a secret: a header, variable, parameter, cookie, field or JSON key."""
    words = [word.lower() for word in _WORD.findall(name)]
    if not words or _ABOUT.fullmatch(words[-1]) or _PUBLIC_KEY.fullmatch(name):
        return False
    return any(map(_WORDS.fullmatch, words)) or bool(_STEMS.search(name.lower()))


def is_harmless(name: str, value: str) -> bool:
    """Whether a value under a secret name tells nothing: a switch, nothing at all, a count, or hidden already."""
    plain = SCHEME.sub("", value.strip(), count=1)
    if plain.lower() in _HARMLESS or _LOOKED_UP.fullmatch(plain) or _HIDDEN.fullmatch(plain):
        return True
    # As in `max_tokens`.
    return plain.isdecimal() and len(plain) < 6 and name.lower().endswith("s")


def mask_named(name: str, value: str, hide: Hide = mask) -> str:
    """A value that stands under a name: a variable, a header, a JSON key; whole where the name is that of a secret."""
    if not is_secret_name(name):
        return mask_text(value, hide)
    if name.lower() in ("cookie", "set-cookie"):
        return "; ".join(_mask_cookie(part, hide) for part in value.split("; "))
    scheme = SCHEME.match(value)
    said = scheme[0] if scheme else ""
    secret = value[len(said) :]
    return value if is_harmless(name, secret) else said + hide(secret)


def _mask_cookie(part: str, hide: Hide) -> str:
    name, found, value = part.partition("=")
    secret = value if found else name
    masked = secret if is_harmless("", secret) else hide(secret)
    return f"{name}={masked}" if found else masked


def mask_text(text: str, hide: Hide = mask) -> str:
    """A text with every secret in it hidden that can be told by its look or by the name beside it."""
    text = _SHAPES.sub(lambda found: hide(found[0]), text)
    text = _USERINFO.sub(lambda found: _mask_userinfo(found, hide), text)
    for enclosed in _ENCLOSED:
        text = enclosed.sub(lambda found: _mask_enclosed(found, hide), text)
    text = _mask_pairs(text, hide)
    return _CREDENTIALS.sub(lambda found: found[1] + (hide(found[2]) if _is_random(found[2]) else found[2]), text)


def _mask_userinfo(found: re.Match[str], hide: Hide) -> str:
    if found["user"]:
        return f"{found['before']}{_hidden(found['user'], hide)}@"
    return found["head"] + _hidden(found["password"], hide)


def _mask_enclosed(found: re.Match[str], hide: Hide) -> str:
    secret = is_secret_name(found["name"]) and not is_harmless(found["name"], found["value"])
    return found["head"] + (hide(found["value"]) if secret else found["value"])


def _hidden(value: str, hide: Hide) -> str:
    return value if _HIDDEN.fullmatch(value) else hide(value)


def _mask_pairs(text: str, hide: Hide) -> str:
    """Hide what follows `name=`, `name:` and `"name":` where the name is that of a secret."""
    written, end = list[str](), 0
    for pair in _PAIR.finditer(text):
        # What was taken for the value before may be the name of this one.
        if pair.end() < end or not is_secret_name(pair["name"]):
            continue
        value = _value_after(pair, text)
        if value is None or value.end("value") <= end or is_harmless(pair["name"], value["value"]):
            continue
        start = max(value.start("value"), end)
        written += [text[end:start], hide(text[start : value.end("value")])]
        end = value.end("value")
    return "".join([*written, text[end:]]) if written else text


def _value_after(pair: re.Match[str], text: str) -> re.Match[str] | None:
    """The value of a name, as far as it can be told from what follows; None where it is rather a sentence."""
    name, at = pair["name"].lower(), pair.end()
    if value := _QUOTED.match(text, at):
        return value
    if pair["quoted"]:
        # Of JSON: a list, a number; what is inside an object has names of its own.
        return _LIST.match(text, at) or _AFTER_COLON.match(text, at)
    if pair["sign"] == "=":
        return _AFTER_EQUALS.match(text, at)
    is_module = pair["sign"] == ":" and name.replace(".", "").isidentifier()
    if is_module and (pair["name"].islower() or _REST_OF_APP.match(text, at)):
        return None
    if name in _WHOLE_LINE and pair["sign"].startswith(":"):
        return _LINE.match(text, at)
    value = _AFTER_COLON.match(text, at)
    return value if value and ("-" in name or _is_random(value["value"])) else None


def _is_random(value: str) -> bool:
    """Whether it looks like no word: the ones that follow `Basic` or `token:` in a sentence are no secrets."""
    word = value.rstrip(".:")
    return len(word) >= 6 and (not word.isalpha() or len(word) >= 20) and any(char.isalnum() for char in word)
