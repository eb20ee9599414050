"""Read by Gunicorn in place of a `gunicorn.conf.py` of the working folder; versions that lack a setting ignore it.

The user's own file is run first, where WEBDYNO_GUNICORN_CONFIG names one. Each stack starts in its own process group
on its own port, and several run on one machine: the control socket is one file in the user's home that they would
fight over.
"""

import os

if "WEBDYNO_GUNICORN_CONFIG" in os.environ:
    __file__ = os.environ["WEBDYNO_GUNICORN_CONFIG"]
    with open(__file__) as _file:  # noqa: PTH123
        exec(compile(_file.read(), __file__, "exec"))

control_socket_disable = True
