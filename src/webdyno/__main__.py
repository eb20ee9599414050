"""`python -m webdyno`."""

from .cli import main

main()
