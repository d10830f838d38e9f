"""One thing that a user may set."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Generic, NamedTuple, TypeVar

T = TypeVar("T")
MOST = 1000  # texts of a list
_ON = {"1", "true", "yes", "on"}


class Setting(NamedTuple, Generic[T]):  # quickly made: the screen waits for it
    """`key` is dotted, as TOML has it: "models.precision" stands in the table [models]. `takes` ends a sentence: "a
    whole number from 1 to 5". An empty `default` stands for `otherwise`, what holds then. `example` is what one might
    write.

    `variable` is what the engine or a library reads in the environment; where it is set, or one of `also`, the file
    is not asked. `place`: a folder; one that is not absolute lies beside the file.
    """

    key: str
    default: T
    about: str
    takes: str
    accepts: Callable[[object], bool]
    example: T
    otherwise: str = ""
    variable: str = ""
    also: tuple[str, ...] = ()
    place: bool = False

    def of_toml(self, written: object, file: Path) -> T:
        """Of what it accepts."""
        value: object = written
        if isinstance(written, list):
            value = tuple(written)
        elif self.place and isinstance(written, str):
            value = str(file.parent / Path(written).expanduser())
        return value  # type: ignore[return-value]

    def of_text(self, text: str) -> T:
        """Of the environment; the default for what is none. Who reads the variable says what is wrong with it."""
        value: object = text
        if isinstance(self.default, bool):
            value = text.lower() in _ON
        elif isinstance(self.default, tuple):
            value = tuple(part.strip() for part in text.split(",") if part.strip())
        elif isinstance(self.default, int):
            value = int(text) if text.isdigit() else self.default
        return value  # type: ignore[return-value]

    def to_text(self, value: T) -> str:
        """For the environment."""
        if isinstance(value, bool):
            return "1" if value else "0"
        return ",".join(value) if isinstance(value, tuple) else str(value)


def text(
    key: str, about: str, example: str, *, one_of: tuple[str, ...] = (), otherwise: str, variable: str = ""
) -> Setting[str]:
    takes = f"one of {', '.join(map(quoted, one_of))}" if one_of else f"a text in quotes, as in {quoted(example)}"
    return Setting(
        key, "", about, takes, lambda v: _text(v) and (not one_of or v in one_of), example, otherwise, variable
    )


def texts(
    key: str, about: str, example: tuple[str, ...], *, otherwise: str, variable: str = "", most: int = MOST
) -> Setting[tuple[str, ...]]:
    def accepts(value: object) -> bool:
        return isinstance(value, list) and 0 < len(value) <= most and all(_text(each) for each in value)

    takes = f"a list of {f'1 to {most} ' if most < MOST else ''}texts, as in [{', '.join(map(quoted, example))}]"
    return Setting(key, (), about, takes, accepts, example, otherwise, variable)


def flag(key: str, about: str, *, default: bool = False, variable: str = "") -> Setting[bool]:
    return Setting(key, default, about, "true or false", lambda v: isinstance(v, bool), default, variable=variable)


def whole(key: str, default: int, about: str, *, least: int, most: int, variable: str = "") -> Setting[int]:
    def accepts(value: object) -> bool:
        return type(value) is int and least <= value <= most

    return Setting(key, default, about, f"a whole number from {least} to {most:,}", accepts, default, variable=variable)


def folder(
    key: str, about: str, example: str, *, otherwise: str, variable: str, also: tuple[str, ...] = ()
) -> Setting[str]:
    takes = f"a folder in quotes, as in {quoted(example)}"
    return Setting(key, "", about, takes, _text, example, otherwise, variable, also, place=True)


def quoted(value: str) -> str:
    """As TOML writes it."""
    escaped = value.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _text(value: object) -> bool:
    return isinstance(value, str) and bool(value.strip()) and value.isprintable()
