"""webdyno: a dynamometer for Python web stacks."""

from importlib.metadata import version

__version__ = version("webdyno")
