"""The call in an import string such as `shop:create_app("prod")`: found, checked and written in one way."""

from __future__ import annotations

import ast
import warnings


class CallError(ValueError):
    """A call that cannot be read.

    Attributes:
        offset: index into the text, where the trouble starts.
        remedy: what to write.
    """

    def __init__(self, message: str, offset: int, remedy: str) -> None:
        super().__init__(message)
        self.offset = offset
        self.remedy = remedy


def end_of_call(text: str, start: int) -> int:
    """The index after the parenthesis that closes the one at `start`; parentheses inside quotes do not count.

    Raises:
        CallError: it is never closed.
    """
    depth, quote, at = 0, "", start
    while at < len(text):
        character = text[at]
        if quote:
            at += character == "\\"
            quote = "" if character == quote else quote
        elif character in "'\"":
            quote = character
        elif character in "([{":
            depth += 1
        elif character in ")]}":
            depth -= 1
            if depth == 0:
                return at + 1
        at += 1
    what = f"the quote {quote}" if quote else "the parenthesis"
    remedy = "in a shell, put the whole notation in single quotes: 'shop:create_app(\"prod\")@gunicorn'"
    raise CallError(f"{what} of the call is not closed", len(text), remedy)


def canonical_arguments(arguments: str) -> str:
    """The arguments of a call, with their parentheses, as they are shown: `("prod", debug=True)`.

    Raises:
        CallError: they are not written in Python, or are not literals.
    """
    remedy = (
        'give texts, numbers, True, False, None, lists or dicts of them, such as create_app("prod", debug=True); '
        "in a shell, single quotes around the notation keep those inside"
    )
    try:
        with warnings.catch_warnings(action="ignore"):
            call = ast.parse(f"f{arguments}", mode="eval").body
            # An `(a)(b)` is a call as well, and no attribute's.
            if not isinstance(call, ast.Call) or not isinstance(call.func, ast.Name):
                raise SyntaxError("not one call")
            named = [(keyword.arg, keyword.value) for keyword in call.keywords]
            for value in (*call.args, *(value for _, value in named)):
                ast.literal_eval(value)
            if not all(name for name, _ in named):
                raise ValueError("** in a call")
            written = [_written(value) for value in call.args] + [f"{name}={_written(value)}" for name, value in named]
    except SyntaxError as error:
        offset = min(max((error.offset or 1) - 2, 0), len(arguments))
        raise CallError("the arguments of the call are not written in Python", offset, remedy) from None
    except (ValueError, TypeError, MemoryError, RecursionError):
        raise CallError("the arguments of the call must be literals", 0, remedy) from None
    return f"({', '.join(written)})"


def _written(node: ast.expr) -> str:
    """A literal with double quotes where it needs no escapes for that, so that a shell's single quotes can hold it."""
    match node:
        case ast.Constant(value=str() | bytes() as value):
            text = repr(value)
            return text if '"' in text else text.replace("'", '"')
        case ast.Tuple(elts=[one]):
            return f"({_written(one)},)"
        case ast.Tuple(elts=many):
            return f"({', '.join(map(_written, many))})"
        case ast.List(elts=many):
            return f"[{', '.join(map(_written, many))}]"
        case ast.Set(elts=many):
            return f"{{{', '.join(map(_written, many))}}}"
        case ast.Dict(keys=keys, values=values):
            pairs = (f"{_written(key)}: {_written(value)}" for key, value in zip(keys, values, strict=True) if key)
            return f"{{{', '.join(pairs)}}}"
        case _:
            return ast.unparse(node)
