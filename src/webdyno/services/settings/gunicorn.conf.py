"""Read by Gunicorn in place of a `gunicorn.conf.py` of the working folder; versions that lack a setting ignore it.

Each stack starts in its own process group on its own port, and several run on one machine: the control socket is one
file in the user's home that they would fight over.
"""

control_socket_disable = True
