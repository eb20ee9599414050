"""Which apps a source makes, as far as its text tells: nothing of it is run."""

from __future__ import annotations

import ast
import re
import warnings
from collections.abc import Iterable, Iterator
from enum import IntEnum
from typing import NamedTuple

from ..errors import UsageError

# What makes an app, by the package that it comes from.
_MAKERS = {
    "aiohttp": {"Application"},
    "apiflask": {"APIFlask"},
    "blacksheep": {"Application"},
    "bottle": {"Bottle", "default_app"},
    "channels": {"ProtocolTypeRouter"},
    "connexion": {"App", "AsyncApp", "FlaskApp"},
    "django": {"get_asgi_application", "get_wsgi_application"},
    "esmerald": {"Esmerald"},
    "falcon": {"API", "App"},
    "fastapi": {"FastAPI"},
    "fasthtml": {"FastHTML"},
    "flask": {"Flask"},
    "flask_openapi3": {"OpenAPI"},
    "lilya": {"Lilya"},
    "litestar": {"Litestar"},
    "quart": {"Quart"},
    "responder": {"API"},
    "sanic": {"Sanic"},
    "socketio": {"ASGIApp", "WSGIApp"},
    "starlette": {"Starlette"},
    "starlite": {"Starlite"},
}
# A method of Pyramid's configuration.
_PYRAMID = "make_wsgi_app"
NAMES = ("app", "application", "asgi_app", "wsgi_app", "asgi", "wsgi", "api", "server")
"""What apps are called, the most usual name first."""
_NAMES_OF_APPS_ONLY = NAMES[:-2]
_FACTORY = re.compile(
    r"(create|make|build|get|init|new)_((\w+_)?(app|application|api|asgi|wsgi|server|service))|\w+_factory"
)
_USUAL_FACTORY = re.compile(r"(create|make|build|get)_((asgi_|wsgi_)?app|application|api)|(app|application)_factory")
_PROTOCOLS = (("environ", "start_response"), ("scope", "receive", "send"))
_WORTH_PARSING = re.compile(
    rb"\b(start_response|receive|pyramid|" + "|".join(_MAKERS).encode() + rb")\b|_app\b|_factory\b|\bapp(lication)?\b"
)


class Kind(IntEnum):
    """How an app is made, the surest way first."""

    MADE = 0
    FACTORY = 1
    PROTOCOL = 2
    UNSURE = 3
    NEEDS_ARGUMENTS = 4


class SourceApp(NamedTuple):
    """An app in a source.

    Attributes:
        name: of the object or the factory.
        kind: how it is made.
        made_by: what tells that it is an app: `fastapi`, `create_app()`, `scope, receive, send`, `its name`.
    """

    name: str
    kind: Kind
    made_by: str


class Source(NamedTuple):
    """What a source tells.

    Attributes:
        apps: each name once, in the order of the text.
        imported: the first parts of the modules that it imports absolutely.
    """

    apps: tuple[SourceApp, ...]
    imported: frozenset[str]


def read_source(content: bytes, *, is_entry: bool) -> Source:
    """Look for apps.

    Args:
        content: of the file.
        is_entry: it is a `wsgi.py` or `asgi.py`: what it calls `app` or `application` is one, wherever that comes from.

    Raises:
        UsageError: it is not Python, or not of the version that runs this.
    """
    if not is_entry and not _WORTH_PARSING.search(content):
        return Source((), frozenset())
    try:
        with warnings.catch_warnings(action="ignore"):
            tree = ast.parse(content)
    except SyntaxError as error:
        where = f"line {error.lineno}: " if error.lineno else ""
        raise UsageError(f"{where}{error.msg}") from error
    except (ValueError, MemoryError, RecursionError) as error:
        raise UsageError(str(error) or "it is nested too deeply") from error
    return _Reader(tree, is_entry=is_entry).read()


class _Reader:
    """Reads one module."""

    def __init__(self, tree: ast.Module, *, is_entry: bool) -> None:
        self._tree = tree
        self._is_entry = is_entry
        self._origins: dict[str, str] = {}
        self._imported: set[str] = set()
        self._classes: dict[str, str] = {}
        self._apps: dict[str, SourceApp] = {}

    def read(self) -> Source:
        # Also those inside of functions: a factory may import its framework.
        for node in ast.walk(self._tree):
            if isinstance(node, (ast.Import, ast.ImportFrom)):
                self._import(node)
        for statement in _run_on_import(self._tree.body):
            match statement:
                case ast.ClassDef():
                    self._class(statement)
                case ast.FunctionDef() | ast.AsyncFunctionDef():
                    self._function(statement)
                case ast.Assign(targets=targets, value=value):
                    self._assigned([each.id for each in targets if isinstance(each, ast.Name)], value)
                case ast.AnnAssign(target=ast.Name(id=name), annotation=annotation, value=ast.expr() as value):
                    self._assigned([name], value, self._known(annotation))
                case ast.ImportFrom(names=names) if self._is_entry:
                    self._add([each.asname or each.name for each in names], None)
        return Source(tuple(self._apps.values()), frozenset(self._imported))

    def _import(self, node: ast.Import | ast.ImportFrom) -> None:
        if isinstance(node, ast.Import):
            for each in node.names:
                first = each.name.partition(".")[0]
                self._imported.add(first)
                self._origins[each.asname or first] = each.name if each.asname else first
            return
        module = "." * node.level + (node.module or "")
        if not node.level:
            self._imported.add(module.partition(".")[0])
        for each in node.names:
            if each.name == "*":
                self._origins |= {maker: f"{module}.{maker}" for maker in _MAKERS.get(module, ())}
            else:
                self._origins[each.asname or each.name] = f"{module}.{each.name}"

    def _class(self, node: ast.ClassDef) -> None:
        made_by = next(filter(None, map(self._known, node.bases)), None)
        for inner in node.body:
            if isinstance(inner, (ast.FunctionDef, ast.AsyncFunctionDef)) and inner.name == "__call__":
                made_by = made_by or _protocol(inner, skip=1)
        if made_by:
            self._classes[node.name] = made_by

    def _function(self, node: ast.FunctionDef | ast.AsyncFunctionDef) -> None:
        if protocol := _protocol(node):
            self._add([node.name], protocol, Kind.PROTOCOL)
            return
        # No server awaits a factory.
        returned = isinstance(node, ast.FunctionDef) and any(
            isinstance(each, ast.Return) and each.value for each in ast.walk(node)
        )
        if not returned:
            return
        made_by = node.returns and self._known(node.returns)
        if not made_by and _FACTORY.fullmatch(node.name):
            calls = (self._known(each.func) for each in ast.walk(node) if isinstance(each, ast.Call))
            made_by = next(filter(None, calls), None)
        if made_by:
            self._add([node.name], made_by, Kind.NEEDS_ARGUMENTS if _needed(node) else Kind.FACTORY)
        elif _USUAL_FACTORY.fullmatch(node.name):
            self._add([node.name], "its name", Kind.NEEDS_ARGUMENTS if _needed(node) else Kind.UNSURE)

    def _assigned(self, names: list[str], value: ast.expr, made_by: str | None = None) -> None:
        made_by = made_by or self._framework(value)
        if not made_by and isinstance(value, ast.Call):
            called = (_dotted(value.func) or [""])[-1]
            arguments = [*value.args, *(each.value for each in value.keywords)]
            if called == _PYRAMID or _FACTORY.fullmatch(called):
                names, made_by = [name for name in names if name in NAMES], f"{called}()"
            elif called and any(map(self._framework, arguments)):
                # Of an app much is made: its database, its limits. What is called as an app is one as well.
                names, made_by = [name for name in names if name in _NAMES_OF_APPS_ONLY], f"{called}()"
        self._add(names, made_by)

    def _add(self, names: Iterable[str], made_by: str | None, kind: Kind = Kind.MADE) -> None:
        for name in names:
            if made_by and not name.startswith("_"):
                self._apps[name] = SourceApp(name, kind, made_by)
            elif self._is_entry and name in NAMES[:2]:
                self._apps[name] = SourceApp(name, Kind.UNSURE, "its name")

    def _framework(self, value: ast.expr) -> str | None:
        """The framework that makes the value an app; None where nothing tells that it is one."""
        match value:
            case ast.Name(id=name) if name in self._apps:
                return self._apps[name].made_by if self._apps[name].kind is Kind.MADE else None
            case ast.Call(func=func):
                return self._known(func)
        return None

    def _known(self, expression: ast.expr) -> str | None:
        """The framework whose class or function this is, or the protocol of a class of this module."""
        first, *rest = _dotted(expression) or [""]
        if not rest and first in self._classes:
            return self._classes[first]
        origin = [*self._origins.get(first, "").split("."), *rest]
        return origin[0] if origin[-1] in _MAKERS.get(origin[0], ()) else None


def _run_on_import(statements: list[ast.stmt]) -> Iterator[ast.stmt]:
    """The statements of a module, with those inside of `if`, `try` and `with`; not what only a script does."""
    waiting = statements[::-1]
    # Without recursion: every `elif` lies deeper than the one before.
    while waiting:
        match waiting.pop():
            case ast.If(test=test, orelse=orelse) if {"__name__", "TYPE_CHECKING"} & _names(test):
                waiting += orelse[::-1]
            case ast.If(body=body, orelse=orelse):
                waiting += [*body, *orelse][::-1]
            case ast.Try(body=body, handlers=handlers, orelse=orelse, finalbody=final):
                handled = [each for handler in handlers for each in handler.body]
                waiting += [*body, *handled, *orelse, *final][::-1]
            case ast.With(body=body):
                waiting += body[::-1]
            case statement:
                yield statement


def _names(expression: ast.expr) -> set[str]:
    return {each.id for each in ast.walk(expression) if isinstance(each, ast.Name)}


def _dotted(expression: ast.expr) -> list[str] | None:
    """The parts of `a.b.c`; None for anything else."""
    parts: list[str] = []
    while isinstance(expression, ast.Attribute):
        parts.append(expression.attr)
        expression = expression.value
    if not isinstance(expression, ast.Name):
        # Of a call's method, as in `config().make_wsgi_app`, the name is enough.
        return parts[:1] or None
    return [expression.id, *reversed(parts)]


def _protocol(function: ast.FunctionDef | ast.AsyncFunctionDef, skip: int = 0) -> str | None:
    """The arguments that WSGI or ASGI would give it, where they are named so."""
    names = tuple(each.arg for each in (*function.args.posonlyargs, *function.args.args)[skip:])
    return next((", ".join(wanted) for wanted in _PROTOCOLS if names[: len(wanted)] == wanted), None)


def _needed(function: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    """Whether it must be given something."""
    arguments = function.args
    positional = len(arguments.posonlyargs) + len(arguments.args)
    return positional > len(arguments.defaults) or None in arguments.kw_defaults
