"""A failure as the one sentence that a user sees. Details of what nobody expected go to a log file."""

from __future__ import annotations

import time
import traceback
from pathlib import Path
from typing import TYPE_CHECKING, Any

from zsr_tui import paths
from zsr_tui.domain import Problem

if TYPE_CHECKING:
    from textual.app import App


def log_file() -> Path:
    return paths.log_dir() / "ui.log"


def sentence(error: BaseException) -> str:
    """One plain sentence. An unexpected error is written to `log_file` with its traceback."""
    if isinstance(error, Problem):
        return error.message
    kind = type(error).__name__
    place = record(error)
    return f"Something unexpected happened ({kind}); " + (
        f"details are in {place}." if place else "its details could not be written to the log."
    )


def record(error: BaseException) -> Path | None:
    """Append the traceback to the log; None if the log cannot be written."""
    file = log_file()
    lines = "".join(traceback.format_exception(error))
    stamp = time.strftime("%Y-%m-%d %H:%M:%S")
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        with file.open("a", encoding="utf-8", errors="backslashreplace") as log:
            log.write(f"{stamp} {lines}\n")
    except OSError:
        return None
    return file


def ends(app: App[Any], error: BaseException | None) -> bool:
    """End the application with a sentence about the error, where there is one."""
    if error is None:
        return False
    from rich.text import Text

    app.bell()
    app.panic(Text(f"zsr-tui had to stop. {sentence(error)}"))
    return True
