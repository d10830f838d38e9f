"""A user's own themes: one file each in the folder of themes, named as the theme is.

primary = "#7fb2e5"          the only colour that must be there
background = "#14181d"       and secondary, accent, success, warning, error, foreground, surface, panel, boost
dark = true                  whether light text stands on dark ground

[variables]                  any of Textual's
border = "#7fb2e5"
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from textual.color import Color, ColorParseError
from textual.theme import Theme

from zsr_tui import paths
from zsr_tui.domain import Problem
from zsr_tui.settings.file import TomlFile, Unusable, nearest

COLOURS = (
    "primary", "secondary", "accent", "success", "warning", "error", "foreground", "background", "surface", "panel",
    "boost",
)  # fmt: skip
KNOWN = (*COLOURS, "dark", "variables")


def names() -> tuple[str, ...]:
    """Of the files that there are; none is read."""
    try:
        return tuple(sorted(file.stem for file in paths.themes_dir().glob("*.toml")))
    except OSError:  # it is no folder, or closed to this user: there are none
        return ()


def file_of(name: str) -> Path:
    return paths.themes_dir() / f"{name}.toml"


def stamp(name: str) -> tuple[int, int]:
    """Changes when the file does."""
    try:
        found = file_of(name).stat()
    except OSError:
        return 0, 0
    return found.st_mtime_ns, found.st_size


def read(name: str) -> Theme:
    """Raises `Problem` with one sentence: the file, the line, what is wrong, and what may have been meant."""
    try:
        toml = TomlFile(file_of(name))
    except Unusable as error:
        raise Problem(str(error)) from error
    if not toml.there:
        raise Problem(f"{toml.path} is gone.")
    fields: dict[str, Any] = {"variables": {}}
    for key, value in toml.tables.items():
        if key not in KNOWN:
            raise Problem(f"{toml.at((key,))}: a theme has no {key}{nearest(key, KNOWN)}")
        if key == "dark":
            fields[key] = _checked(toml, key, isinstance(value, bool), value, "true or false")
        elif key == "variables":
            variables = _checked(toml, key, isinstance(value, dict), value, "a table, as in [variables]")
            for variable, text in variables.items():
                _checked(toml, (key, variable), isinstance(text, str), text, "a text in quotes")
            fields[key] = variables
        else:
            fields[key] = _checked(toml, key, _is_colour(value), value, 'a colour in quotes, as in "#7fb2e5"')
    if "primary" not in fields:
        raise Problem(f'{toml.path} lacks the colour primary: write primary = "#7fb2e5", or another.')
    return Theme(name=name, **fields)


def _checked(toml: TomlFile, key: str | tuple[str, ...], fits: bool, value: Any, takes: str) -> Any:
    path = (key,) if isinstance(key, str) else key
    if not fits:
        raise Problem(f"{toml.at(path)}: {'.'.join(path)} takes {takes}, and not {str(value)[:40]!r}.")
    return value


def _is_colour(value: Any) -> bool:
    if not isinstance(value, str):
        return False
    try:
        Color.parse(value)
    except ColorParseError:
        return False
    return True
