"""A TOML file that a person writes: what it says, on which lines, and what is wrong with it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property
from pathlib import Path
from typing import Any

from zsr_tui import outside

_LARGEST = 1 << 20  # bytes
_LINES = 2_000  # of a file in which lines are looked for
_LINES_OF_ONE = 100  # of a value behind which they are
_DEEPEST = 10  # tables, of keys that are looked for
Path_ = tuple[str, ...]


class Unusable(Exception):
    """A sentence: nothing of the file can be used."""


class TomlFile:
    """`tables` is what it says. An absent file says nothing."""

    def __init__(self, path: Path) -> None:
        """Raises `Unusable`."""
        self.path = path
        self.there, self._text = True, ""
        try:
            self._text = outside.read_text(path, _LARGEST)
        except FileNotFoundError:
            self.there = False
        except OSError as error:
            raise Unusable(f"{path} could not be read: {error.strerror}; nothing of it is used.") from error
        except UnicodeDecodeError as error:
            raise Unusable(f"{path} is not UTF-8 text; nothing of it is used.") from error
        self.tables: Mapping[str, Any] = {}
        if self._text:
            try:
                self.tables = outside.toml(self._text)
            except ValueError as error:
                raise Unusable(f"{path} is not valid TOML ({error}); nothing of it is used.") from error

    def at(self, key: Path_) -> str:
        """Where it stands: "/home/me/config.toml, line 3", or the file alone."""
        line = self.lines.get(key)
        return f"{self.path}, line {line}" if line else str(self.path)

    @cached_property
    def lines(self) -> dict[Path_, int]:
        """The line on which each key, at any depth, is written. A value begins behind the last line up to which the
        file is a whole one without it: so none of TOML's grammar is repeated here, but that a table begins with [."""
        found: dict[Path_, int] = {}
        written = self._text.splitlines(keepends=True)
        if len(written) > _LINES:
            return found
        whole, table = 0, ""
        for end in range(1, len(written) + 1):
            statement = "".join(written[whole:end])
            begins = statement.lstrip().startswith("[")
            try:
                tables = outside.toml(statement if begins else table + statement)
            except ValueError:  # in the midst of a value
                if end - whole == _LINES_OF_ONE:
                    return found
                continue
            for key in _paths(tables):
                found.setdefault(key, whole + 1)
            whole, table = end, statement if begins else table
        return found


def nearest(word: str, known: Iterable[str]) -> str:
    """The end of a sentence that names what may have been meant; "" where nothing is near."""
    import difflib  # only for mistakes

    names = list(known)
    by_word = {name.casefold(): name for name in names} | {name.rpartition(".")[2]: name for name in names}
    found = difflib.get_close_matches(word.casefold(), by_word, n=1) or difflib.get_close_matches(
        word.rpartition(".")[2].casefold(), by_word, n=1
    )
    return f": did you mean {by_word[found[0]]}?" if found else "."


def _paths(table: Mapping[str, Any], above: Path_ = ()) -> Iterator[Path_]:
    for name, value in table.items():
        yield (*above, name)
        if isinstance(value, dict) and len(above) < _DEEPEST:
            yield from _paths(value, (*above, name))
