"""The app that `WEBDYNO_TARGET` names (`module:attribute` or a call of it), under a name that all servers can read.

`WEBDYNO_PARTS` names the files whose `add` puts a part into it.
"""

import os
from importlib.util import module_from_spec, spec_from_file_location

from webdyno_load import load


def module_of(file):
    # By its file: a part named like a package, such as `gzip`, hides none.
    spec = spec_from_file_location("webdyno_part", file)
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


app = load(os.environ["WEBDYNO_TARGET"])
for file in filter(None, os.environ.get("WEBDYNO_PARTS", "").split(os.pathsep)):
    module_of(file).add(app)
