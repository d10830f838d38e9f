"""zsr-tui config: every setting, its value, and where that comes from."""

from __future__ import annotations

import shlex

from zsr_tui.commands.table import print_json, table
from zsr_tui.edge import WRONG_USAGE, hand_over, say
from zsr_tui.settings import Settings, showing
from zsr_tui.settings.table import KEYS, THEME


def run(settings: Settings, *, as_file: bool, as_json: bool) -> int:
    """What is wrong with the file is said below its values, and the exit code tells it."""
    if as_file:
        hand_over(showing.default_file())
        return 0
    rows = list(showing.rows(settings))
    if as_json:
        found = [{"setting": row.key, "value": row.value, "from": row.source} for row in rows]
        print_json({"file": str(settings.file), "profile": settings.profile, "settings": found})
    else:
        print(table(["setting", "value", "from"], [_cells(row) for row in rows]))
        print(f"\n{_about(settings)}", flush=True)
    complaints = (*settings.complaints, *_of_screens(settings))
    for complaint in complaints:
        say(complaint)
    return WRONG_USAGE if complaints else 0


def _of_screens(settings: Settings) -> tuple[str, ...]:
    """What the application would complain of: its keys and its theme."""
    from zsr_tui.ui.keys.bindings import KeyTable
    from zsr_tui.ui.themes import missing

    keys = KeyTable(settings.tables.get(KEYS), lambda action: settings.at(KEYS, action)).complaints
    return (*keys, *filter(None, [missing(settings[THEME]) if settings[THEME] else ""]))


def _cells(row: showing.Row) -> list[str]:
    return [row.key, f"({row.words})" if row.words else showing.toml_value(row.value), row.source]


def _about(settings: Settings) -> str:
    folder, path = shlex.quote(str(settings.file.parent)), shlex.quote(str(settings.file))
    make = f"mkdir -p {folder} && zsr-tui config --default > {path}"
    there = "" if settings.file.is_file() else f" (there is none; to start from: {make})"
    profiles = f"; profiles: {', '.join(settings.profiles)}" if settings.profiles else ""
    return f"file: {settings.file}{there}{profiles}" + (f"; in use: {settings.profile}" if settings.profile else "")
