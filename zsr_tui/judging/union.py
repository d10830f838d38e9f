"""Judgments of several sources as one: of those that judge a document, the first by precedence counts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from zsr_tui.api.judging import AnySource

Grades = Mapping[str, int]  # by document


@dataclass(frozen=True, slots=True)
class United:
    """`grades` by document and the source of each; `differ` counts documents of which a later source says otherwise."""

    grades: dict[str, int]
    source: dict[str, AnySource]
    differ: int

    def counts(self, doc_ids: Iterable[str] | None = None) -> dict[str, int]:
        """How many judgments come from each source, of these documents alone where they are given."""
        wanted = self.source if doc_ids is None else [doc_id for doc_id in doc_ids if doc_id in self.source]
        return dict(Counter(self.source[doc_id] for doc_id in wanted))


def unite(by_source: Mapping[AnySource, Grades], precedence: Sequence[AnySource]) -> United:
    """Of one query; sources that are not in `precedence` do not count."""
    grades: dict[str, int] = {}
    source: dict[str, AnySource] = {}
    otherwise: set[str] = set()
    for each in precedence:
        for doc_id, grade in by_source.get(each, {}).items():
            if doc_id not in grades:
                grades[doc_id], source[doc_id] = grade, each
            elif grades[doc_id] != grade:
                otherwise.add(doc_id)
    return United(grades, source, len(otherwise))
