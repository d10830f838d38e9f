"""How a package that is lacking is brought into this program's own environment. Standard library only."""

from __future__ import annotations

import shlex
import subprocess
import sys

from zsr_tui import caller


def get(*wanted: str) -> str:
    """The command: with this interpreter, since the pip that a shell finds first may be of another environment.
    `zsr-tui[pdf]` adds to what is installed, an editable checkout too. Whoever asks somebody else's engine is told no
    place of its machine."""
    pip = ["pip"] if caller.current().bounds is not None else [sys.executable, "-m", "pip"]
    words = [*pip, "install", *wanted]
    return subprocess.list2cmdline(words) if sys.platform == "win32" else shlex.join(words)
