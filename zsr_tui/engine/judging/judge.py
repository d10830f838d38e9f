"""Keeping judgments, taking them back, reading them, and what they do to the measures of lists."""

from __future__ import annotations

from collections.abc import Iterable

from msgspec.structs import replace

from zsr_tui.api import judging as ask
from zsr_tui.api.judging import (
    PRECEDENCE,
    Judgment,
    MeasuredList,
    MeasuredWith,
    Outcome,
    RelevantDoc,
    RelevantDocs,
    Scale,
    Stored,
)
from zsr_tui.api.requests import DEFAULT_MEASURES
from zsr_tui.api.weights import BestWeight, FindBestWeight
from zsr_tui.domain import DATASET_ONLY, LARGEST_GRADE, Problem, relevant_docs
from zsr_tui.engine.answers import Answers
from zsr_tui.engine.judging.shelf import KeptShelf
from zsr_tui.judging.union import unite
from zsr_tui.numerals import counted

_USUAL = Scale(lowest=0, highest=3, judged=False)


def answers(shelf: KeptShelf) -> Answers:
    return {
        ask.KeepJudgment: lambda asked: keep(shelf, asked),
        ask.ClearJudgment: lambda asked: clear(shelf, asked),
        ask.UndoJudgment: lambda asked: shelf.of(asked.dataset).judgments.undo(asked.revision),
        ask.KeepJudgments: lambda asked: keep_all(shelf, asked),
        ask.ReadJudgments: lambda asked: read(shelf, asked),
        ask.ReadRelevant: lambda asked: relevant(shelf, asked),
        ask.ReadScale: lambda asked: scale(shelf, asked.dataset),
        ask.MeasureLists: lambda asked: measure(shelf, asked),
        FindBestWeight: lambda asked: best_weight(shelf, asked),
        ask.KeepPreference: lambda asked: shelf.of(asked.dataset).preferences.keep(asked.preference),
        ask.DropPreference: lambda asked: shelf.of(asked.dataset).preferences.drop(asked.number),
        ask.ReadPreferences: lambda asked: shelf.of(asked.dataset).preferences.read(),
    }


def keep(shelf: KeptShelf, asked: ask.KeepJudgment) -> Outcome:
    """Raises `Problem` for a query, document or grade that cannot be judged with."""
    check_grades([asked.judgment])
    doc_id = shelf.library.corpus(asked.dataset).document_of(asked.judgment.doc_id)
    titles = shelf.titles(asked.dataset, [doc_id])
    if doc_id not in titles:
        raise Problem(f"{asked.dataset} has no document {doc_id!r}.", usage=True)
    judgment = replace(asked.judgment, doc_id=doc_id)
    return shelf.of(asked.dataset).judgments.keep(judgment, titles[doc_id], seen=asked.seen, over=asked.over)


def clear(shelf: KeptShelf, asked: ask.ClearJudgment) -> Outcome:
    cleared = Judgment(
        query_id=asked.query_id,
        query_text=asked.query_text,
        doc_id=shelf.library.corpus(asked.dataset).document_of(asked.doc_id),
        grade=0,
        source=asked.source,
        who=asked.who,
    )
    return shelf.of(asked.dataset).judgments.clear(cleared, seen=asked.seen, over=asked.over)


def keep_all(shelf: KeptShelf, asked: ask.KeepJudgments) -> Stored:
    """Documents that the corpus does not have are kept, too: who imports them says so."""
    check_grades(asked.judgments)
    titles = shelf.titles(asked.dataset, list({judgment.doc_id for judgment in asked.judgments}))
    return shelf.of(asked.dataset).judgments.keep_all(asked.judgments, titles, over=asked.over)


def check_grades(judgments: Iterable[Judgment]) -> None:
    for judgment in judgments:
        if not judgment.query_id and not judgment.query_text.strip():
            raise Problem("a judgment needs a query: give its id or its text.", usage=True)
        if not judgment.doc_id:
            raise Problem("a judgment needs a document: give its id.", usage=True)
        if abs(judgment.grade) > LARGEST_GRADE:
            raise Problem(f"the grade {judgment.grade:,} is beyond {LARGEST_GRADE:,}: give a smaller one.", usage=True)


def read(shelf: KeptShelf, asked: ask.ReadJudgments) -> ask.JudgmentPage:
    query = asked if asked.query_id or asked.query_text else None
    return shelf.of(asked.dataset).judgments.page(query, asked.sources, asked.offset, asked.limit)


def scale(shelf: KeptShelf, dataset: str) -> Scale:
    """Of the grades that the dataset's judgments have."""
    grades = shelf.library.corpus(dataset).grades
    return Scale(lowest=min(0, *grades), highest=max(1, *grades), judged=True) if grades else _USUAL


def relevant(shelf: KeptShelf, asked: ask.ReadRelevant) -> RelevantDocs:
    united = unite(shelf.by_source(shelf.library.corpus(asked.dataset), asked, asked.judged_as), PRECEDENCE)
    ids = sorted(relevant_docs(united.grades), key=lambda each: -united.grades[each])
    titles = shelf.titles(asked.dataset, ids)
    found = [
        RelevantDoc(doc_id=each, title=titles[each], grade=united.grades[each], source=united.source[each])
        for each in ids
        if each in titles
    ]
    return RelevantDocs(documents=tuple(found), missing=tuple(each for each in ids if each not in titles))


def measure(shelf: KeptShelf, asked: ask.MeasureLists) -> tuple[MeasuredWith, ...]:
    """Over each union of judgments; without any, every value is None."""
    from zsr_tui.evaluation.measures import Graded, measure_lists
    from zsr_tui.evaluation.naming import asked_measures
    from zsr_tui.evaluation.reach import within

    names = asked.measures or DEFAULT_MEASURES
    measures = asked_measures(names)
    systems = asked.systems or ("",) * len(asked.lists)
    if len(systems) != len(asked.lists):
        lists = counted(len(asked.lists), "list")
        raise Problem(f"{lists} cannot be of {counted(len(systems), 'system')}.", usage=True)
    corpus = shelf.library.corpus(asked.dataset)
    by_source = shelf.by_source(corpus, asked, asked.judged_as)
    documents = [list(dict.fromkeys(map(corpus.document_of, each))) for each in asked.lists]
    found = []
    for union in asked.unions:
        united = unite(by_source, union)
        values = measure_lists(measures, [Graded.of(each, united.grades) for each in documents])
        found.append(
            MeasuredWith(
                sources=union,
                lists=tuple(
                    MeasuredList(
                        values=within(
                            system,
                            asked.asked,
                            {
                                str(name): float(number) if united.grades and number == number else None
                                for name, number in zip(measures, values[:, column], strict=True)
                            },
                        ),
                        placed=united.counts(each[: asked.depth]),
                    )
                    for column, (system, each) in enumerate(zip(systems, documents, strict=True))
                ),
                counts=united.counts(),
                differ=united.differ,
            )
        )
    return tuple(found)


def best_weight(shelf: KeptShelf, asked: FindBestWeight) -> BestWeight | None:
    """Of a fused list, over a union of judgments; where the dataset's alone count nothing that was kept is read."""
    if asked.sources == DATASET_ONLY:
        return shelf.library.fused.best(asked)
    return shelf.library.fused.best(asked, lambda corpus: unite(shelf.by_source(corpus, asked), asked.sources).grades)
