"""All settings for people: a commented file to start from, and rows of what holds and why."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from zsr_tui import paths
from zsr_tui.settings.reading import Settings
from zsr_tui.settings.setting import Setting, quoted
from zsr_tui.settings.table import (
    CACHE,
    DATA,
    DATASETS,
    INDEXES,
    KEYS,
    MODELS,
    OPEN,
    SECTIONS,
    SERVER_KEYS,
    SETTINGS,
    THEMES,
)

_PLACES = {
    INDEXES.key: paths.indexes_dir,
    DATA.key: paths.data_dir,
    CACHE.key: paths.cache_dir,
    THEMES.key: paths.themes_dir,
    DATASETS.key: paths.ir_datasets_dir,
    MODELS.key: paths.hub_dir,
}
_EXAMPLES = {KEYS: 'next_query = "ctrl+n"', SERVER_KEYS: '"api.jina.ai" = "JINA_API_KEY"'}


def toml_value(value: Any) -> str:
    """As the file writes it."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, tuple | list):
        return f"[{', '.join(map(quoted, value))}]"
    return quoted(value) if isinstance(value, str) else str(value)


def default_file() -> str:
    """A file in which everything is a comment: as it is, it changes nothing."""
    parts = ["# Settings of zsr-tui. Take the # away from a line to set it."]
    parts += ["", "# The environment outranks this file, the command line both. zsr-tui config shows what holds.", ""]
    section = ""
    for setting in SETTINGS:
        above = setting.key.rpartition(".")[0]
        if above != section:
            parts += [f"# {SECTIONS[above]}", f"[{above}]", ""]
            section = above
        parts += _lines_of(setting)
    for name, about in OPEN.items():
        parts += [f"# {about}", f"[{name}]", f"# {_EXAMPLES[name]}", ""]
    parts += ["# Profiles override single settings: zsr-tui -P work", "# [profiles.work]"]
    parts += ['# dataset = "beir/scifact/test"', '# models.precision = "fp32"', ""]
    return "\n".join(parts)


@dataclass(frozen=True, slots=True)
class Row:
    """What a setting is now, and where that comes from; `words` where the value is empty."""

    key: str
    value: Any
    source: str
    words: str = ""


def rows(settings: Settings) -> Iterator[Row]:
    """Of every setting, then of the user's own tables."""
    for setting in SETTINGS:
        value = settings[setting]
        words = str(_PLACES[setting.key]()) if setting.key in _PLACES else setting.otherwise
        yield Row(setting.key, value, settings.source(setting), "" if value else words)
    for table, entries in settings.tables.items():
        for name, value in entries.items():
            yield Row(f"{table}.{name}", value, settings.source_in(table, name))


def guide_table() -> str:
    """The table of the user guide."""
    lines = ["| setting | what it is | takes | default | variable |", "|---|---|---|---|---|"]
    for setting in SETTINGS:
        default = setting.otherwise or f"`{toml_value(setting.default)}`"
        variable = ", ".join(f"`{name}`" for name in (setting.variable, *setting.also) if name)
        lines.append(f"| `{setting.key}` | {setting.about} | {setting.takes} | {default} | {variable} |")
    return "\n".join(lines)


def _lines_of(setting: Setting[Any]) -> list[str]:
    name = setting.key.rpartition(".")[2]
    example = toml_value(setting.example)
    facts = [] if example in setting.takes else [f"Takes {setting.takes}."]
    if setting.otherwise:
        facts.append(f"Without it: {setting.otherwise}.")
    if setting.variable:
        facts.append(f"{setting.variable} outranks it.")
    return [f"# {setting.about}", *([f"# {' '.join(facts)}"] if facts else []), f"# {name} = {example}", ""]
