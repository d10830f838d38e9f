"""The screen as a picture: an SVG file that loads nothing from elsewhere."""

from __future__ import annotations

import re
import time
from pathlib import Path
from typing import Any

from textual.app import App

from zsr_tui import paths
from zsr_tui.files import PRIVATE

_WEB_FONT = re.compile(r"@font-face\s*\{[^}]*\}\s*")  # rich's template asks a server for one


def take(app: App[Any]) -> None:
    """Written to a file that was not there; where, is said."""
    try:
        file = _write(paths.screenshots_dir(), _WEB_FONT.sub("", app.export_screenshot()))
    except OSError as error:
        app.notify(
            f"The screenshot could not be written to {paths.screenshots_dir()}: {error.strerror}.",
            severity="error",
            markup=False,
        )
    else:
        app.notify(f"The screenshot is in {file}.", timeout=10, markup=False)


def _write(folder: Path, svg: str) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    stem, number = time.strftime("zsr-tui-%Y-%m-%d-%H%M%S"), 1
    while True:
        file = folder / f"{stem}{f'-{number}' if number > 1 else ''}.svg"
        try:
            with file.open("x", encoding="utf-8", errors="replace") as picture:
                file.chmod(PRIVATE)
                picture.write(svg)
        except FileExistsError:
            number += 1
        else:
            return file
