"""The terminal's clipboard, through OSC 52: also over ssh, also in tmux."""

from __future__ import annotations

import asyncio
import os
import shutil
from typing import Any

from textual.screen import Screen

from zsr_tui.domain import Problem
from zsr_tui.text import one_line, printable

# xterm, hterm and others take 100,000 characters of base64: https://github.com/ojroques/vim-oscyank
LIMIT = 74_994  # bytes of UTF-8


def send(screen: Screen[Any], text: str, what: str) -> bool:
    """Copy it, control characters made visible, and say so: `what` is "the title of document 4983". False where it is
    too long, which is said too."""
    text = printable(text)
    size = len(text.encode())
    if size > LIMIT:
        screen.notify(
            f"Not copied: {what} has {size:,} bytes, and terminals take at most {LIMIT:,}. Drag over a part of it.",
            severity="warning",
            timeout=10,
            markup=False,
        )
        return False
    screen.app.copy_to_clipboard(text)
    screen.notify(f"Copied {what}.", timeout=4, markup=False)
    return True


async def to_tmux(text: str) -> None:
    """By itself tmux keeps OSC 52 of programs from the terminal (set-clipboard external); its own command does not."""
    program = shutil.which("tmux")
    if program is None or not os.environ.get("TMUX"):
        return
    pipe = asyncio.subprocess.PIPE
    process = await asyncio.create_subprocess_exec(
        program, "load-buffer", "-w", "-", stdin=pipe, stdout=asyncio.subprocess.DEVNULL, stderr=pipe
    )
    _, said = await process.communicate(printable(text).encode())
    if process.returncode:
        raise Problem(
            f"tmux did not take what was copied ({one_line(said.decode(errors='replace'))}); with "
            "`set -g set-clipboard on` in tmux.conf it lets it through to the terminal."
        )
