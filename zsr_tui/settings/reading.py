"""The user's file and the environment become `Settings`."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

from zsr_tui import paths
from zsr_tui.domain import Problem
from zsr_tui.settings.file import Path_, TomlFile, Unusable, nearest
from zsr_tui.settings.setting import Setting
from zsr_tui.settings.table import BY_KEY, KEYS, OPEN, PROFILES, SECTIONS, SERVER_KEYS, SETTINGS

T = TypeVar("T")
PROFILE = "ZSR_TUI_PROFILE"


class _Found(NamedTuple):
    """A value that is not the default, with where it stands in the file, or the variable that holds it."""

    value: Any
    path: Path_ = ()
    variable: str = ""


@dataclass(frozen=True)
class Settings:
    """What holds. `complaints` has a sentence for everything in the file that was left out, `tables` those whose keys
    are the user's."""

    file: Path
    profile: str = ""
    profiles: tuple[str, ...] = ()
    complaints: tuple[str, ...] = ()
    tables: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    _found: Mapping[str, _Found] = field(default_factory=dict)
    _toml: TomlFile | None = None

    def __getitem__(self, setting: Setting[T]) -> T:
        found = self._found.get(setting.key)
        return setting.default if found is None else found.value

    def check(self) -> None:
        """Raises `Problem` for what was left out: a command that runs without it would run otherwise than was meant."""
        if self.complaints:
            more = len(self.complaints) - 1
            rest = f" There {'is' if more == 1 else 'are'} {more} more: zsr-tui config shows them." if more else ""
            raise Problem(self.complaints[0] + rest, usage=True)

    def source(self, setting: Setting[Any]) -> str:
        """Where its value comes from: "default", a variable, "line 3", "profile work, line 17"."""
        found = self._found.get(setting.key)
        if found is None:
            return "default"
        return found.variable or self._place(found.path)

    def source_in(self, table: str, name: str) -> str:
        """As `source`, of an entry of the user's own tables."""
        return self._place(self._own((*table.split("."), name)))

    def at(self, table: str, name: str) -> str:
        """The file and the line of an entry of the user's own tables."""
        return self._toml.at(self._own((*table.split("."), name))) if self._toml else str(self.file)

    def _own(self, path: Path_) -> Path_:
        """The profile's, where it has one."""
        own = (PROFILES, self.profile, *path)
        return own if self._toml and own in self._toml.lines else path

    def _place(self, path: Path_) -> str:
        line = self._toml.lines.get(path) if self._toml else None
        parts = [f"profile {path[1]}"] if path[0] == PROFILES else []
        return ", ".join([*parts, f"line {line}" if line else "the file"])

    @property
    def server_keys(self) -> Mapping[str, str]:
        """The name of the variable with a server's key, by the variable that the program looks for."""
        named = self.tables.get(SERVER_KEYS, {})
        return {f"ZSR_TUI_KEY_{re.sub('[^A-Z0-9]+', '_', host.upper()).strip('_')}": at for host, at in named.items()}


def load(profile: str | None = None) -> Settings:
    """The file's own settings, with those of the profile (ZSR_TUI_PROFILE's, without one) over them. Raises `Problem`
    for a profile that the file does not have."""
    profile = profile or os.environ.get(PROFILE, "")
    path = paths.config_file()
    try:
        toml = TomlFile(path)
    except Unusable as error:
        return Settings(path, complaints=(str(error),), _found=_environment())
    if not toml.there and os.environ.get("ZSR_TUI_CONFIG"):
        complaint = f"ZSR_TUI_CONFIG names {path}, and there is no such file."
        return Settings(path, complaints=(complaint,), _found=_environment())
    return _Reading(toml).settings(profile)


def begin(profile: str | None = None) -> Settings:
    """`load` at the start of the program, and put into the environment what the engine and the libraries read there."""
    found = load(profile)
    if found.profile:
        os.environ[PROFILE] = found.profile
    for setting in SETTINGS:
        written = found._found.get(setting.key)
        if setting.variable and written is not None and not written.variable:
            os.environ[setting.variable] = setting.to_text(written.value)
    for variable, holder in found.server_keys.items():
        if holder in os.environ:
            os.environ.setdefault(variable, os.environ[holder])
    return found


def _environment() -> dict[str, _Found]:
    """What variables decide."""
    found = {}
    for setting in SETTINGS:
        names = (setting.variable, *setting.also) if setting.variable else ()
        if name := next((name for name in names if os.environ.get(name)), None):
            found[setting.key] = _Found(setting.of_text(os.environ[name]), variable=name)
    return found


class _Reading:
    """Goes through the tables once; what it does not know, it complains of."""

    def __init__(self, toml: TomlFile) -> None:
        self._toml = toml
        self._complaints: list[str] = []

    def settings(self, profile: str) -> Settings:
        whole = dict(self._toml.tables)
        profiles = whole.pop(PROFILES, {})
        found, opened = self._table(whole, (), ())
        if not isinstance(profiles, dict) or not all(isinstance(each, dict) for each in profiles.values()):
            self._complain((PROFILES,), "profiles has a table for each, as in [profiles.work]")
            profiles = {}
        own = {name: self._table(each, (PROFILES, name), ()) for name, each in profiles.items()}
        if profile and profile not in own:
            guess = nearest(profile, own)
            has = f"; it has {', '.join(own)}." if own and guess == "." else guess
            what = f"{self._toml.path} has no profile {profile!r}{has}"
            raise Problem(what, usage=True)
        if profile:
            found |= own[profile][0]
            for name, entries in own[profile][1].items():
                opened[name] = {**opened.get(name, {}), **entries}
        return Settings(
            self._toml.path, profile, tuple(own), tuple(self._complaints), opened, found | _environment(), self._toml
        )  # fmt: skip

    def _table(
        self, table: Mapping[str, Any], root: Path_, above: Path_
    ) -> tuple[dict[str, _Found], dict[str, dict[str, Any]]]:
        """What a table sets. `root` leads to the profile, `above` from there to the table."""
        found: dict[str, _Found] = {}
        opened: dict[str, dict[str, Any]] = {}
        for name, value in table.items():
            key, path = ".".join((*above, name)), (*root, *above, name)
            if setting := BY_KEY.get(key):
                if setting.accepts(value):
                    found[key] = _Found(setting.of_toml(value, self._toml.path), path)
                else:
                    self._complain(path, f"{key} takes {setting.takes}, and not {_shown(value)}")
            elif key in OPEN or key in SECTIONS:
                if not isinstance(value, dict):
                    self._complain(path, f"{key} must be a table, as in [{'.'.join(path)}]")
                elif key in OPEN:
                    opened[key] = self._entries(key, value, path)
                else:
                    inner, inner_opened = self._table(value, root, (*above, name))
                    found |= inner
                    opened |= inner_opened
            else:
                known = (*BY_KEY, *SECTIONS, *OPEN, *([] if root else [PROFILES]))
                self._complain(path, f"there is no setting {key}{nearest(key, known)}", end="")
        return found, opened

    def _entries(self, key: str, table: Mapping[str, Any], path: Path_) -> dict[str, Any]:
        """Who reads the keys of the application looks at them itself."""
        if key == KEYS:
            return dict(table)
        named = {name: value for name, value in table.items() if isinstance(value, str) and value.isidentifier()}
        for name in table.keys() - named.keys():
            self._complain((*path, name), f"{key}: {name} takes the name of an environment variable in quotes")
        return named

    def _complain(self, path: Path_, what: str, end: str = ".") -> None:
        self._complaints.append(f"{self._toml.at(path)}: {what}{end}")


def _shown(value: object) -> str:
    """As the user wrote it, nearly."""
    if isinstance(value, bool):
        return str(value).lower()
    try:
        text = f'"{value}"' if isinstance(value, str) else str(value)
    except ValueError:  # of more digits than Python writes
        return "so large a number"
    return text if len(text) <= 60 else f"{text[:59]}…"
