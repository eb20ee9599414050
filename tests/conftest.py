"""Settings that every test shares."""

from hypothesis import settings

# Deadlines measure the machine, not the code: this one is shared and noisy.
settings.register_profile("webdyno", deadline=None)
settings.load_profile("webdyno")
