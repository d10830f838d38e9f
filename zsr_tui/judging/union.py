"""Judgments of several sources as one: of those that judge a document, the first by precedence counts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from zsr_tui.api.judging import AnySource
from zsr_tui.domain import Problem

SOURCES: tuple[AnySource, ...] = ("own", "dataset", "model")
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


def parse_sources(text: str) -> tuple[AnySource, ...]:
    """ "own+dataset": the sources of a union by precedence. Raises `Problem`."""
    found = [each.strip() for each in text.split("+")]
    known: Collection[str] = SOURCES
    if wrong := [each for each in found if each not in known]:
        raise Problem(
            f"there are no judgments of {wrong[0]!r}: write own, dataset or model, or several with a plus, the "
            "one that counts first in front (own+dataset).",
            usage=True,
        )
    if len(set(found)) < len(found):
        raise Problem(f"{text!r} names a source twice: name each once.", usage=True)
    return tuple(each for name in found for each in SOURCES if each == name)
