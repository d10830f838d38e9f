"""What of the questions to an engine is noted: what has come about, and nothing else."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from zsr_tui.api.events import EvaluateFinished, SystemResult
from zsr_tui.api.judging import (
    ClearJudgment,
    Judgment,
    KeepJudgment,
    KeepPreference,
    Kept,
    Outcome,
    Preference,
    UndoJudgment,
)
from zsr_tui.api.notes import DropRemark, KeepRemark, KeptRemark, Remark, RemarkOutcome
from zsr_tui.api.pooling import JudgePooled, OneQuery, Pooling, PoolItem, PoolView, UndoPooled
from zsr_tui.api.questions import ReadHealth
from zsr_tui.api.requests import EvaluateRequest
from zsr_tui.sessions import reading
from zsr_tui.sessions.log import SessionLog, logs
from zsr_tui.sessions.recorder import RecordedEngine

JUDGMENT = Judgment(query_id="q1", query_text="sugar", doc_id="d1", grade=2, why="names it", system="bm25", rank=3)
KEPT = Kept(revision=1, judgment=JUDGMENT)
NOTE = Remark(kind="note", query_id="q1", query_text="sugar", doc_id="d1", text="wrong sense")


POOLING = Pooling(session="s", dataset="demo", about=OneQuery(query_id="q1", systems=(), lists=()))
ITEM = PoolItem(dataset="demo", query_id="q1", query_text="sugar", doc_id="d1")


def pooled(**fields: Any) -> PoolView:
    return PoolView(item=ITEM, looks=1, left=4, queries=1, matching=1, lowest=0, highest=2, **fields)


class Answering:
    """An engine that gives one answer."""

    def __init__(self, answer: Any) -> None:
        self.answer = answer
        self.restarts = 0

    async def start(self) -> None: ...
    async def close(self) -> None: ...

    async def call(self, _question: Any) -> Any:
        return self.answer

    async def stream(self, _request: Any) -> Any:
        yield self.answer


async def noted(folder: Path, question: Any, answer: Any) -> list[dict[str, Any]]:
    log = SessionLog(folder, keep=5, most=1 << 20)
    engine = RecordedEngine(Answering(answer), log, is_draft=lambda _: False, leaving=lambda: None)
    assert await engine.call(question) is answer
    await engine.close()
    entries = reading.read(logs(folder)[0]).entries if logs(folder) else ()
    return [{name: getattr(entry, name) for name in entry.__struct_fields__ if name != "at"} for entry in entries]


@pytest.mark.parametrize(
    ("question", "answer", "wanted"),
    [
        pytest.param(
            KeepJudgment(dataset="demo", judgment=JUDGMENT),
            Outcome(done=True, now=KEPT),
            {"doc_id": "d1", "grade": 2, "query": "sugar", "rank": 3, "why": "names it", "undone": False},
            id="judged",
        ),
        pytest.param(
            ClearJudgment(dataset="demo", query_id="q1", query_text="sugar", doc_id="d1"),
            Outcome(done=True, now=None),
            {"doc_id": "d1", "grade": None, "query_id": "q1", "source": "own"},
            id="cleared",
        ),
        pytest.param(
            UndoJudgment(dataset="demo", revision=2), Outcome(done=True, now=KEPT),
            {"doc_id": "d1", "grade": 2, "undone": True}, id="undone",
        ),
        pytest.param(
            KeepRemark(dataset="demo", remark=NOTE), RemarkOutcome(done=True, now=KeptRemark(revision=1, remark=NOTE)),
            {"what": "note", "text": "wrong sense", "doc_id": "d1", "dropped": False}, id="noted",
        ),
        pytest.param(
            DropRemark(dataset="demo", remark=Remark(kind="tag", doc_id="d1", text="negation")), None,
            {"what": "tag", "text": "negation", "dropped": True}, id="a tag taken away",
        ),
        pytest.param(
            JudgePooled(pooling=POOLING, item=ITEM, grade=2, seconds=1.0, looks=0), pooled(kept=JUDGMENT),
            {"doc_id": "d1", "grade": 2, "query": "sugar", "rank": 3, "undone": False}, id="judged in a pool",
        ),
        pytest.param(
            UndoPooled(pooling=POOLING, looks=2), pooled(),
            {"doc_id": "d1", "grade": None, "query_id": "q1", "undone": True}, id="undone in a pool",
        ),
        pytest.param(
            KeepPreference(dataset="demo", preference=Preference(query_text="x", left="a", right="b", choice="tie")), 7,
            {"left": "a", "right": "b", "choice": "tie", "query": "x"}, id="preferred",
        ),
    ],
)  # fmt: skip
async def test_what_was_judged_noted_and_preferred_is_logged(
    tmp_path: Path, question: Any, answer: Any, wanted: dict[str, Any]
) -> None:
    (entry,) = await noted(tmp_path, question, answer)
    assert entry["dataset"] == "demo"
    assert {name: entry[name] for name in wanted} == wanted


@pytest.mark.parametrize(
    ("question", "answer"),
    [
        pytest.param(KeepJudgment(dataset="demo", judgment=JUDGMENT), Outcome(done=False, now=KEPT), id="refused"),
        pytest.param(UndoJudgment(dataset="demo", revision=2), Outcome(done=False, now=KEPT), id="not undone"),
        pytest.param(
            KeepRemark(dataset="demo", remark=NOTE), RemarkOutcome(done=False, now=None), id="a note that was refused"
        ),
        pytest.param(
            JudgePooled(pooling=POOLING, item=ITEM, grade=None, seconds=1.0, looks=0), pooled(), id="passed over"
        ),
        pytest.param(UndoPooled(pooling=POOLING, looks=1), pooled(), id="nothing undone in a pool"),
        pytest.param(ReadHealth(), None, id="another question"),
    ],
)
async def test_what_did_not_come_about_is_not_logged(tmp_path: Path, question: Any, answer: Any) -> None:
    assert await noted(tmp_path, question, answer) == []


async def test_an_evaluation_is_logged_with_what_it_takes_to_ask_for_it_again_and_with_its_means(
    tmp_path: Path,
) -> None:
    result = SystemResult(system="bm25", queries=3, means={"nDCG@10": 0.5, "AP": None}, seconds=1.0)
    log = SessionLog(tmp_path, keep=5, most=1 << 20)
    ended = EvaluateFinished(request="r", results=(result,))
    engine = RecordedEngine(Answering(ended), log, is_draft=lambda _: False, leaving=lambda: None)
    asked = EvaluateRequest(
        id="r", dataset="demo", systems=("bm25",), measures=("nDCG@10", "AP"), limit=3, depth=50, subset="sugar",
        per_query=False,
    )  # fmt: skip
    assert [event async for event in engine.stream(asked)] == [ended]
    await engine.close()
    ((evaluated, means),) = reading.read(logs(tmp_path)[0]).evaluations
    assert evaluated.request("r") == asked
    assert means is not None
    assert [(each.system, each.measures) for each in means.results] == [("bm25", {"nDCG@10": 0.5, "AP": None})]
