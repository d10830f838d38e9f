"""Stored evaluations over the judgments of any sources."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import NamedTuple

from zsr_tui.api.judging import AnySource, Judgment, Source, parse_sources
from zsr_tui.api.judging import Kept as KeptJudgment
from zsr_tui.domain import DATASET_ONLY
from zsr_tui.engine.judging.shelf import KeptShelf
from zsr_tui.evaluation.rejudged import Rejudged
from zsr_tui.evaluation.report.kept import Kept
from zsr_tui.evaluation.results import Evaluation
from zsr_tui.evaluation.stored import Stored
from zsr_tui.judging.union import unite
from zsr_tui.numerals import counted

MOST_REPORTED = 10_000  # entries
_KEPT: tuple[Source, ...] = ("own", "model")
NAMES: dict[AnySource, str] = {"own": "own", "dataset": "the dataset's", "model": "the model's"}


class Judged(NamedTuple):
    """The judgments of an evaluation's queries that count: how many by source, and the grades of the queries (by index)
    of which they are not those that it was made with; `differ` counts documents of which another source says otherwise.
    `own` are there, whether they count or not."""

    sources: tuple[AnySource, ...]
    counts: dict[str, int]
    grades: dict[int, dict[str, int]]
    differ: int
    own: int


def sources_of(id: str) -> tuple[AnySource, ...]:
    """Which judgments count in an evaluation with this id (`zsr_tui.api.judging.judged_id`). Raises `Problem`."""
    _, tilde, written = id.partition("~")
    return parse_sources(written) if tilde else DATASET_ONLY


def judged(stored: Stored, sources: tuple[AnySource, ...], kept: KeptShelf) -> Judged:
    """The one that counts first in front. Without reading any list."""
    changed: dict[int, dict[str, int]] = {}
    total, differ, own = Counter[str](), 0, 0
    known: dict[str, dict[AnySource, dict[str, dict[str, int]]]] = {
        member: {source: kept.of_id(member).judgments.all_grades(source) for source in _KEPT}
        for member in stored.spec.members
    }
    for index, query in enumerate(stored.queries):
        of_query = {source: grades.get(query.id, {}) for source, grades in known[query.member].items()}
        by_source: dict[AnySource, Mapping[str, int]] = {"dataset": query.judgments}
        united = unite(by_source | of_query, sources)
        total += Counter(united.counts())
        differ += united.differ
        own += len(of_query["own"])
        if united.grades != query.judgments:
            changed[index] = united.grades
    return Judged(sources, dict(total), changed, differ, own)


def over(stored: Stored, judged: Judged) -> Stored:
    """The evaluation over these judgments."""
    if judged.sources == DATASET_ONLY:
        return stored
    whose = ", then ".join(NAMES[source] for source in judged.sources)
    given = ", ".join(f"{judged.counts.get(source, 0):,} {NAMES[source]}" for source in judged.sources)
    differ = judged.differ
    contradicted = f"; {counted(differ, 'document is', 'documents are')} graded otherwise by another" if differ else ""
    note = f"over judgments of other sources: {whose} ({given}{contradicted})."
    return Rejudged(stored, judged.grades, note)


def written(stored: Stored, kept: KeptShelf) -> tuple[tuple[int, ...], ...]:
    """Another one after every change of what is kept."""
    return tuple(kept.of_id(member).file.state() for member in stored.spec.members)


def kept_of(evaluation: Evaluation, kept: KeptShelf) -> list[Kept]:
    """What was judged and noted of an evaluation's queries, the latest first."""
    found = []
    for member in evaluation.members:
        texts = {query.id: query.text for query in evaluation.queries if query.member == member}
        for item in kept.of_id(member).reviewing.page(limit=MOST_REPORTED).items:
            entry = item.judgment if isinstance(item, KeptJudgment) else item.remark
            if entry.query_id not in texts:
                continue
            found.append(
                Kept(
                    kind=f"{entry.source} judgment" if isinstance(entry, Judgment) else entry.kind,
                    qid=entry.query_id,
                    query=texts[entry.query_id],
                    doc_id=entry.doc_id,
                    title=item.title,
                    said=f"{entry.told} {entry.why}".strip() if isinstance(entry, Judgment) else entry.text,
                    who=entry.who,
                    when=entry.when,
                )
            )
    return found
