"""Judgments as files, put together with others', and how far judges agree."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, replace
from functools import partial
from pathlib import Path
from typing import cast

from zsr_tui.api import merging as ask
from zsr_tui.api.agreement import Between
from zsr_tui.api.judging import AnySource, Judgment, Source, Stored
from zsr_tui.domain import Problem, Query
from zsr_tui.engine import sent
from zsr_tui.engine.answers import Answers
from zsr_tui.engine.judging.judge import check_grades, scale
from zsr_tui.engine.judging.shelf import KeptShelf
from zsr_tui.engine.library import OpenCorpus
from zsr_tui.judging.agreement import agreement
from zsr_tui.judging.checking import Checked, Dataset, Pair, Wishes, checked, pair_of
from zsr_tui.judging.formats import written
from zsr_tui.judging.keeping.rows import now, query_key
from zsr_tui.judging.merging import (
    Compared,
    Conflict,
    Decisions,
    Merged,
    Side,
    compared,
    decision,
    merged,
    name_of,
    once,
)
from zsr_tui.judging.reading import read
from zsr_tui.numerals import counted


def answers(shelf: KeptShelf) -> Answers:
    return {
        ask.ExportJudgments: partial(export, shelf),
        ask.MergeJudgments: partial(merge, shelf),
        ask.Decide: partial(decide, shelf),
        ask.ReadStanding: partial(standing, shelf),
    }


def export(shelf: KeptShelf, asked: ask.ExportJudgments) -> ask.Exported:
    corpus = shelf.library.corpus(asked.dataset)
    judgments = [*_kept(shelf, corpus), *(_official(corpus) if "dataset" in asked.sources else ())]
    return _exported(judgments, asked.format, asked, corpus.id)


def _exported(
    judgments: list[Judgment], format: ask.Format, asked: ask.ExportJudgments | ask.MergeJudgments, dataset: str
) -> ask.Exported:
    made = written(judgments, format, dataset, asked.sources, spreadsheet=asked.spreadsheet)
    return ask.Exported(text=made.text, counts=made.counts, left_out=made.left_out, formulas=made.formulas)


def _kept(shelf: KeptShelf, corpus: OpenCorpus) -> list[Judgment]:
    """All that is kept here, the earliest first."""
    return [kept.judgment for kept in reversed(shelf.of(corpus.id).judgments.page().items)]


def _official(corpus: OpenCorpus) -> Iterator[Judgment]:
    """Those of the dataset, which no `Source` of what is kept names."""
    source = cast(Source, "dataset")
    for query in corpus.queries:
        for doc_id, grade in corpus.judgments(query.id).items():
            yield Judgment(query_id=query.id, query_text=query.text, doc_id=doc_id, grade=grade, source=source)


def merge(shelf: KeptShelf, asked: ask.MergeJudgments) -> ask.Merging:
    """Raises `Problem` for a file that is not right."""
    corpus = shelf.library.corpus(asked.dataset)
    files = _files(shelf, corpus, asked)
    kept = _kept(shelf, corpus) if asked.with_kept else []
    here = [Side("", tuple(kept))] if kept else []
    sides = once([*here, *(Side(each.name, each.judgments) for each in files)])
    notes = [_notes(file, side, asked) for file, side in zip(files, sides[len(here) :], strict=True)]
    stays = kept if asked.prefer == "first" else []  # what is kept here, and nobody else within a file
    own = {pair_of(each): each.grade for each in kept if each.source == "own"}
    grades = {pair_of(each): each.grade for each in stays if each.source == "own"}
    before: dict[Pair, int] = {}
    if own and not asked.prefer:
        given = (each for file in files for each in file.judgments if each.source == "own")
        before = shelf.of(corpus.id).decided.settle(own, given)
    grades |= before | {_pair(each): each.grade for each in asked.decisions}
    prefer = "" if asked.with_kept and asked.prefer == "first" else asked.prefer
    found = merged(sides, Decisions(grades, asked.who, now(), prefer))
    stands = {_place(each): each.grade for each in kept}
    new = [each for each in found.judgments if _place(each) not in stands]
    replaced = [
        each for each in found.judgments if each.source == "own" and stands.get(_place(each), each.grade) != each.grade
    ]
    if not asked.with_kept:
        new = replaced = []
    stored, left_out = _keep(shelf, corpus, new, replaced) if asked.keep else (0, 0)
    if asked.keep and asked.remember and found.decided:
        shelf.of(corpus.id).decided.keep(_settled(found), asked.who)
    titles = shelf.titles(corpus.id, [doc_id for _, doc_id in (each.pair for each in found.conflicts)])
    names = [side.name for side in sides]
    return ask.Merging(
        files=tuple(
            ask.FileView(name=each.name, judgments=len(each.judgments), notes=said)
            for each, said in zip(files, notes, strict=True)
        ),
        judges=found.judges,
        alone=found.alone,
        agreed=found.agreed,
        shared=found.shared,
        decided=len(found.decided),
        before=sum(each.pair in before for each in found.decided),
        conflicts=tuple(_conflict(each, titles, names) for each in found.conflicts),
        between=tuple(map(_between, found.between)),
        alpha=found.alpha,
        new=len(new),
        replaced=len(replaced),
        kept=stored,
        left_out=left_out,
        exported=_exported(list(found.judgments), asked.export, asked, corpus.id) if asked.export else None,
    )


def _place(judgment: Judgment) -> tuple[str, Pair]:
    """Where it stands: each model has a place of its own."""
    return (f"model {judgment.who}" if judgment.source == "model" else "own"), pair_of(judgment)


def decide(shelf: KeptShelf, asked: ask.Decide) -> Stored:
    """What a decision makes of the judgment that is kept, and that it was made."""
    conflict, kept = asked.conflict, shelf.of(asked.dataset)
    if not conflict.judgments:
        raise Problem("a conflict has judgments: name those that differ.", usage=True)
    chosen = decision(conflict.judgments, asked.grade, asked.who, now())
    check_grades((chosen,))
    stored = kept.judgments.keep_all((chosen,), shelf.titles(asked.dataset, [conflict.doc_id]), over="everything")
    kept.decided.keep([(conflict.judgments, asked.grade)], asked.who)
    return stored


def _settled(found: Merged) -> Iterator[tuple[tuple[Judgment, ...], int]]:
    """The judgments of each conflict that was decided, and the grade that counts."""
    grades = {pair_of(each): each.grade for each in found.judgments if each.source == "own"}
    return ((each.judgments, grades[each.pair]) for each in found.decided)


def _conflict(found: Conflict, titles: Mapping[str, str], sides: Sequence[str]) -> ask.ConflictView:
    first = found.judgments[0]
    return ask.ConflictView(
        query_id=first.query_id,
        query_text=first.query_text,
        doc_id=first.doc_id,
        title=titles.get(first.doc_id, ""),
        judgments=found.judgments,
        sides=tuple(sides[place] for place in found.sides),
    )


def _between(found: Compared) -> Between:
    return Between(first=found.first, second=found.second, **asdict(found.agreement))


def _files(shelf: KeptShelf, corpus: OpenCorpus, asked: ask.MergeJudgments) -> list[Checked]:
    known = scale(shelf, corpus.id)
    dataset = Dataset(
        id=corpus.id,
        by_id=lambda id: _query(corpus, id),
        by_text=lambda text: found[0] if (found := corpus.find(text, None)) else None,
        documents=corpus.docs,
        scale=(known.lowest, known.highest),
    )
    wishes = Wishes(asked.grades, asked.skip_unknown)

    def found_in(file: ask.FileToRead, path: Path) -> Checked:
        return checked(read(path, file.format or None, file.who), dataset, wishes)

    found = [sent.opened(each.path, partial(found_in, each)) for each in asked.files]
    if len({each.name for each in found}) < len(found):
        found = [replace(each, name=name) for each, name in zip(found, _told_apart(asked.files), strict=True)]
    return found


def _told_apart(files: Sequence[ask.FileToRead]) -> list[str]:
    """Names of files that have the same: with their folders, as far as these differ."""
    paths = [Path(each.path).absolute() for each in files]
    folder = os.path.commonpath([path.parent for path in paths])
    return [str(path.relative_to(folder)) for path in paths]


def _notes(file: Checked, side: Side, asked: ask.MergeJudgments) -> tuple[str, ...]:
    """What the user should know of the file; `side` is what is new in it."""
    notes, known = list(file.notes), len(file.judgments) - len(side.judgments)
    if known:
        where = "stand here already" if asked.with_kept else "stand in a file before it, too"
        notes.append(
            f"{file.name}: {counted(known, 'judgment')} of the same person and moment {where}, and count once."
        )
    if asked.with_kept and asked.who and any(_is_by(each, asked.who) for each in side.judgments):
        notes.append(
            f"{file.name}: judged by {asked.who}, which is your name too: --who NAME names whoever judged it, and the "
            "setting `who` in config.toml names you (zsr-tui config shows it)."
        )
    return tuple(notes)


def _is_by(judgment: Judgment, who: str) -> bool:
    return judgment.source == "own" and judgment.who == who


def _query(corpus: OpenCorpus, id: str) -> Query | None:
    place = corpus.position_by_id.get(id)
    return None if place is None else corpus.queries[place]


def _pair(decided: ask.Decision) -> Pair:
    return query_key(decided), decided.doc_id


def _keep(shelf: KeptShelf, corpus: OpenCorpus, new: list[Judgment], replaced: list[Judgment]) -> tuple[int, int]:
    """How many are kept now, and how many are not since something else stands by now."""
    titles = shelf.titles(corpus.id, list({each.doc_id for each in (*new, *replaced)}))
    judgments = shelf.of(corpus.id).judgments
    first = judgments.keep_all(new, titles, over="nothing")
    second = judgments.keep_all(replaced, titles, over="everything")
    return first.kept + second.kept, len(first.left_out)


def standing(shelf: KeptShelf, asked: ask.ReadStanding) -> ask.Standing:
    """Of a dataset that averages over several, of all of these."""
    from zsr_tui import corpora

    id = corpora.normalise(asked.dataset)
    judges: dict[tuple[AnySource, str], dict[Pair, Judgment]] = {}
    for member in corpora.members_of(id) or (id,):
        corpus = shelf.library.corpus(member)
        for judgment in (*_official(corpus), *_kept(shelf, corpus)):
            query, document = pair_of(judgment)
            judges.setdefault((judgment.source, judgment.who), {})[f"{member} {query}", document] = judgment
    named = {name_of(who, source): given for (source, who), given in judges.items()}
    return ask.Standing(
        judges=tuple(_row(source, who, given.values()) for (source, who), given in judges.items()),
        between=tuple(map(_between, compared(named))),
        models=tuple(_trust(judges)),
    )


def _trust(judges: Mapping[tuple[AnySource, str], Mapping[Pair, Judgment]]) -> Iterator[Between]:
    people: dict[Pair, int] = {}
    for wanted in ("dataset", "own"):
        for (source, _), given in judges.items():
            people |= {pair: each.grade for pair, each in given.items()} if source == wanted else {}
    for (source, name), given in judges.items():
        if source == "model":
            both = [(people[pair], each.grade) for pair, each in given.items() if pair in people]
            yield Between(first="people", second=name, **asdict(agreement(both)))


def _row(source: AnySource, who: str, given: Iterable[Judgment]) -> ask.JudgeRow:
    judged = list(given)
    return ask.JudgeRow(
        name=who,
        source=source,
        judgments=len(judged),
        queries=len({each.query_id or each.query_text for each in judged}),
        grades=dict(sorted(Counter(each.grade for each in judged).items())),
        last=max((each.when for each in judged), default=""),
    )
