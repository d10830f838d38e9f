"""What an engine finds, in which state its index is, and what is to be told of its lists."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, fields
from typing import Any, Protocol

from zsr_tui.domain import Doc, ScoredDoc
from zsr_tui.explanation import Explanation
from zsr_tui.numerals import counted
from zsr_tui.pipeline import Kind
from zsr_tui.progress import CancelToken


@dataclass(frozen=True, slots=True)
class Hit:
    """A document that was found, by the id that judgments know. `score` is None where the engine gives none; `handle`
    is what the engine's own file needs to give its text."""

    doc_id: str
    score: float | None
    handle: Any = None


@dataclass(frozen=True, slots=True)
class Found:
    """The list of one query, in the engine's order. `partial`: why it is not complete, "" where it is. `limit`: the
    most documents that a search gives, where more were wanted, else 0. `refused`: why the engine does not take this
    query, while it takes others; "" where it does."""

    hits: Sequence[Hit]
    partial: str = ""
    limit: int = 0
    refused: str = ""


@dataclass(frozen=True, slots=True)
class State:
    """In which state the index is, as far as the engine says so: `about` for people, `digest` changes with it; both ""
    where it says nothing."""

    about: str = ""
    digest: str = ""


class Index(Protocol):
    """An index of another engine. Every method may be called from any thread, and raises `Problem`."""

    @property
    def model(self) -> str:
        """That encodes queries; "" where the engine takes their texts."""

    @property
    def kind(self) -> Kind:
        """Of what that model makes."""

    def search(self, queries: Sequence[Any], depth: int, cancel: CancelToken) -> list[Found]:
        """The first `depth` documents of each query: its text, or what `model` made of it."""

    def documents(self, hits: Sequence[Hit], cancel: CancelToken) -> list[Doc]:
        """What the engine has of them, in their order; one that is gone meanwhile has no text."""

    def state(self) -> State: ...

    def explain(self, query: Any, doc_id: str, cancel: CancelToken) -> Explanation:
        """Its own explanation of a document's score."""

    def hello(self) -> str:
        """That it answers, in words."""


@dataclass(slots=True)
class Told:
    """What is to be told of an engine's lists, counted over all of them."""

    queries: int = 0
    documents: int = 0
    lacking: int = 0  # documents that the corpus does not have
    textless: int = 0  # of these, without a text
    twice: int = 0
    unscored: int = 0
    ends: int = 0  # lists that are shorter than was wanted, since a search gives no more
    limit: int = 0  # what it gives
    partial: int = 0  # lists
    why: str = ""  # of one of these
    refused: int = 0  # queries
    reason: str = ""  # of one of these
    windows: int = 0  # that a model should have put in order and its server refused

    def add(self, other: Told) -> None:
        for each in fields(Told):
            mine, theirs = getattr(self, each.name), getattr(other, each.name)
            summed = isinstance(mine, int) and each.name != "limit"
            setattr(self, each.name, mine + theirs if summed else mine or theirs)

    def told(self, step: str, corpus: str) -> list[tuple[str, str]]:
        """In few words, and in a sentence."""
        found = []
        if self.lacking:
            less = f", and {self.textless:,} of these have no text at the engine either" if self.textless else ""
            which = f"{self.lacking:,} of {counted(self.documents, 'document')} of its lists"
            ending = "."
            if self.lacking == self.documents:
                ending = ": if the corpus's ids stand in a field of theirs, name that one as id in engines.toml."
            sentence = f"{which} {'is' if self.lacking == 1 else 'are'} not in {corpus}, and so unjudged{less}{ending}"
            found.append((f"{self.lacking:,} not in the corpus", f"{step}: {sentence}"))
        if self.twice:
            sentence = f"{step} lists {counted(self.twice, 'document')} twice: the first place counts."
            found.append((f"{self.twice:,} listed twice", sentence))
        if self.unscored:
            found.append(
                (
                    f"{self.unscored:,} without a score",
                    f"{step} gives {counted(self.unscored, 'document')} no score (its template sorts by something "
                    "else): shown as 0, in the engine's order.",
                )
            )
        if self.ends:
            which = "its list ends" if self.queries == 1 else f"{self.ends:,} of its lists end"
            found.append(
                (
                    f"ends at {self.limit:,}",
                    f"{step}: {which} at {counted(self.limit, 'document')}, the most that is asked of one search "
                    "(index.max_result_window, if nobody has changed it).",
                )
            )
        if self.partial:
            which = "its list is" if self.queries == 1 else f"{self.partial:,} of its lists are"
            found.append(("not complete", f"{step}: {which} not complete: {self.why}."))
        if self.refused:
            which = (
                "its query" if self.queries == 1 else f"{self.refused:,} of {counted(self.queries, 'query', 'queries')}"
            )
            found.append(
                (
                    f"{counted(self.refused, 'query', 'queries')} refused",
                    f"{step}: the engine refuses {which}, and gives no list there: {self.reason}.",
                )
            )
        return found


@dataclass(slots=True)
class Kept:
    """A list as systems have it, and the hits behind it that the corpus lacks."""

    ranking: list[ScoredDoc]
    lacking: list[Hit] = field(default_factory=list)


def kept(found: Found, holds: Callable[[list[str]], set[str]], told: Told, depth: int) -> Kept:
    """Each document once; `holds` says which of these ids the corpus has. What is told is counted over the first
    `depth`."""
    first: dict[str, Hit] = {}
    for hit in found.hits:
        first.setdefault(hit.doc_id, hit)
    known = holds(list(first))
    shown = list(first.values())[:depth]
    told.queries += 1
    told.documents += len(shown)
    told.lacking += sum(hit.doc_id not in known for hit in shown)
    told.twice += len(found.hits) - len(first)
    told.unscored += sum(hit.score is None for hit in shown)
    if found.limit and len(shown) < depth:
        told.ends += 1
        told.limit = found.limit
    if found.partial:
        told.partial += 1
        told.why = found.partial
    if found.refused:
        told.refused += 1
        told.reason = found.refused
    lacking = [hit for hit in first.values() if hit.doc_id not in known]
    return Kept([ScoredDoc(hit.doc_id, hit.score or 0.0) for hit in first.values()], lacking)
