"""zsr-tui config: every setting, its value, and where that comes from."""

from __future__ import annotations

from zsr_tui.commands.table import print_json, table
from zsr_tui.edge import WRONG_USAGE, say
from zsr_tui.settings import Settings, showing


def run(settings: Settings, *, as_file: bool, as_json: bool) -> int:
    """What is wrong with the file is said below its values, and the exit code tells it."""
    if as_file:
        print(showing.default_file(), end="")
        return 0
    rows = list(showing.rows(settings))
    if as_json:
        found = [{"setting": row.key, "value": row.value, "from": row.source} for row in rows]
        print_json({"file": str(settings.file), "profile": settings.profile, "settings": found})
    else:
        print(table(["setting", "value", "from"], [_cells(row) for row in rows]))
        print(f"\n{_about(settings)}", flush=True)
    for complaint in settings.complaints:
        say(complaint)
    return WRONG_USAGE if settings.complaints else 0


def _cells(row: showing.Row) -> list[str]:
    return [row.key, f"({row.words})" if row.words else showing.toml_value(row.value), row.source]


def _about(settings: Settings) -> str:
    there = "" if settings.file.is_file() else " (there is none: zsr-tui config --default prints one to start from)"
    profiles = f"; profiles: {', '.join(settings.profiles)}" if settings.profiles else ""
    return f"file: {settings.file}{there}{profiles}" + (f"; in use: {settings.profile}" if settings.profile else "")
