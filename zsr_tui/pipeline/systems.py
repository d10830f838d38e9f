"""What a system is made of, as it prints, and what it needs."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import ClassVar, Literal, TypeGuard, get_args

from zsr_tui.pipeline.tokens import number, quoted

CANDIDATES = 1000  # PyTerrier's and pyserini's default number of results
K1, B = 0.9, 0.4  # Anserini's defaults
ENGLISH, PLAIN = "en", "none"  # PLAIN: words as they are, of languages that nothing more is known of
# Those that Lucene has analysers for, as Anserini names them (io.anserini.analysis.AnalyzerMap).
LANGUAGES = (
    "ar", "bn", "da", "de", ENGLISH, "es", "fa", "fi", "fr", "hi", "hu", "id", "it", "ja", "ko", "nl", "no", "pt", "ru",
    "sv", "te", "th", "tr", "zh", PLAIN,
)  # fmt: skip
RRF_K = 60  # Cormack, Clarke and Büttcher 2009
Kind = Literal["dense", "sparse"]  # of encoded indexes: a vector for each document, or weights for its terms
Norm = Literal["minmax", "zscore", "sum"]  # see `zsr_tui.fusion`
Method = Literal["flat", "hnsw", "ivfpq", "sq8"]  # see `zsr_tui.retrieval.approximate`; flat is exact
METHODS: tuple[Method, ...] = get_args(Method)
SERVED = {  # the engines of others, and the settings that each takes
    "es": ("template",), "opensearch": ("template",), "pyserini": (), "anserini": (), "qdrant": ("model", "vector"),
}  # fmt: skip
LARGE = 1_000_000  # vectors, from which on they are searched in another way where nothing is said:
USUAL: Method = "hnsw"


@dataclass(frozen=True, slots=True)
class Bm25:
    """`index` names a prebuilt one that is searched, "" for that of the corpus. `language` is one of `LANGUAGES`; ""
    for that of the corpus, as far as it is known, else English."""

    k1: float = K1
    b: float = B
    index: str = ""
    language: str = ""

    def __str__(self) -> str:
        settings = [] if (self.k1, self.b) == (K1, B) else [f"k1={number(self.k1)}", f"b={number(self.b)}"]
        settings += [f"index={quoted(self.index)}"] if self.index else []
        settings += [f"language={self.language}"] if self.language else []
        return f"bm25({', '.join(settings)})" if settings else "bm25"


@dataclass(frozen=True, slots=True)
class Encoded:
    """Searches what `model` has made of every document; `kind` of index that holds it. `index` names a prebuilt one,
    or the way in which vectors are searched; "" for the one that suits how many there are."""

    model: str
    index: str = ""
    kind: ClassVar[Kind]

    def __str__(self) -> str:
        setting = f"; index={quoted(self.index)}" if self.index else ""
        return f"{self.kind}({quoted(self.model)}{setting})"

    @property
    def prebuilt(self) -> str:
        """The name of the prebuilt index, "" where it is none."""
        return "" if self.index in METHODS else self.index


class Dense(Encoded):
    __slots__ = ()
    kind = "dense"

    def method(self, vectors: int) -> Method:
        """The way in which so many of our own are searched."""
        named = next((method for method in METHODS if method == self.index), None)
        return named or (USUAL if vectors >= LARGE else "flat")


class Sparse(Encoded):
    __slots__ = ()
    kind = "sparse"


@dataclass(frozen=True, slots=True)
class Served:
    """The list of another search engine. `kind` is one of `SERVED`; `engine` is its name in engines.toml, or an address
    with its index. `template` names the file of its query, "" for the usual one; `model` encodes queries for a database
    of vectors, and `vector` says which of a document's; "" for what engines.toml or the database itself says."""

    kind: str
    engine: str
    template: str = ""
    model: str = ""
    vector: str = ""

    def __str__(self) -> str:
        named = (("template", self.template), ("model", self.model), ("vector", self.vector))
        settings = ", ".join(f"{name}={quoted(value)}" for name, value in named if value)
        return f"{self.kind}({quoted(self.engine)}{settings and f'; {settings}'})"


@dataclass(frozen=True, slots=True)
class Fusion:
    """The lists of `systems` as one. `weights` are 1 each where none are given: whether they were written or not is the
    same system."""

    systems: tuple[System, ...]
    weights: tuple[float, ...] = ()
    name: ClassVar[str]

    def __post_init__(self) -> None:
        if not self.weights:
            object.__setattr__(self, "weights", (1.0,) * len(self.systems))

    def __str__(self) -> str:
        return self.written(map(str, self.systems))

    def written(self, systems: Iterable[str]) -> str:
        """As it prints, with these words for its systems."""
        return f"{self.name}({', '.join(systems)}{self._settings()})"

    def _settings(self) -> str:
        raise NotImplementedError

    def _weights(self) -> list[str]:
        given = any(weight != 1 for weight in self.weights)
        return [f"weights=[{', '.join(map(number, self.weights))}]"] if given else []


@dataclass(frozen=True, slots=True)
class Rrf(Fusion):
    """Reciprocal rank fusion."""

    k: int = RRF_K
    name = "rrf"

    def _settings(self) -> str:
        k, weights = [f"k={self.k}"] if self.k != RRF_K else [], self._weights()
        # `k` alone stands as it always has: stored evaluations are named by it.
        return "".join(f"{mark} {each}" for mark, each in zip(";," if weights else ",", [*k, *weights], strict=False))


@dataclass(frozen=True, slots=True)
class Linear(Fusion):
    """A weighted sum of scores, each list's brought to one scale by `norm`."""

    norm: Norm = "minmax"
    name = "linear"

    def _settings(self) -> str:
        settings = [*self._weights(), *([f"norm={self.norm}"] if self.norm != "minmax" else [])]
        return f"; {', '.join(settings)}" if settings else ""


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
        return f"{self.source} >> {quoted(self.model)}"


System = Bm25 | Dense | Sparse | Served | Rrf | Linear | Cut | Rerank


def steps(system: System) -> Iterator[System]:
    """The system and everything inside it, outermost first."""
    yield system
    if isinstance(system, Cut | Rerank):
        yield from steps(system.source)
    elif isinstance(system, Rrf | Linear):
        for inner in system.systems:
            yield from steps(inner)


def bm25_languages(system: System) -> tuple[str, ...]:
    """Those in which the system needs a BM25 index of the corpus; "" is that of the corpus."""
    needed = (step for step in steps(system) if isinstance(step, Bm25) and not step.index)
    return tuple(dict.fromkeys(step.language for step in needed))


def prebuilt(system: System) -> tuple[str, ...]:
    """The prebuilt indexes that it searches, each once."""
    named = (step.index if isinstance(step, Bm25) else step.prebuilt for step in steps(system) if _searches(step))
    return tuple(dict.fromkeys(filter(None, named)))


def _searches(step: System) -> TypeGuard[Bm25 | Dense | Sparse]:
    return isinstance(step, Bm25 | Encoded)


def encoded(system: System) -> tuple[Encoded, ...]:
    """What of it needs an encoded index, the dense first."""
    found = dict.fromkeys(step for step in steps(system) if isinstance(step, Encoded))
    return tuple(sorted(found, key=lambda step: step.kind))


def served(system: System) -> tuple[Served, ...]:
    """The engines of others that it asks, each once."""
    return tuple(dict.fromkeys(step for step in steps(system) if isinstance(step, Served)))


def resolved(system: System, vectors: int) -> System:
    """With the way written out in which so many vectors are searched, wherever that is not the exact one."""

    def written_out(step: System) -> System:
        if not isinstance(step, Dense) or step.prebuilt or step.method(vectors) == "flat":
            return step
        return Dense(step.model, step.method(vectors))

    return changed(system, written_out)


def changed(system: System, change: Callable[[System], System]) -> System:
    """With `change` of each of its first stages in place of that."""
    match system:
        case Cut(source) | Rerank(source):
            return replace(system, source=changed(source, change))
        case Rrf(systems) | Linear(systems):
            return replace(system, systems=tuple(changed(inner, change) for inner in systems))
    return change(system)


def rerankers(system: System) -> tuple[str, ...]:
    """In the order in which they run."""
    return tuple(step.model for step in steps(system) if isinstance(step, Rerank))[::-1]


def models(system: System) -> tuple[str, ...]:
    asked = (step.model for step in served(system) if step.model)
    return tuple(dict.fromkeys((*(step.model for step in encoded(system)), *asked, *rerankers(system))))


def is_url(model: str) -> bool:
    """Whether a server runs it."""
    return model.strip().lower().startswith(("http://", "https://"))


def uncut(system: System) -> System:
    """The system without its last cuts."""
    return uncut(system.source) if isinstance(system, Cut) else system


def cut_of(system: System) -> int:
    """How many documents its last cuts leave; practically without limit where there is none."""
    return min(system.depth, cut_of(system.source)) if isinstance(system, Cut) else 2**31


def longest_of(system: System) -> int:
    """How many documents its lists have at most, by all cuts; practically without limit where there is none."""
    match system:
        case Cut(source, depth):
            return min(depth, longest_of(source))
        case Rerank(source):
            return longest_of(source)
        case Rrf(systems) | Linear(systems):
            return sum(map(longest_of, systems))
    return 2**31


def outer_fusion(system: System) -> Rrf | Linear | None:
    """The fusion whose list the system returns, or cuts, or reranks; None where it has no such."""
    while isinstance(system, Cut | Rerank):
        system = system.source
    return system if isinstance(system, Rrf | Linear) else None


def reweighted(system: System, weights: Sequence[float]) -> System:
    """With other weights in its `outer_fusion`, which it must have. A system with weight 0 is left out; where only one
    is left, that one stands in place of the fusion."""
    if isinstance(system, Cut | Rerank):
        return replace(system, source=reweighted(system.source, weights))
    if not isinstance(system, Rrf | Linear):
        raise TypeError(f"{system} fuses nothing")
    kept = [(inner, weight) for inner, weight in zip(system.systems, weights, strict=True) if weight]
    if len(kept) == 1:
        return kept[0][0]
    return replace(system, systems=tuple(inner for inner, _ in kept), weights=tuple(weight for _, weight in kept))


def equally_weighted(fusion: Rrf | Linear) -> Rrf | Linear:
    return replace(fusion, weights=())


def combined(retrievers: Iterable[System], rerankers: Sequence[str], depth: int) -> list[System]:
    """Each retriever, and each one's first `depth` with each reranker: all rerankers of a retriever behind it."""
    found: list[System] = []
    for retriever in retrievers:
        shortened = retriever if cut_of(retriever) <= depth else Cut(retriever, depth)
        found += [retriever, *(Rerank(shortened, model) for model in rerankers)]
    return found
