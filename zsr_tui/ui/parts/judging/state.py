"""What was judged and noted of one query, as a screen has it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, NamedTuple

from zsr_tui.domain import DATASET_ONLY, OWN_TOO, document_of

if TYPE_CHECKING:  # the first paint does without
    from zsr_tui.api.judging import AnySource, Kept, Scale, Source
    from zsr_tui.api.notes import KeptOfQuery, KeptRemark, RemarkKind


class Measures(NamedTuple):
    """Of one list over the judgments of `sources`, the one that counts first in front. `placed`: of the first ten, how
    many judgments come from each source."""

    sources: tuple[AnySource, ...]
    values: Mapping[str, float | None]
    placed: Mapping[str, int]


@dataclass(slots=True)
class Counting:
    """Which judgments measures are over, the source that counts first in front; `other` is what counted before the
    dataset's alone, () where nothing did."""

    sources: tuple[AnySource, ...] = OWN_TOO
    other: tuple[AnySource, ...] = ()

    @property
    def beside(self) -> tuple[AnySource, ...]:
        """What is seen beside it: the dataset's alone, or what else was chosen."""
        return DATASET_ONLY if self.sources != DATASET_ONLY else self.other or OWN_TOO

    def toggle_own(self) -> None:
        """Own judgments count, or they do not."""
        if "own" in self.sources:
            self.other = self.sources
        self.sources = toggled(self.sources, self.other)


class OfDocuments(dict[str, "Kept"]):
    """What is kept of documents, found by their chunks as well."""

    def get(self, doc_id: str, default: Any = None) -> Any:
        return super().get(doc_id, super().get(document_of(doc_id), default))

    def __contains__(self, doc_id: object) -> bool:
        return isinstance(doc_id, str) and self.get(doc_id) is not None


@dataclass(frozen=True, slots=True)
class QueryKept:
    """A query, by its id in the dataset or by its text, and what was kept of it and of its documents. `noted` has the
    remarks by document, "" for those on the query itself."""

    query_id: str
    query_text: str
    scale: Scale
    own: Mapping[str, Kept] = field(default_factory=dict)
    model: Mapping[str, Kept] = field(default_factory=dict)
    noted: Mapping[str, tuple[KeptRemark, ...]] = field(default_factory=dict)

    @staticmethod
    def of(query_id: str, query_text: str, found: KeptOfQuery) -> QueryKept:
        noted: dict[str, tuple[KeptRemark, ...]] = {}
        for each in found.remarks:
            noted[each.remark.doc_id] = (*noted.get(each.remark.doc_id, ()), each)
        by_source: dict[Source, dict[str, Kept]] = {"own": {}, "model": {}}
        for kept in sorted(found.judgments, key=lambda kept: kept.revision):  # of several models the last counts
            by_source[kept.judgment.source][kept.judgment.doc_id] = kept
        own, model = by_source["own"], by_source["model"]
        if found.chunked:
            own, model = OfDocuments(own), OfDocuments(model)
        return QueryKept(query_id, query_text, found.scale, own, model, noted)

    @property
    def judged(self) -> bool:
        """Whether there is a judgment that is not the dataset's."""
        return bool(self.own or self.model)

    def with_own(self, doc_id: str, now: Kept | None) -> QueryKept:
        kind = OfDocuments if isinstance(self.own, OfDocuments) else dict
        about = document_of(doc_id) or doc_id if kind is OfDocuments else doc_id
        own = {**self.own, about: now} if now is not None else {d: k for d, k in self.own.items() if d != about}
        return replace(self, own=kind(own))

    def of_source(self, source: Source) -> Mapping[str, Kept]:
        return self.own if source == "own" else self.model

    def grade(self, doc_id: str, source: Source) -> int | None:
        kept = self.of_source(source).get(doc_id)
        return kept.judgment.grade if kept is not None else None

    def remarks(self, doc_id: str, *, of_query: bool) -> tuple[KeptRemark, ...]:
        """On a document for this query, or on the document whatever the query."""
        return tuple(
            each
            for each in self.noted.get(doc_id, ())
            if bool(each.remark.query_id or each.remark.query_text) == of_query
        )

    def has(self, doc_id: str, kind: RemarkKind) -> bool:
        return any(each.remark.kind == kind for each in self.noted.get(doc_id, ()))


def without(sources: tuple[AnySource, ...], source: AnySource) -> tuple[AnySource, ...]:
    """The dataset's alone, where nothing else is left."""
    return tuple(each for each in sources if each != source) or DATASET_ONLY


def toggled(sources: tuple[AnySource, ...], before: tuple[AnySource, ...] = ()) -> tuple[AnySource, ...]:
    """Without own judgments where they count; else with them, as `before` where nothing else has changed since."""
    if "own" in sources:
        return without(sources, "own")
    return before if "own" in before and without(before, "own") == sources else ("own", *sources)
