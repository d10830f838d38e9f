"""From a notation to a system; a recursive descent, one method for each rule of the grammar."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, get_args

from zsr_tui.pipeline.systems import (
    LANGUAGES,
    METHODS,
    SERVED,
    Bm25,
    Cut,
    Dense,
    Linear,
    Norm,
    Rerank,
    Rrf,
    Served,
    Sparse,
    System,
)
from zsr_tui.pipeline.tokens import NAMES, NotationError, Token, quoted, scan

MOST_STEPS = 50  # of a system, and brackets around one
LARGEST_WEIGHT = 1_000_000
_ENCODED: dict[str, tuple[type[Dense] | type[Sparse], str]] = {  # and an example
    "dense": (Dense, "BAAI/bge-base-en-v1.5"),
    "sparse": (Sparse, "naver/splade-v3"),
}
_FUSIONS: dict[str, tuple[type[Rrf] | type[Linear], str]] = {  # and its settings
    "rrf": (Rrf, "k and weights, once each, as in rrf(bm25, dense(a/b); k=60, weights=[2, 1])"),
    "linear": (
        Linear,
        "weights and norm, once each, as in linear(bm25, dense(a/b); weights=[0.7, 0.3], norm=minmax)",
    ),
}
_BEGINNINGS = f"bm25, dense(...), sparse(...), rrf(...), linear(...) or an engine ({', '.join(SERVED)})"


def parse(notation: str) -> System:
    """Raises `NotationError`."""
    return _Parser(notation).whole()


class _Parser:
    def __init__(self, notation: str) -> None:
        self._notation = notation
        self._tokens = list(scan(notation))
        self._next = 0
        self._steps = self._brackets = 0

    def whole(self) -> System:
        system = self._system()
        if self._here.kind != "end":
            raise self._error(f"expected '>>', '%' or the end, found {self._here.text!r}")
        return system

    @property
    def _here(self) -> Token:
        return self._tokens[self._next]

    def _take(self, kind: str, expected: str) -> Token:
        token = self._here
        if token.kind != kind:
            found = "the end" if token.kind == "end" else repr(token.text)
            raise self._error(f"expected {expected}, found {found}")
        self._next += 1
        return token

    def _error(self, what: str, token: Token | None = None) -> NotationError:
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

    def _enter(self, expected: str) -> None:
        """Over an opening bracket around systems."""
        token = self._take("open", expected)
        self._brackets += 1
        if self._brackets > MOST_STEPS:
            raise self._error(f"brackets may stand in each other {MOST_STEPS} deep", token)

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
        if token.kind == "quoted" or (token.kind == "word" and token.text not in NAMES):
            raise self._error(
                f"a system begins with {_BEGINNINGS}; for a dense retriever write "
                f"dense({quoted(token.text)}), for a reranker bm25 % 100 >> {quoted(token.text)}"
            )
        name = self._take("word", _BEGINNINGS).text
        if name in _ENCODED:
            return self._encoded(name)
        if name in SERVED:
            return self._served(name)
        return self._bm25() if name == "bm25" else self._fusion(name)

    def _bm25(self) -> System:
        values: dict[str, Any] = {}
        if self._here.kind == "open":
            self._next += 1
            while True:
                name = self._take("word", "k1, b, index or language")
                if name.text not in ("k1", "b", "index", "language") or name.text in values:
                    example = "as in bm25(k1=1.2, b=0.75) or bm25(language=de)"
                    raise self._error(f"bm25 takes k1, b, index and language, once each, {example}", name)
                self._take("equals", f"'=' after {name.text}")
                if name.text == "index":
                    values["index"] = self._model("the name of a prebuilt index")
                elif name.text == "language":
                    values["language"] = self._language()
                else:
                    values[name.text] = self._between(name.text, 1 if name.text == "b" else 1000)
                if self._here.kind not in ("comma", "semicolon"):
                    break
                self._next += 1
            self._take("close", "')'")
        return Bm25(**values)

    def _language(self) -> str:
        token = self._take("word", "the code of a language, as in language=de")
        if token.text not in LANGUAGES:
            raise self._error(f"BM25 knows the languages {', '.join(LANGUAGES)}, not {token.text!r}", token)
        return token.text

    def _between(self, name: str, highest: int) -> float:
        value, token = self._number(name)
        if not 0 <= value <= highest:  # also refuses nan
            raise self._error(f"{name} must be between 0 and {highest}", token)
        return value

    def _number(self, name: str) -> tuple[float, Token]:
        token = self._take("word", f"a number for {name}")
        try:
            return float(token.text), token
        except ValueError:
            raise self._error(f"{name} must be a number, not {token.text!r}", token) from None

    def _encoded(self, name: str) -> System:
        step, example = _ENCODED[name]
        self._take("open", f"'(' and a model, as in {name}({example})")
        model, index = self._model("a model"), ""
        if self._here.kind in ("comma", "semicolon"):
            self._next += 1
            setting = self._take("word", f"a setting of {name}")
            if setting.text != "index":
                raise self._error(f"{name} takes index, once, as in {name}({example}; index=...)", setting)
            self._take("equals", "'=' after index")
            ways = "flat, hnsw, ivfpq, sq8 or " if step is Dense else ""
            token = self._here
            index = self._model(f"{ways}the name of a prebuilt index")
            if step is Sparse and index in METHODS:
                raise self._error(f"{index} searches dense vectors: sparse takes the name of a prebuilt index", token)
        self._take("close", "')'")
        return step(model, index)

    def _served(self, kind: str) -> System:
        takes, values = SERVED[kind], dict[str, str]()
        self._take("open", f"'(' and an engine, as in {kind}(name) or {kind}(http://host:9200/index)")
        engine = self._name("the name of an engine, or its address")
        while self._here.kind in ("comma", "semicolon"):
            self._next += 1
            setting = self._take("word", f"a setting of {kind}")
            if setting.text not in takes or setting.text in values:
                said = f"takes {' and '.join(takes)}, once," if takes else "takes nothing else,"
                raise self._error(f"{kind} {said} behind an engine", setting)
            self._take("equals", f"'=' after {setting.text}")
            values[setting.text] = self._name(f"a value of {setting.text}")
        self._take("close", "')'")
        return Served(kind, engine, **values)

    def _fusion(self, name: str) -> System:
        self._enter(f"'(' and systems, as in {name}(bm25, dense(BAAI/bge-base-en-v1.5))")
        systems = [self._system()]
        while self._here.kind == "comma" and not self._setting_follows():
            self._next += 1
            systems.append(self._system())
        if len(systems) < 2:
            raise self._error(f"{name} fuses two systems or more", self._here)
        settings = self._settings(name, len(systems)) if self._here.kind in ("comma", "semicolon") else {}
        self._leave()
        return _FUSIONS[name][0](tuple(systems), **settings)

    def _setting_follows(self) -> bool:
        """Whether `name=` stands behind a comma."""
        return [token.kind for token in self._tokens[self._next + 1 : self._next + 3]] == ["word", "equals"]

    def _settings(self, name: str, systems: int) -> dict[str, Any]:
        fusion, takes = _FUSIONS[name]
        known: dict[str, Callable[[], object]] = {"weights": lambda: self._weights(systems)}
        if fusion is Rrf:
            known["k"] = lambda: self._count("a whole number for k")
        else:
            known["norm"] = self._norm
        settings: dict[str, Any] = {}
        while not settings or self._here.kind == "comma":
            self._next += 1  # over the semicolon or comma
            setting = self._take("word", f"a setting of {name}")
            if setting.text not in known or setting.text in settings:
                raise self._error(f"{name} takes {takes}", setting)
            self._take("equals", f"'=' after {setting.text}")
            settings[setting.text] = known[setting.text]()
        return settings

    def _weights(self, systems: int) -> tuple[float, ...]:
        """0 is refused: what a list with no weight should do (nothing, or stand below the others), notations elsewhere
        disagree; a system that is to have no say is left out, and costs nothing then."""
        start = self._take("begin", "'[' and a weight for each system, as in weights=[2, 1]")
        weights: list[float] = []
        while not weights or self._here.kind == "comma":
            self._next += bool(weights)
            value, token = self._number("a weight")
            if value == 0:
                raise self._error("a weight must be above 0: leave the system out instead", token)
            if not 0 < value <= LARGEST_WEIGHT:  # also refuses nan
                raise self._error(f"a weight must be above 0 and at most {LARGEST_WEIGHT:,}, not {token.text!r}", token)
            weights.append(value)
        self._take("finish", "']'")
        if len(weights) != systems:
            given = f"{len(weights)} weight{'s' * (len(weights) > 1)} for {systems} systems"
            raise self._error(f"{given}: give one for each", start)
        return tuple(weights)

    def _norm(self) -> Norm:
        token = self._take("word", "minmax, zscore or sum")
        known: tuple[Norm, ...] = get_args(Norm)
        for norm in known:
            if token.text == norm:
                return norm
        raise self._error(f"norm must be minmax, zscore or sum, not {token.text!r}", token)

    def _count(self, expected: str) -> int:
        token = self._take("word", expected)
        if not (token.text.isascii() and token.text.isdigit() and 1 <= int(token.text[:8]) <= 100_000):
            raise self._error(f"expected a whole number from 1 to 100,000, found {token.text!r}", token)
        return int(token.text)

    def _reranker(self) -> str:
        if self._here.kind == "word" and self._here.text in NAMES:
            raise self._error(
                f"{self._here.text} retrieves; after '>>' comes the model that reranks its candidates, as in "
                "bm25 % 100 >> cross-encoder/ms-marco-MiniLM-L-6-v2"
            )
        return self._model("a reranking model after '>>'")

    def _model(self, expected: str) -> str:
        return self._name(expected, "the model's name")

    def _name(self, expected: str, what: str = "the name") -> str:
        if self._here.kind == "quoted":
            token = self._take("quoted", expected)
            if not token.text.strip():
                raise self._error(f"{what} is empty", token)
            return token.text
        return self._take("word", expected).text
