"""The app that `WEBDYNO_TARGET` names (`module:attribute` or a call of it), under a name that all servers can read."""

import os

from webdyno_load import load

app = load(os.environ["WEBDYNO_TARGET"])
