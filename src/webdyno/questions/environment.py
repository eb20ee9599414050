"""Values from webdyno's own environment: `${env.NAME}` in an option keeps a secret out of the list of processes."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping

from ..errors import UsageError

_NAMED = re.compile(r"(\$?)\$\{env\.([A-Za-z_][A-Za-z0-9_]*)\}")


class Filler:
    """Fills the variables of an environment into options, and knows which ones it has used.

    Attributes:
        used: their values by the name that is shown in their place, such as `env.TOKEN`.
    """

    def __init__(self, environment: Mapping[str, str] = os.environ) -> None:
        self.used: dict[str, str] = {}
        self._environment = environment

    def fill(self, text: str, option: str) -> str:
        """The text with each `${env.NAME}` replaced by the variable's value; `$${env.NAME}` stands for the characters.

        Raises:
            UsageError: there is no such variable.
        """
        return _NAMED.sub(lambda found: self._value(found, option), text)

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
