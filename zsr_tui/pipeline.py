"""The notation of systems: parse it, print it, ask what a system needs.

    system  = step { ">>" reranker [ "%" count ] }        candidates, then rerankers
    step    = retriever [ "%" count ]                     % cuts a list: bm25 % 100
    retriever = "bm25" [ "(" "k1" "=" number "," "b" "=" number ")" ]
              | "dense" "(" model ")"                         nearest vectors of a bi-encoder
              | "sparse" "(" model ")"                        the weighted terms of a learned sparse model (SPLADE)
              | "rrf" "(" system "," system { "," system } [ "," "k" "=" count ] ")"
              | "(" system ")"
    model   = a catalogue name, org/name[@revision], a folder, package:import.name/folder; in "..." if it has
              spaces or brackets

`>>` and `%` are PyTerrier's operators. Without `%`, candidates are the first 1,000, PyTerrier's and pyserini's default.
`parse` and `str` are inverse up to spaces: parse(str(system)) == system.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, Literal

from zsr_tui.domain import Problem

CANDIDATES = 1000  # PyTerrier's and pyserini's default number of results
K1, B = 0.9, 0.4  # Anserini's defaults
MOST_STEPS = 50  # of a system, and brackets around one
RRF_K = 60  # Cormack, Clarke and Büttcher 2009
Kind = Literal["dense", "sparse"]  # of encoded indexes: a vector for each document, or weights for its terms


class NotationError(Problem):
    """`column` counts from 1 and points at the character where the notation fails."""

    def __init__(self, notation: str, column: int, what: str) -> None:
        super().__init__(
            f"system notation, column {column}: {what}",
            detail=f"{notation}\n{' ' * (column - 1)}^",
            usage=True,
        )
        self.notation, self.column, self.what = notation, column, what


@dataclass(frozen=True, slots=True)
class Bm25:
    k1: float = K1
    b: float = B

    def __str__(self) -> str:
        return "bm25" if (self.k1, self.b) == (K1, B) else f"bm25(k1={self.k1:g}, b={self.b:g})"


@dataclass(frozen=True, slots=True)
class Encoded:
    """Searches what `model` has made of every document; `kind` of index that holds it."""

    model: str
    kind: ClassVar[Kind]

    def __str__(self) -> str:
        return f"{self.kind}({_quoted(self.model)})"


class Dense(Encoded):
    __slots__ = ()
    kind = "dense"


class Sparse(Encoded):
    __slots__ = ()
    kind = "sparse"


@dataclass(frozen=True, slots=True)
class Rrf:
    systems: tuple[System, ...]
    k: int = RRF_K

    def __str__(self) -> str:
        inside = ", ".join(str(system) for system in self.systems)
        return f"rrf({inside})" if self.k == RRF_K else f"rrf({inside}, k={self.k})"


@dataclass(frozen=True, slots=True)
class Cut:
    """The first `depth` of `source`."""

    source: System
    depth: int

    def __str__(self) -> str:
        return f"{self.source} % {self.depth}"


@dataclass(frozen=True, slots=True)
class Rerank:
    """The candidates of `source`, scored anew by `model`."""

    source: System
    model: str

    def __str__(self) -> str:
        return f"{self.source} >> {_quoted(self.model)}"


System = Bm25 | Dense | Sparse | Rrf | Cut | Rerank


def parse(notation: str) -> System:
    """Raises `NotationError`."""
    return _Parser(notation).whole()


def steps(system: System) -> Iterator[System]:
    """The system and everything inside it, outermost first."""
    yield system
    if isinstance(system, Cut | Rerank):
        yield from steps(system.source)
    elif isinstance(system, Rrf):
        for inner in system.systems:
            yield from steps(inner)


def needs_bm25(system: System) -> bool:
    return any(isinstance(step, Bm25) for step in steps(system))


def encoded(system: System) -> tuple[Encoded, ...]:
    """What of it needs an encoded index, the dense first."""
    found = dict.fromkeys(step for step in steps(system) if isinstance(step, Encoded))
    return tuple(sorted(found, key=lambda step: step.kind))


def rerankers(system: System) -> tuple[str, ...]:
    """In the order in which they run."""
    return tuple(step.model for step in steps(system) if isinstance(step, Rerank))[::-1]


def models(system: System) -> tuple[str, ...]:
    return tuple(dict.fromkeys((*(step.model for step in encoded(system)), *rerankers(system))))


_TOKEN = re.compile(
    r"""\s*(?:
        (?P<pipe>>>) | (?P<cut>%) | (?P<open>\() | (?P<close>\)) | (?P<comma>,) | (?P<equals>=)
      | (?P<quoted>"(?:[^"\\]|\\.)*")
      | (?P<word>[^\s%(),="<>]+)
    )""",
    re.VERBOSE,
)
_BARE = re.compile(r'[^\s%(),="<>]+')
_ENCODED: dict[str, tuple[type[Dense] | type[Sparse], str]] = {  # and an example
    "dense": (Dense, "BAAI/bge-base-en-v1.5"),
    "sparse": (Sparse, "naver/splade-v3"),
}
_NAMES = {"bm25", *_ENCODED, "rrf"}


def _quoted(model: str) -> str:
    if _BARE.fullmatch(model) and model not in _NAMES:
        return model
    escaped = model.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


@dataclass(frozen=True, slots=True)
class _Token:
    kind: str
    text: str
    column: int


class _Parser:
    def __init__(self, notation: str) -> None:
        self._notation = notation
        self._tokens = list(self._scan())
        self._next = 0
        self._steps = self._brackets = 0

    def whole(self) -> System:
        system = self._system()
        if self._here.kind != "end":
            raise self._error(f"expected '>>', '%' or the end, found {self._here.text!r}")
        return system

    def _scan(self) -> Iterator[_Token]:
        position = 0
        text = self._notation.rstrip()
        while position < len(text):
            match = _TOKEN.match(text, position)
            if match is None or match.lastgroup is None:
                column = position + len(text[position:]) - len(text[position:].lstrip()) + 1
                character = text[column - 1]
                what = "the quote is not closed" if character == '"' else f"unexpected {character!r}"
                raise NotationError(self._notation, column, what)
            kind = match.lastgroup
            value = match.group(kind)
            if kind == "quoted":
                value = re.sub(r"\\(.)", r"\1", value[1:-1])
            yield _Token(kind, value, match.start(kind) + 1)
            position = match.end()
        yield _Token("end", "the end", len(text) + 1)

    @property
    def _here(self) -> _Token:
        return self._tokens[self._next]

    def _take(self, kind: str, expected: str) -> _Token:
        token = self._here
        if token.kind != kind:
            found = "the end" if token.kind == "end" else repr(token.text)
            raise self._error(f"expected {expected}, found {found}")
        self._next += 1
        return token

    def _error(self, what: str, token: _Token | None = None) -> NotationError:
        return NotationError(self._notation, (token or self._here).column, what)

    def _system(self) -> System:
        system = self._cuts(self._retriever())
        while self._here.kind == "pipe":
            self._step()
            system = self._cuts(Rerank(system, self._reranker()))
        return system

    def _step(self) -> None:
        """Over a '>>' or a '%'."""
        self._steps += 1
        if self._steps > MOST_STEPS:
            raise self._error(f"a system may have {MOST_STEPS} steps")
        self._next += 1

    def _enter(self, expected: str) -> _Token:
        """Over an opening bracket around systems."""
        token = self._take("open", expected)
        self._brackets += 1
        if self._brackets > MOST_STEPS:
            raise self._error(f"brackets may stand in each other {MOST_STEPS} deep", token)
        return token

    def _leave(self) -> None:
        self._take("close", "')'")
        self._brackets -= 1

    def _cuts(self, system: System) -> System:
        while self._here.kind == "cut":
            self._step()
            system = Cut(system, self._count("how many documents to keep, as in % 100"))
        return system

    def _retriever(self) -> System:
        token = self._here
        if token.kind == "open":
            self._enter("'('")
            system = self._system()
            self._leave()
            return system
        if token.kind == "quoted" or (token.kind == "word" and token.text not in _NAMES):
            raise self._error(
                f"a system begins with bm25, dense(...), sparse(...) or rrf(...); for a dense retriever write "
                f"dense({_quoted(token.text)}), for a reranker bm25 % 100 >> {_quoted(token.text)}"
            )
        name = self._take("word", "bm25, dense(...), sparse(...) or rrf(...)").text
        if name in _ENCODED:
            return self._encoded(name)
        return self._bm25() if name == "bm25" else self._rrf()

    def _bm25(self) -> System:
        values = {"k1": K1, "b": B}
        if self._here.kind == "open":
            self._next += 1
            seen: set[str] = set()
            while True:
                name = self._take("word", "k1 or b")
                if name.text not in values or name.text in seen:
                    raise self._error("bm25 takes k1 and b, once each, as in bm25(k1=1.2, b=0.75)", name)
                seen.add(name.text)
                self._take("equals", f"'=' after {name.text}")
                values[name.text] = self._number(name.text)
                if self._here.kind != "comma":
                    break
                self._next += 1
            self._take("close", "')'")
        return Bm25(values["k1"], values["b"])

    def _number(self, name: str) -> float:
        token = self._take("word", f"a number for {name}")
        try:
            value = float(token.text)
        except ValueError:
            raise self._error(f"{name} must be a number, not {token.text!r}", token) from None
        if not (0 <= value <= (1 if name == "b" else 1000)):  # also refuses nan
            raise self._error(f"{name} must be between 0 and {1 if name == 'b' else 1000}", token)
        return value

    def _encoded(self, name: str) -> System:
        step, example = _ENCODED[name]
        self._take("open", f"'(' and a model, as in {name}({example})")
        model = self._model("a model")
        self._take("close", "')'")
        return step(model)

    def _rrf(self) -> System:
        start = self._enter("'(' and systems, as in rrf(bm25, dense(BAAI/bge-base-en-v1.5))")
        systems, k = [self._system()], RRF_K
        while self._here.kind == "comma":
            self._next += 1
            if self._here.text == "k" and self._tokens[self._next + 1].kind == "equals":
                self._next += 2
                k = self._count("a whole number for k")
                break
            systems.append(self._system())
        if len(systems) < 2:
            raise self._error("rrf fuses two systems or more", start)
        self._leave()
        return Rrf(tuple(systems), k)

    def _count(self, expected: str) -> int:
        token = self._take("word", expected)
        if not (token.text.isascii() and token.text.isdigit() and 1 <= int(token.text[:8]) <= 100_000):
            raise self._error(f"expected a whole number from 1 to 100,000, found {token.text!r}", token)
        return int(token.text)

    def _reranker(self) -> str:
        if self._here.kind == "word" and self._here.text in _NAMES:
            raise self._error(
                f"{self._here.text} retrieves; after '>>' comes the model that reranks its candidates, as in "
                "bm25 % 100 >> cross-encoder/ms-marco-MiniLM-L-6-v2"
            )
        return self._model("a reranking model after '>>'")

    def _model(self, expected: str) -> str:
        if self._here.kind == "quoted":
            token = self._take("quoted", expected)
            if not token.text.strip():
                raise self._error("the model's name is empty", token)
            return token.text
        return self._take("word", expected).text
