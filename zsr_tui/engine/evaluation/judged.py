"""Stored evaluations over the judgments of any sources."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import NamedTuple

from zsr_tui.api.judging import AnySource, Judgment, Source, parse_sources
from zsr_tui.api.judging import Kept as KeptJudgment
from zsr_tui.engine.judging.shelf import KeptShelf
from zsr_tui.evaluation.rejudged import Rejudged
from zsr_tui.evaluation.report.kept import Kept
from zsr_tui.evaluation.results import Evaluation
from zsr_tui.evaluation.stored import Stored
from zsr_tui.judging.union import United, unite
from zsr_tui.numerals import counted

DATASET: tuple[AnySource, ...] = ("dataset",)
OWN_TOO: tuple[AnySource, ...] = ("own", "dataset")
MOST_REPORTED = 10_000  # entries
NAMES: dict[AnySource, str] = {"own": "own", "dataset": "the dataset's", "model": "the model's"}


class Counts(NamedTuple):
    """`judgments` of the evaluation's queries that count, by source; `own` are there, whether they count or not."""

    sources: tuple[AnySource, ...]
    judgments: dict[str, int]
    own: int


def sources_of(id: str) -> tuple[AnySource, ...]:
    """Which judgments count in an evaluation with this id (`zsr_tui.api.judging.judged_id`). Raises `Problem`."""
    _, tilde, written = id.partition("~")
    return parse_sources(written) if tilde else DATASET


def over(stored: Stored, sources: tuple[AnySource, ...], kept: KeptShelf) -> Stored:
    """The evaluation over the judgments of these sources, the one that counts first in front."""
    if sources == DATASET:
        return stored
    changed: dict[int, dict[str, int]] = {}
    total, differ = Counter[str](), 0
    for index, united in _united(stored, sources, kept):
        total += Counter(united.counts())
        differ += united.differ
        if united.grades != stored.queries[index].judgments:
            changed[index] = united.grades
    whose = ", then ".join(NAMES[source] for source in sources)
    given = ", ".join(f"{total[source]:,} {NAMES[source]}" for source in sources)
    contradicted = f"; {counted(differ, 'document is', 'documents are')} graded otherwise by another" if differ else ""
    return Rejudged(stored, changed, f"over judgments of other sources: {whose} ({given}{contradicted}).")


def counts(stored: Stored, sources: tuple[AnySource, ...], kept: KeptShelf) -> Counts:
    """Without reading any list."""
    total, own = Counter[str](), 0
    for _, united in _united(stored, sources, kept):
        total += Counter(united.counts())
    ids = {(query.member, query.id) for query in stored.queries}
    for member in stored.spec.members:
        grades = kept.of_id(member).judgments.all_grades("own")
        own += sum(len(each) for qid, each in grades.items() if (member, qid) in ids)
    return Counts(sources, dict(total), own)


def written(stored: Stored, kept: KeptShelf) -> tuple[tuple[int, ...], ...]:
    """Another one after every change of what is kept."""
    return tuple(kept.of_id(member).file.state() for member in stored.spec.members)


def _united(stored: Stored, sources: tuple[AnySource, ...], kept: KeptShelf) -> Iterator[tuple[int, United]]:
    """Of every query, by its index."""
    others: tuple[Source, ...] = ("own", "model")
    known = {
        member: {source: kept.of_id(member).judgments.all_grades(source) for source in others}
        for member in stored.spec.members
    }
    for index, query in enumerate(stored.queries):
        of_query = known[query.member]
        by_source: dict[AnySource, dict[str, int]] = {
            "dataset": query.judgments,
            "own": of_query["own"].get(query.id, {}),
            "model": of_query["model"].get(query.id, {}),
        }
        yield index, unite(by_source, sources)


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
                    said=f"{entry.grade} {entry.why}".strip() if isinstance(entry, Judgment) else entry.text,
                    who=entry.who,
                    when=entry.when,
                )
            )
    return found
