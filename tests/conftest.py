"""Settings that every test shares."""

import signal

from hypothesis import settings

# Deadlines measure the machine, not the code: this one is shared and noisy.
settings.register_profile("webdyno", deadline=None)
settings.load_profile("webdyno")

# A shell that runs this in the background ignores Ctrl-C on its behalf, and so would every process that it starts.
signal.signal(signal.SIGINT, signal.default_int_handler)
