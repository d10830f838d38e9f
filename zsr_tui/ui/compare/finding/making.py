"""From the lists on the screen to a finding, and from a finding to lists that can be painted."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from zsr_tui import __version__
from zsr_tui.api.events import DocHead, Ranking, Row
from zsr_tui.api.judging import Judgment, Kept, Scale
from zsr_tui.api.notes import KeptOfQuery, KeptRemark, Remark
from zsr_tui.api.requests import ProblemView, SystemHead
from zsr_tui.sessions.findings import (
    MOST_KEPT,
    TOP,
    Finding,
    FoundJudgment,
    FoundList,
    FoundMeasures,
    FoundRemark,
    FoundRow,
    Head,
)
from zsr_tui.sessions.log import now
from zsr_tui.ui.compare.lists import Phase, SystemList
from zsr_tui.ui.compare.session import SearchSession
from zsr_tui.ui.parts.judging.state import Measures, QueryKept


def found(session: SearchSession, *, reference: int = 0, active: int = 0, doc_id: str | None = None) -> Finding:
    """Of the query whose lists are shown."""
    lists = tuple(_list(each, session.lists[reference].places) for each in session.lists)
    ids = {row.doc_id for each in lists for row in each.rows} | ({doc_id} if doc_id else set())
    return Finding(
        program=__version__,
        made=now(),
        dataset=session.dataset,
        query=session.query,
        qid=session.qid,
        judged_as=session.judged_as,
        change_of=session.change_of if session.judged_as is not None else None,
        relevant=session.relevant,
        judged=session.has_judgments,
        depth=session.depth,
        drop_self=session.drop_self,
        reference=reference,
        active=active,
        doc_id=doc_id,
        lists=lists,
        counting=session.counts.sources,
        remarks=_remarks(session.kept),
        judgments=_judgments(session.kept),
        heads={id: _head(head) for id in sorted(ids) if (head := session.heads.get(id)) is not None},
    )


def _list(each: SystemList, reference: Mapping[str, int]) -> FoundList:
    head, ranking = each.head, each.ranking
    known: dict[str, Any] = {} if ranking is None else {
        "milliseconds": ranking.elapsed_ms, "precision": ranking.precision, "device": ranking.device,
        "searched": ranking.searched, "dropped_self": ranking.dropped_self, "ties": ranking.ties, "cut": ranking.cut,
    }  # fmt: skip
    return FoundList(
        system=head.notation,
        label=head.label,
        parameters=head.parameters,
        note=head.note,
        rows=tuple(_row(row, reference.get(row.doc_id)) for row in each.rows[:TOP]),
        total=len(each.rows),
        measures=each.measures,
        over=None if each.judged is None else (_measures(each.judged[0]), _measures(each.judged[1])),
        state="" if each.phase is Phase.DONE else each.phase.value,
        problem=each.problem.message if each.problem is not None else "",
        **known,
    )


def _measures(each: Measures) -> FoundMeasures:
    return FoundMeasures(sources=each.sources, values=dict(each.values), placed=dict(each.placed))


def _remarks(kept: QueryKept | None) -> tuple[FoundRemark, ...]:
    found = [each.remark for remarks in kept.noted.values() for each in remarks] if kept is not None else []
    return tuple(
        FoundRemark(
            kind=each.kind, text=each.text, doc_id=each.doc_id, of_query=bool(each.query_id or each.query_text),
            who=each.who, when=each.when,
        )
        for each in found[:MOST_KEPT]
    )  # fmt: skip


def _judgments(kept: QueryKept | None) -> tuple[FoundJudgment, ...]:
    found = [each.judgment for each in (*kept.own.values(), *kept.model.values())] if kept is not None else []
    return tuple(
        FoundJudgment(
            doc_id=each.doc_id, grade=each.grade, source=each.source, who=each.who, when=each.when, why=each.why
        )
        for each in found[:MOST_KEPT]
    )


def kept_of(finding: Finding) -> QueryKept:
    """Notes and judgments as a screen has them."""
    qid, query = finding.qid or "", finding.query
    judged = tuple(
        Kept(
            revision=number,
            judgment=Judgment(
                query_id=qid, query_text=query, doc_id=each.doc_id,
                grade=each.grade, source=each.source, who=each.who, when=each.when,
                why=each.why,
            ),
        )
        for number, each in enumerate(finding.judgments, 1)
    )  # fmt: skip
    noted = tuple(
        KeptRemark(
            revision=number,
            remark=Remark(
                query_id=qid * each.of_query, query_text=query * each.of_query, kind=each.kind,
                doc_id=each.doc_id, text=each.text, who=each.who,
                when=each.when,
            ),
        )
        for number, each in enumerate(finding.remarks, 1)
    )  # fmt: skip
    scale = Scale(lowest=0, highest=3, judged=finding.judged)
    return QueryKept.of(qid, query, KeptOfQuery(scale=scale, judgments=judged, remarks=noted))


def _row(row: Row, reference: int | None) -> FoundRow:
    return FoundRow(
        doc_id=row.doc_id, score=row.score, grade=row.grade, reference=None if reference is None else reference + 1,
        candidate_rank=row.candidate_rank, cut=row.cut,
    )  # fmt: skip


def _head(head: DocHead) -> Head:
    return Head(title=head.title, passage=head.passage, title_terms=head.title_terms, matches=head.matches)


def lists_of(finding: Finding) -> list[SystemList]:
    """As they are painted. The reference list also knows the places of rows below its top, so that movements are what
    they were."""
    lists = [_system_list(each, number) for number, each in enumerate(finding.lists)]
    if lists:
        lists[finding.reference].places = _places(finding.lists)
    return lists


def _places(lists: Iterable[FoundList]) -> dict[str, int]:
    return {row.doc_id: row.reference - 1 for each in lists for row in each.rows if row.reference}


def _system_list(each: FoundList, number: int) -> SystemList:
    head = SystemHead(notation=each.system, label=each.label or each.system, parameters=each.parameters, note=each.note)
    phase = next((phase for phase in Phase if phase.value == each.state), Phase.STOPPED) if each.state else Phase.DONE
    shown = SystemList(
        head, Phase.STOPPED if phase in (Phase.WAITING, Phase.WORKING) else phase, measures=each.measures
    )
    if each.over is not None:
        counted, beside = (Measures(over.sources, over.values, over.placed) for over in each.over)
        shown.judged = counted, beside
    if each.problem:
        shown.problem = ProblemView(message=each.problem)
    if each.rows:
        rows = tuple(
            Row(doc_id=row.doc_id, score=row.score, grade=row.grade, candidate_rank=row.candidate_rank, cut=row.cut)
            for row in each.rows
        )
        shown.ranking = Ranking(
            request="", system=number, stage="", rows=rows, elapsed_ms=each.milliseconds, scored=len(rows),
            total=len(rows), final=True, dropped_self=each.dropped_self, device=each.device, precision=each.precision,
            cut=each.cut, ties=each.ties, searched=each.searched,
        )  # fmt: skip
        shown.places = {row.doc_id: place for place, row in enumerate(rows)}
    return shown


def heads_of(finding: Finding) -> dict[str, DocHead]:
    return {
        doc_id: DocHead(title=head.title, passage=head.passage, title_terms=head.title_terms, matches=head.matches)
        for doc_id, head in finding.heads.items()
    }
