"""Where the scatter of a block's log-ratio comes from: a stack against itself, in short windows that alternate.

What lies between fresh starts no window averages out; what lies between the windows of a start, more of them would.
`--into FILE` keeps the windows of each block, so that many runs are gathered in pieces; `--from FILE` splits those.
"""

from .command import main

__all__ = ["main"]
