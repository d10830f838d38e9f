"""Which column of a table is the id, which the title, and which make the text: guessed from a few rows, or named."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from typing import Any

from zsr_tui.corpora.formats import names
from zsr_tui.corpora.formats.rows import BadRow, Row
from zsr_tui.corpora.records import clean
from zsr_tui.domain import Doc, Problem
from zsr_tui.text import one_line

NUMBERED = "row"  # in place of a column of ids: documents are numbered
INSIDE = "."  # between the names of a column and of what stands inside it
DEEPEST = 5  # names of such a way
LOOKED_AT = 50  # rows that a guess is made from
_MOST_COLUMNS = 30  # that a sentence names


@dataclass(frozen=True, slots=True)
class Columns:
    """Those named by the user; what is "" or () is guessed."""

    id: str = ""
    title: str = ""
    text: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Mapped:
    """Names of columns. `id` may be `NUMBERED`, `title` "" for none. `guessed` has those that nobody named."""

    id: str
    title: str
    text: tuple[str, ...]
    others: tuple[str, ...] = ()
    guessed: tuple[str, ...] = ()
    files: bool = False  # whether each row is a file

    def about(self) -> str:
        """In a line."""
        if self.files:
            return "each file is a document, its path the id"
        said = [f"id ← {self.id}" if self.id != NUMBERED else "documents are numbered"]
        said += [f"title ← {self.title}"] if self.title else []
        said.append(f"text ← {' + '.join(self.text)}")
        if self.others:
            said.append(f"kept beside: {', '.join(self.others[:_MOST_COLUMNS])}")
        guessed = f" (guessed: {', '.join(self.guessed)})" if self.guessed else ""
        return one_line(" · ".join(said) + guessed)

    def document(self, row: Row, number: int) -> Doc:
        """Raises `BadRow`."""
        id = str(number) if self.id == NUMBERED else _id(row, self.id)
        text = "\n".join(filter(None, (_string(row, column) for column in self.text)))
        title = one_line(_string(row, self.title)) if self.title else ""
        if not text and not title:
            raise BadRow(row.where, f"its {' and '.join(self.text)} is empty")
        taken = {self.id, self.title, *self.text}
        beside = ((key, _shown(value)) for key, value in _beside(row.fields, taken))
        return Doc(id, title, text, tuple((clean(key), shown) for key, shown in beside if shown))


def mapping_of(rows: Sequence[Row], columns: Columns, source: str, *, queries: bool = False) -> Mapped:
    """Raises `Problem` where a column that was named is not there, and where none can be the text."""
    there = list(dict.fromkeys(key for row in rows for key in row.fields))
    there += dict.fromkeys(key for row in rows for key in _inside(row.fields) if key not in there)
    if not there:
        raise Problem(f"{source} has no rows: there is nothing to search in it.", usage=True)
    _check(columns, there, source)
    id_names, text_names = (names.QUERY_ID, names.QUERY_TEXT) if queries else (names.ID, names.TEXT)
    taken = {columns.id, columns.title, *columns.text}
    left = [name for name in there if name not in taken]
    found = _first(left, id_names, lambda name: _can_be_id(rows, name)) or _numbers(rows, left, there)
    id = columns.id or found or NUMBERED
    left = [name for name in left if name != id]
    texts = columns.text
    if not texts:
        named = _first(left, text_names, lambda name: _is_text(rows, name))
        found = named or max(
            (name for name in left if _is_text(rows, name)), key=lambda n: _length(rows, n), default=""
        )
        if not found or (
            found != named and found == (columns.title or _title(rows, left))
        ):  # its text may be in pieces
            found = max((n for n in left if _is_sentences(rows, n)), key=lambda n: _length(rows, n), default=found)
        texts = (found,) if found else ()
    homes = {"", *(name.rpartition(INSIDE)[0] for name in texts)}  # the name of somebody else's is no title
    left = [name for name in left if name not in texts and name.rpartition(INSIDE)[0] in homes]
    title = columns.title or ("" if queries else _title(rows, left))
    if not texts and title:  # headlines alone are texts, too
        texts, title = (title,), ""
    if not texts:
        raise Problem(
            f"{source} has no column that can be the text{_listed(there)}: name it, as in text=COLUMN.", usage=True
        )
    others = tuple(dict.fromkeys(name for row in rows for name, _ in _beside(row.fields, {id, title, *texts})))
    guessed = [
        what
        for what, named in (("id", columns.id), ("title", columns.title or not title), ("text", columns.text))
        if not named
    ]
    return Mapped(id, title, texts, others, tuple(guessed))


def _value(row: Row, column: str) -> object:
    """Of a column, or of one inside another (`article.body`); None where it is not there."""
    if column in row.fields or INSIDE not in column:
        return row.fields.get(column)
    return next((value for name, value in _leaves(row.fields) if name == column), None)


def _inside(fields: Mapping[str, object]) -> list[str]:
    """The names of what stands inside columns that are objects."""
    return [name for name, _ in _leaves(fields) if name not in fields]


def _leaves(fields: Mapping[str, object], deep: int = DEEPEST) -> Iterator[tuple[str, object]]:
    """What holds no further names, each by its way."""
    for key, value in fields.items():
        if isinstance(value, Mapping) and value and deep > 1 and all(isinstance(each, str) for each in value):
            yield from ((f"{key}{INSIDE}{name}", each) for name, each in _leaves(value, deep - 1))
        else:
            yield key, value


def _beside(fields: Mapping[str, object], taken: Set[str]) -> Iterator[tuple[str, object]]:
    """What is not taken; of a column of which a part is, the rest part by part."""
    for key, value in fields.items():
        parts = list(_leaves({key: value})) if isinstance(value, Mapping) else []
        if key not in taken and taken.isdisjoint(name for name, _ in parts):
            yield key, value
        elif key not in taken:
            yield from ((name, each) for name, each in parts if name not in taken)


def _check(columns: Columns, there: Sequence[str], source: str) -> None:
    for setting, name in (("id", columns.id), ("title", columns.title), *(("text", each) for each in columns.text)):
        if name and name not in there and not (setting == "id" and name == NUMBERED):
            raise Problem(f"{source} has no column {name!r} for {setting}{_listed(there)}.", usage=True)


def _listed(there: Sequence[str]) -> str:
    more = f" and {len(there) - _MOST_COLUMNS} more" if len(there) > _MOST_COLUMNS else ""
    return f": its columns are {', '.join(map(one_line, there[:_MOST_COLUMNS]))}{more}"


def _first(left: Sequence[str], wanted: Sequence[str], fits: Any) -> str:
    """The column with the earliest of the wanted names."""
    by_name = {names.plain(name.rpartition(INSIDE)[2]): name for name in reversed(left) if INSIDE in name}
    by_name |= {names.plain(name): name for name in reversed(left)}
    return next((by_name[each] for each in wanted if each in by_name and fits(by_name[each])), "")


def _can_be_id(rows: Sequence[Row], name: str) -> bool:
    values = [_value(row, name) for row in rows]
    ids = {_as_id(value) for value in values}
    return len(ids) == len(values) and "" not in ids


def _numbers(rows: Sequence[Row], left: Sequence[str], there: Sequence[str]) -> str:
    """The first of several columns, where it could be an id, and has no name (they are numbered) or one that ends as
    those of ids do."""
    first = left[0] if len(left) > 1 and left[0] == there[0] else ""
    named = first == "1" or (names.words(first)[-1:] or [""])[0] in names.NUMBERS
    return first if named and _can_be_id(rows, first) else ""


def _title(rows: Sequence[Row], left: Sequence[str]) -> str:
    """A column that is called so, else one whose name begins or ends so and which has more than a word in a row."""
    if exact := _first(left, names.TITLE, lambda name: _is_text(rows, name)):
        return exact
    for name in left:
        words = names.words(name)
        spoken = sum(len(str(_value(row, name) or "").split()) for row in rows) >= 2 * len(rows)
        if {*words[:1], *words[-1:]} & {*names.HEADS} and _is_text(rows, name) and spoken:
            return name
    return ""


def _is_text(rows: Sequence[Row], name: str) -> bool:
    return any(isinstance(_value(row, name), str) and str(_value(row, name)).strip() for row in rows)


def _is_sentences(rows: Sequence[Row], name: str) -> bool:
    """Whether it has lists of texts that are more than words, of which tags are made."""
    lists = [value for row in rows if isinstance(value := _value(row, name), list) and value]
    texts = [each for value in lists for each in value]
    return bool(texts) and all(isinstance(each, str) for each in texts) and any(len(each.split()) > 2 for each in texts)


def _length(rows: Sequence[Row], name: str) -> int:
    values = [_value(row, name) for row in rows]
    pieces = [each for value in values for each in (value if isinstance(value, list) else [value])]
    return sum(len(each) for each in pieces if isinstance(each, str))


def _as_id(value: object) -> str:
    """ "" for what can be none."""
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    if isinstance(value, str) and len(words := value.split(None, 1)) == 1:
        return clean(words[0])
    return ""


def _id(row: Row, column: str) -> str:
    value = _value(row, column)
    if isinstance(value, float) and value.is_integer():  # a column of whole numbers, one of which is missing
        value = int(value)
    id = _as_id(value)
    if not id:
        what = "empty" if value is None or value == "" else f"{_shown(value)[:60]!r}, which has white space or is no id"
        raise BadRow(row.where, f"its {column} is {what} (or number the documents: id=row)")
    return id


def _string(row: Row, column: str) -> str:
    """Of a column: a text as it is, a list of texts joined, a number written out."""
    value = _value(row, column)
    if isinstance(value, str):
        return clean(value).strip()
    if isinstance(value, list) and all(isinstance(each, str) for each in value):
        return clean("\n".join(value)).strip()
    if isinstance(value, Mapping | list):
        raise BadRow(row.where, f"its {column} is no text")
    return _shown(value)


def _shown(value: object) -> str:
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return ""
    if isinstance(value, str):
        return clean(value).strip()
    if isinstance(value, list | Mapping):
        try:
            return clean(json.dumps(value, ensure_ascii=False, default=str))
        except (ValueError, RecursionError):
            return ""
    return str(value)
