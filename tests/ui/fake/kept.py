"""Judgments and notes of the stand-in: kept in memory by the functions of the engine itself."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from zsr_tui.api import judging, merging, notes
from zsr_tui.api.judging import Judgment, Kept, MeasuredList, MeasuredWith, Outcome, Scale, Stored
from zsr_tui.api.merging import Exported, Merging, Standing
from zsr_tui.api.notes import KeptOfQuery, KeptRemark, RemarkOutcome, TagCount
from zsr_tui.domain import Problem

if TYPE_CHECKING:
    from .engine import FakeEngine


class FakeKept:
    """`judged` is by (query id or text, document), of own judgments; `remarks` are in order."""

    def __init__(self, engine: FakeEngine) -> None:
        self._engine = engine
        self.judged: dict[tuple[str, str], Kept] = {}
        self.remarks: list[KeptRemark] = []
        self.standing = Standing(judges=(), between=())
        self.merged: Merging | None = None  # of any file
        self.scale = Scale(lowest=0, highest=3, judged=True)
        self._revision = 0
        self._undo: dict[int, tuple[tuple[str, str], Kept | None]] = {}

    @property
    def answers(self) -> dict[Any, Any]:
        return {
            judging.KeepJudgment: self.keep,
            judging.ClearJudgment: self.clear,
            judging.UndoJudgment: self.undo,
            judging.MeasureLists: self.measure,
            judging.ReadJudgments: self.page,
            notes.ReadKept: self.read,
            notes.KeepRemark: self.keep_remark,
            notes.DropRemark: self.drop_remark,
            notes.CountTags: self.tags,
            notes.ReadRemarks: self.read_remarks,
            notes.Review: self.review,
            merging.ReadStanding: lambda _: self.standing,
            merging.MergeJudgments: self.merge,
            merging.ExportJudgments: self.export,
            judging.KeepJudgments: self.keep_all,
            judging.ReadRelevant: self.relevant,
            merging.Decide: lambda _: judging.Stored(kept=1, same=0),
            judging.ReadScale: lambda _: self.scale,
        }

    def put(self, query: str, doc_id: str, grade: int, who: str = "ann") -> Kept:
        """As if somebody had judged."""
        self._revision += 1
        judgment = Judgment(query_id=query, doc_id=doc_id, grade=grade, who=who, when="2026-11-27T00:00:00Z")
        self.judged[query, doc_id] = kept = Kept(revision=self._revision, judgment=judgment)
        return kept

    def keep(self, asked: judging.KeepJudgment) -> Outcome:
        return self._change(asked.judgment, asked.judgment.grade, asked.seen, asked.over)

    def clear(self, asked: judging.ClearJudgment) -> Outcome:
        cleared = Judgment(query_id=asked.query_id, query_text=asked.query_text, doc_id=asked.doc_id, grade=0)
        return self._change(cleared, None, asked.seen, asked.over)

    def _change(self, judgment: Judgment, grade: int | None, seen: int, over: bool) -> Outcome:
        key = judgment.query_id or judgment.query_text, judgment.doc_id
        stands = self.judged.get(key)
        if (stands.revision if stands else 0) != seen and not over:
            return Outcome(done=False, now=stands)
        self._revision += 1
        self._undo[self._revision] = key, stands
        if grade is None:
            self.judged.pop(key, None)
        else:
            self.judged[key] = Kept(revision=self._revision, judgment=judgment)
        return Outcome(done=True, now=self.judged.get(key), revision=self._revision)

    def keep_all(self, asked: judging.KeepJudgments) -> Stored:
        for each in asked.judgments:
            self.put(each.query_id or each.query_text, each.doc_id, each.grade, each.who)
        return Stored(kept=len(asked.judgments), same=0)

    def merge(self, asked: merging.MergeJudgments) -> Merging:
        if self.merged is None:
            raise Problem(f"{asked.files[0].path} holds no judgments: name a file with some.", usage=True)
        return self.merged

    def export(self, asked: merging.ExportJudgments) -> Exported:
        text = "".join(f"{query} 0 {doc_id} {kept.judgment.grade}\n" for (query, doc_id), kept in self.judged.items())
        return Exported(text=text, counts={"own": len(self.judged)})

    def undo(self, asked: judging.UndoJudgment) -> Outcome:
        key, before = self._undo.pop(asked.revision)
        self.judged.pop(key, None)
        if before is not None:
            self.judged[key] = before
        return Outcome(done=True, now=before)

    def read(self, asked: notes.ReadKept) -> KeptOfQuery:
        query = asked.query_id or asked.query_text
        return KeptOfQuery(
            judgments=tuple(kept for (of, _), kept in self.judged.items() if of == query),
            remarks=tuple(
                each for each in self.remarks if (each.remark.query_id or each.remark.query_text) in (query, "")
            ),
            scale=self.scale,
        )

    def page(self, asked: judging.ReadJudgments) -> judging.JudgmentPage:
        query = asked.query_id or asked.query_text
        found = tuple(kept for (of, _), kept in self.judged.items() if of == query)
        return judging.JudgmentPage(counts={"own": len(found)} if found else {}, items=found)

    def relevant(self, asked: judging.ReadRelevant) -> judging.RelevantDocs:
        """The dataset's."""
        docs, grades = self._engine.docs, self._engine.judgments.get(asked.query_id or asked.judged_as, {})
        ids = sorted((doc_id for doc_id, grade in grades.items() if grade > 0), key=lambda doc_id: -grades[doc_id])
        found = [
            judging.RelevantDoc(doc_id=each, title=docs[each].title, grade=grades[each], source="dataset")
            for each in ids
            if each in docs
        ]
        return judging.RelevantDocs(documents=tuple(found), missing=tuple(each for each in ids if each not in docs))

    def measure(self, asked: judging.MeasureLists) -> tuple[MeasuredWith, ...]:
        """The own judgments of a list's first ten add a hundredth each, for a look at the figures."""
        query = asked.query_id or asked.query_text
        own = {doc_id for of, doc_id in self.judged if of == query}
        judged = self._engine.judgments.get(asked.query_id, {})
        found = []
        for union in asked.unions:
            lists = []
            systems = asked.systems or tuple(map(str, range(len(asked.lists))))
            for number, ids in enumerate(asked.lists):
                added = sum(doc_id in own for doc_id in ids[:10]) if "own" in union else 0
                first = systems.index(systems[number])  # of a changed query's list the one before stands behind it
                changed = first == number and systems.count(systems[number]) > 1
                values = self._engine.values(first, borrowed=changed)
                values = {name: value + 0.01 * added for name, value in values.items()}
                placed = {"own": added, "dataset": sum(doc_id in judged for doc_id in ids[:10])}
                lists.append(MeasuredList(values=values, placed={each: placed.get(each, 0) for each in union}))
            found.append(MeasuredWith(sources=union, lists=tuple(lists), counts={}))
        return tuple(found)

    def keep_remark(self, asked: notes.KeepRemark) -> RemarkOutcome:
        self._revision += 1
        kept = KeptRemark(revision=self._revision, remark=asked.remark)
        same = [each for each in self.remarks if _about(each) == _about(kept) and asked.remark.kind != "tag"]
        self.remarks = [kept, *(each for each in self.remarks if each not in same)]
        return RemarkOutcome(done=True, now=kept)

    def read_remarks(self, asked: notes.ReadRemarks) -> tuple[KeptRemark, ...]:
        query = asked.query_id or asked.query_text
        return tuple(each for each in self.remarks if (each.remark.query_id or each.remark.query_text) == query)

    def drop_remark(self, asked: notes.DropRemark) -> None:
        gone = KeptRemark(revision=0, remark=asked.remark)
        self.remarks = [
            each for each in self.remarks if (*_about(each), each.remark.text) != (*_about(gone), asked.remark.text)
        ]

    def tags(self, _: notes.CountTags) -> tuple[TagCount, ...]:
        tags = [each.remark.text for each in self.remarks if each.remark.kind == "tag"]
        return tuple(TagCount(tag=tag, queries=tags.count(tag), targets=tags.count(tag)) for tag in dict.fromkeys(tags))

    def review(self, asked: notes.Review) -> notes.ReviewPage:
        """Newest first, as they came."""
        every = sorted([*self.judged.values(), *self.remarks], key=lambda each: -each.revision)
        kinds = ["judgment" if isinstance(each, Kept) else each.remark.kind for each in every]
        said = [
            f"{each.judgment.query_id} {each.judgment.doc_id}" if isinstance(each, Kept) else each.remark.text
            for each in every
        ]
        found = [
            (each, kind)
            for each, kind, text in zip(every, kinds, said, strict=True)
            if all(word in text for word in asked.match.split()) and (not asked.kinds or kind in asked.kinds)
        ]
        counts = {kind: kinds.count(kind) for kind in dict.fromkeys(kinds)}
        page = [each for each, _ in found][asked.offset : asked.offset + asked.limit]
        return notes.ReviewPage(matching=len(found), counts=counts, items=tuple(page))


def _about(kept: KeptRemark) -> tuple[str, str, str, str]:
    remark = kept.remark
    return remark.kind, remark.query_id or remark.query_text, remark.doc_id, remark.who
