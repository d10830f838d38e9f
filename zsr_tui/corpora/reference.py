"""How a corpus with settings is written: `articles.csv(id=docno, text=[headline, body], size=200, overlap=50)`, as a
system with settings is. What stands in the brackets says how files are read, and how documents are cut into chunks."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from zsr_tui.corpora.chunking import Chunking
from zsr_tui.corpora.formats.rows import HUB, Options
from zsr_tui.corpora.mapping import Columns
from zsr_tui.domain import Problem
from zsr_tui.pipeline.tokens import NotationError, Token, quoted, scan

OF_COLUMNS = ("id", "title", "text")
OF_FILES = ("encoding", "header", "quotes", "bad")
OF_HUB = ("config", "split")
BESIDE = ("queries", "qrels")
OF_CHUNKS = ("by", "size", "overlap")
SETTINGS = (*OF_COLUMNS, *OF_FILES, *OF_HUB, *BESIDE, *OF_CHUNKS)
_EXAMPLE = "as in articles.csv(id=docno, text=body) or notes(size=200, overlap=50)"


@dataclass(frozen=True, slots=True)
class Reference:
    """`base` is what stands before the brackets. Values are texts; of `text` several."""

    base: str
    settings: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def __str__(self) -> str:
        written = [f"{name}={_value(self.settings[name])}" for name in SETTINGS if name in self.settings]
        return f"{self.base}({', '.join(written)})" if written else self.base

    def one(self, name: str) -> str:
        """A setting's value, "" where it is not given."""
        return self.settings.get(name, ("",))[0]

    def without(self, names: Iterable[str]) -> Reference:
        left = set(names)
        return Reference(self.base, {name: value for name, value in self.settings.items() if name not in left})

    @property
    def documents(self) -> Reference:
        """What the documents are made by; other queries and judgments make no others."""
        return self.without(BESIDE)

    @property
    def whole(self) -> Reference:
        """Of documents that are not cut into chunks."""
        return self.without(OF_CHUNKS)

    @property
    def of_chunks(self) -> dict[str, tuple[str, ...]]:
        """Those settings that say how documents are cut."""
        return {name: value for name, value in self.settings.items() if name in OF_CHUNKS}

    @property
    def chunking(self) -> Chunking | None:
        """Raises `Problem`."""
        if not any(name in self.settings for name in OF_CHUNKS):
            return None
        if self.one("by") not in ("", "heading"):
            raise Problem(f"chunks are cut by=heading or by size alone, not by={self.one('by')}.", usage=True)
        return Chunking(_count(self, "size"), _count(self, "overlap"), self.one("by") == "heading")

    @property
    def columns(self) -> Columns:
        return Columns(self.one("id"), self.one("title"), self.settings.get("text", ()))

    def options(self) -> Options:
        """Raises `Problem`."""
        if self.one("bad") not in ("", "skip"):
            raise Problem(f"bad=skip leaves out what cannot be read; there is no bad={self.one('bad')}.", usage=True)
        return Options(
            self.one("encoding"), self.one("header"), self.one("quotes"), self.one("config"), self.one("split")
        )


def parsed(ref: str) -> Reference:
    """Of what stands in brackets at the end, unless there is a file of that very name. Raises `Problem`."""
    ref = ref.strip()
    if not ref.endswith(")") or (not ref.startswith(HUB) and _exists(ref)):
        return Reference(ref)
    start = _opening(ref)
    if start <= 0:
        return Reference(ref)
    return Reference(ref[:start].rstrip(), _settings(ref, start))


def _exists(ref: str) -> bool:
    try:
        return Path(ref).expanduser().exists()
    except OSError:  # too long a name
        return False


def _opening(ref: str) -> int:
    """Where the bracket stands that the last one closes; brackets within quotes are text."""
    depth, inside = 0, False
    for at in range(len(ref) - 1, -1, -1):
        if ref[at] == '"' and (at == 0 or ref[at - 1] != "\\"):
            inside = not inside
        elif not inside:
            depth += (ref[at] == ")") - (ref[at] == "(")
            if depth == 0:
                return at
    return -1


def _settings(ref: str, start: int) -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    try:
        tokens = list(scan(ref[start + 1 : -1]))
    except NotationError as error:
        raise Problem(f"settings of a corpus: {error.what}, {_EXAMPLE}.", detail=error.detail, usage=True) from error
    at = 0
    while tokens[at].kind != "end":
        if at:
            at = _over(tokens, at, "comma", "','")
        name = tokens[at].text
        at = _over(tokens, _over(tokens, at, "word", "a setting"), "equals", f"'=' after {name}")
        if name not in SETTINGS:
            raise Problem(f"a corpus has no setting {name!r}: it has {', '.join(SETTINGS)}.", usage=True)
        if name in found:
            raise Problem(f"{name} is set twice for a corpus: leave one out.", usage=True)
        values, at = _values(tokens, at)
        if len(values) > 1 and name != "text":
            raise Problem(f"{name} takes one value; text alone takes several, as in text=[headline, body].", usage=True)
        found[name] = values
    return {name: found[name] for name in SETTINGS if name in found}


def _values(tokens: list[Token], at: int) -> tuple[tuple[str, ...], int]:
    if tokens[at].kind != "begin":
        return (_text(tokens[at]),), at + 1
    values: list[str] = []
    while not values or tokens[at].kind == "comma":
        values.append(_text(tokens[at + 1]))
        at += 2
    return tuple(values), _over(tokens, at, "finish", "']'")


def _text(token: Token) -> str:
    if token.kind not in ("word", "quoted") or not token.text:
        raise _unexpected(token, "a value (in quotes where it has spaces or brackets)")
    return token.text


def _over(tokens: list[Token], at: int, kind: str, expected: str) -> int:
    if tokens[at].kind != kind:
        raise _unexpected(tokens[at], expected)
    return at + 1


def _unexpected(token: Token, expected: str) -> Problem:
    found = "the end" if token.kind == "end" else repr(token.text)
    return Problem(f"settings of a corpus: expected {expected}, found {found}, {_EXAMPLE}.", usage=True)


def _value(values: tuple[str, ...]) -> str:
    return quoted(values[0]) if len(values) == 1 else f"[{', '.join(map(quoted, values))}]"


def _count(reference: Reference, name: str) -> int:
    text = reference.one(name)
    if not text:
        return 0
    if not (text.isascii() and text.isdigit() and len(text) <= 6):
        raise Problem(f"{name} is a number of words, not {text!r}.", usage=True)
    return int(text)
