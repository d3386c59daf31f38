"""Moves the clock of every program that a walk-through starts: this is the wait of days in one.

Python imports this file at start when its folder is on the path. The file that `TOUCHPLATE_LATER`
names holds how many seconds have passed that nobody has waited for.
"""

import os
import time
from pathlib import Path

_real = time.time
_file = Path(os.environ["TOUCHPLATE_LATER"])


def _later() -> float:
    return _real() + int(_file.read_text())


time.time = _later
