"""The app that `WEBDYNO_TARGET` names (`module:attribute`), under a name that every server can read."""

import importlib
import os
from functools import reduce

module, _, attribute = os.environ["WEBDYNO_TARGET"].partition(":")
app = reduce(getattr, attribute.split("."), importlib.import_module(module))
