"""Text with placeholders, filled in anew for every request: `/items/${counter}?by=${users.name}`.

A placeholder is `${SOURCE}` or `${SOURCE:FORM}`; `$${` writes the two characters `${`. Sources:

- `counter`: 1, 2, 3, ..., no number twice in one load, over all users and processes;
- `random(1,100)`: a whole number, both ends included;
- `text(12)`: so many random letters and digits;
- `uuid`: a random UUID (version 4);
- `users.name`: the column `name` of the row of the data `users` that this journey holds;
- `token`: what an earlier step of the flow took from its answer.

Forms: `plain` (as it is), `url` (percent-encoded), `json` (a JSON value), `string` (for the inside of a JSON string).
In a path, which is what the form `url` stands for as the default, whatever the others give is percent-encoded as well;
`plain` there keeps every character that may stand in a path, such as `/` and `%`.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Iterator, Mapping
from itertools import count
from random import Random
from typing import Self, get_args

from ..errors import UsageError
from ..model.scenario import Rows
from ..model.workload import JsonScalar
from ..units import printable
from .forms import ELSEWHERE, IN_PATH, Encode, Form, longest

LONGEST_TEXT = 65_536
TAKEN_BYTES = 8192
"""Of a text that is taken from an answer."""
WIDEST_RANDOM = 2**53
FUNCTIONS = {"random": "random(1,100)", "text": "text(12)"}
WORDS = ("counter", "uuid")

_PLACEHOLDER = re.compile(r"\$\$\{|\$\{([^{}]*)(\}?)")
_NAME = r"[A-Za-z_][A-Za-z0-9_-]{0,63}"
_SOURCE = re.compile(rf"({_NAME})(?:\(([^()]*)\)|\.([^:]+))?(?::(\w{{0,16}}))?")
_NUMBER = re.compile(r"\s*(-?[0-9]{1,16})\s*", re.ASCII)

_ALPHABET = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
# Bytes beyond the last whole turn of the alphabet are left out, so that each character is as likely as the others.
_TURNS = 256 // len(_ALPHABET) * len(_ALPHABET)
_LETTER_OF_BYTE = bytes(_ALPHABET[byte % len(_ALPHABET)] for byte in range(256))
_LEFT_OUT = bytes(range(_TURNS, 256))


class Sources:
    """What the templates of one process draw from; the same arguments give the same values in the same order."""

    def __init__(self, data: Mapping[str, Rows], seed: int, share: tuple[int, int], counted: int = 0) -> None:
        """Begin before the first value.

        Args:
            data: rows by the name that templates use.
            seed: of everything random.
            share: this process's place among several, from 0, and their number. Counters and `next` rows are dealt
                out to them in turn.
            counted: the last number that `counter` has given already.
        """
        place, processes = share
        self.counter = count(counted + place + 1, processes)
        self.random = Random(f"{seed}/{place}/{processes}")
        self.rows = {name: _drawn(rows, f"{seed}/{place}/{processes}/{name}", share) for name, rows in data.items()}

    def journey(self) -> Values:
        """The values of one more user going through one flow."""
        return Values(self)


def _drawn(rows: Rows, seed: str, share: tuple[int, int]) -> Iterator[dict[str, JsonScalar]]:
    number = len(rows.rows)
    if rows.pick == "random":
        random = Random(seed).random
        while True:
            yield rows.rows[int(random() * number)]
    for turn in count(*share):
        yield rows.rows[turn % number]


class Values:
    """What the templates of one journey draw from.

    Attributes:
        taken: values from earlier answers of the flow, by name.
        sources: what they share with all the others.
    """

    __slots__ = ("_rows", "sources", "taken")

    def __init__(self, sources: Sources) -> None:
        self.taken: dict[str, JsonScalar] = {}
        self.sources = sources
        self._rows: dict[str, dict[str, JsonScalar]] = {}

    def row(self, name: str) -> dict[str, JsonScalar]:
        """The row of that data which this journey holds, drawn at the first use."""
        row = self._rows.get(name)
        if row is None:
            row = self._rows[name] = next(self.sources.rows[name])
        return row


_Draw = Callable[[Values], bytes]
# How many bytes a placeholder gives at most: known, or that of the values of a column in some form.
_Most = int | tuple[str, str, Encode]
_MOST_DIGITS = 20
_UUID_BYTES = 36


class Template:
    """A parsed template.

    Attributes:
        names: the taken values it needs.
        columns: the data and columns it needs.
        constant: its bytes where it has no placeholder, otherwise None.
    """

    __slots__ = ("_draws", "_frame", "_most", "columns", "constant", "names")

    def __init__(self, literals: list[bytes], drawn: list[tuple[_Draw, _Most]], names: set[str]) -> None:
        """Put together what `parse` read: one literal more than there are placeholders."""
        draws = [draw for draw, _ in drawn]
        most = [most for _, most in drawn]
        self._frame = b"%b".join(literal.replace(b"%", b"%%") for literal in literals)
        self._draws = tuple(draws)
        self.names = frozenset(names)
        self.columns = frozenset(one[:2] for one in most if isinstance(one, tuple))
        self.constant = None if draws else literals[0]
        self._most = (sum(map(len, literals)), *most)

    @classmethod
    def parse(cls, text: str, form: Form) -> Self:
        """Read a template.

        Args:
            text: the template; bytes that are no UTF-8 may stand in it as `surrogateescape` gives them.
            form: of the placeholders that name none: `url` in a path, `plain` elsewhere.

        Raises:
            UsageError: a placeholder that is not one. The text says where and never repeats what is around it, which
                may be a secret.
        """
        literals, drawn, names = list[str](), list[tuple[_Draw, _Most]](), set[str]()
        end = 0
        for match in placeholders(text):
            literals.append(unescaped(text[end : match.start()]))
            end = match.end()
            try:
                drawn.append(_draw(match, form, names))
            except UsageError as error:
                raise UsageError(f"at character {match.start() + 1}: {error.message}", error.remedy) from None
        literals.append(unescaped(text[end:]))
        try:
            return cls([literal.encode("utf-8", "surrogateescape") for literal in literals], drawn, names)
        except UnicodeEncodeError:
            raise UsageError("half a surrogate pair, which is no character", "write the character itself") from None

    def render(self, values: Values) -> bytes:
        """Fill in the placeholders, from left to right: UTF-8."""
        if self.constant is not None:
            return self.constant
        return self._frame % tuple([draw(values) for draw in self._draws])

    def longest(self, of_column: Callable[[str, str, Encode], int]) -> int:
        """How many bytes it gives at most.

        Args:
            of_column: the same of the values in a column of some data, written in some form.
        """
        return sum(most if isinstance(most, int) else of_column(*most) for most in self._most)


def placeholders(text: str) -> Iterator[re.Match[str]]:
    """Where a template has placeholders; group 1 is what stands between the braces."""
    return (match for match in _PLACEHOLDER.finditer(text) if match[0] != "$${")


def counters(text: str) -> int:
    """How many numbers of `counter` a template uses."""
    return sum(match[1].partition(":")[0] == "counter" for match in placeholders(text))


def unescaped(text: str) -> str:
    """The text that this piece of a template without placeholders gives."""
    return text.replace("$${", "${")


def nearest(wrong: str, known: list[str], otherwise: str) -> str:
    """A remedy for a name that nobody knows: the name that was probably meant."""
    near = difflib.get_close_matches(wrong[:64], known, n=1)
    return f"did you mean {printable(near[0])}?" if near else otherwise


def _draw(match: re.Match[str], default: Form, names: set[str]) -> tuple[_Draw, _Most]:
    if not match[2]:
        raise UsageError("a placeholder that does not end", "close it with }, or write $${ for the characters ${")
    source = _SOURCE.fullmatch(match[1])
    if not source:
        raise UsageError(
            "this is no placeholder",
            "write ${name}, ${data.column}, ${counter}, ${uuid}, ${random(1,100)} or ${text(12)}",
        )
    name, arguments, column, form = source.groups()
    if form is None:
        form = default
    elif form not in get_args(Form):
        forms = ", ".join(get_args(Form))
        raise UsageError(f"{printable(form)!r} is no form", nearest(form, list(get_args(Form)), f"one of {forms}"))
    in_path = default == "url"
    if arguments is not None:
        return _function(name, arguments, form, in_path)
    encode = (IN_PATH if in_path else ELSEWHERE)[form]
    if column is not None:
        return lambda values: encode(values.row(name)[column]), (name, column, encode)
    if name in FUNCTIONS:
        raise UsageError(f"{name} needs arguments", f"write ${{{FUNCTIONS[name]}}}")
    if name == "counter":
        return lambda values: b"%d" % next(values.sources.counter), _MOST_DIGITS
    if name == "uuid":
        return _quoted(_uuid, _UUID_BYTES, form, in_path)
    names.add(name)
    return lambda values: encode(values.taken[name]), longest(form, TAKEN_BYTES, in_path=in_path)


def _function(name: str, arguments: str, form: str, in_path: bool) -> tuple[_Draw, _Most]:
    if name not in FUNCTIONS:
        remedy = f"{name} takes no arguments" if name in WORDS else "the functions are random(1,100) and text(12)"
        raise UsageError(f"there is no function {name!r}", nearest(name, list(FUNCTIONS), remedy))
    numbers = [_NUMBER.fullmatch(argument) for argument in arguments.split(",")]
    whole = [int(number[1]) for number in numbers if number]
    if len(whole) != len(numbers) or len(whole) != FUNCTIONS[name].count(",") + 1:
        raise UsageError(f"{name} takes other arguments", f"whole numbers, as in ${{{FUNCTIONS[name]}}}")
    if name == "random":
        low, high = whole
        span = high - low + 1
        if not 1 <= span <= WIDEST_RANDOM:
            raise UsageError(
                "random has an empty or too wide range", f"the lower end first, at most {WIDEST_RANDOM} numbers"
            )
        return lambda values: b"%d" % (low + int(values.sources.random.random() * span)), _MOST_DIGITS
    length = whole[0]
    if not 1 <= length <= LONGEST_TEXT:
        raise UsageError(f"text cannot be {length} long", f"give 1 to {LONGEST_TEXT}")
    return _quoted(lambda values: _letters(values.sources.random, length), length, form, in_path)


def _quoted(draw: _Draw, length: int, form: str, in_path: bool) -> tuple[_Draw, _Most]:
    """The text of a source that gives letters, digits and dashes only, which is the same in every form but `json`."""
    if form != "json":
        return draw, length
    quote = b"%22" if in_path else b'"'
    return lambda values: quote + draw(values) + quote, length + 2 * len(quote)


def _letters(random: Random, length: int) -> bytes:
    letters = b""
    while len(letters) < length:
        # An eighth more than needed: one in 32 is left out.
        letters += random.randbytes(length + length // 8 + 4).translate(_LETTER_OF_BYTE, _LEFT_OUT)
    return letters[:length]


def _uuid(values: Values) -> bytes:
    bits = values.sources.random.getrandbits(128) & ~(0xF << 76) & ~(0x3 << 62) | 0x4 << 76 | 0x2 << 62
    digits = b"%032x" % bits
    return b"%b-%b-%b-%b-%b" % (digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:])
