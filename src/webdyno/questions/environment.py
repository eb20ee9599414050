"""Values from webdyno's own environment: `${env.NAME}` in an option keeps a secret out of the list of processes."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar

from ..errors import Told, UsageError
from ..model.secret_rules import mask_named

_NAMED = re.compile(r"(\$?)\$\{env\.([A-Za-z_][A-Za-z0-9_]*)\}")

_USED: ContextVar[dict[str, str]] = ContextVar("webdyno_used")


@contextmanager
def filling() -> Iterator[None]:
    """Know for a whole command what it takes from the environment; what ends it early says none of these values."""
    used = dict[str, str]()
    before = _USED.set(used)
    try:
        yield
    except Told as error:
        # Not before, so that `--help` answers at once.
        from ..model.secrets import Secrets

        Secrets(used).mask(error)
        raise
    finally:
        _USED.reset(before)


def told(text: str) -> str:
    """A text as the command may tell it: with the names of what it has taken from the environment, not the values."""
    from ..model.secrets import Secrets

    return Secrets(_USED.get({})).text(text)


class Filler:
    """Fills the variables of an environment into options, and knows which ones it has used.

    Attributes:
        used: their values by the name that is shown in their place, such as `env.TOKEN`; those of the whole command,
            where there is one.
    """

    def __init__(self, environment: Mapping[str, str] = os.environ) -> None:
        self.used: dict[str, str] = _USED.get({})
        self._environment = environment

    def fill(self, text: str, option: str) -> str:
        """The text with each `${env.NAME}` replaced by the variable's value; `$${env.NAME}` stands for the characters.

        Raises:
            UsageError: there is no such variable.
        """
        return _NAMED.sub(lambda found: self._value(found, option), text)

    def fill_openly(self, text: str, option: str) -> str:
        """The same for what stands in every result, such as the notation of a stack: no secret is filled in.

        Raises:
            UsageError: there is no such variable, or it is a secret.
        """
        return _NAMED.sub(lambda found: self._open_value(found, option), text)

    def value(self, name: str, option: str) -> str:
        """The value of a variable.

        Raises:
            UsageError: there is no such variable.
        """
        if name not in self._environment:
            raise UsageError(f"{option} names the variable {name}, which is not set here", f"set it: export {name}=...")
        return self._environment[name]

    def _value(self, found: re.Match[str], option: str) -> str:
        if found[1]:
            return found[0][1:]
        value = self.used[f"env.{found[2]}"] = self.value(found[2], option)
        return value

    def _open_value(self, found: re.Match[str], option: str) -> str:
        if found[1]:
            return found[0][1:]
        name, value = found[2], self.value(found[2], option)
        if mask_named(name, value) != value:
            raise UsageError(
                f"{option} names the variable {name}, a secret, and stands in every result",
                "give what is secret to the app in --env, or to a server as a --header",
            )
        return value
