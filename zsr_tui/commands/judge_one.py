"""zsr-tui judge --grade and --clear: one document of a query."""

from __future__ import annotations

from zsr_tui import numerals
from zsr_tui.api.judging import ClearJudgment, Judgment, KeepJudgment, Outcome, ReadScale
from zsr_tui.client.protocol import EngineApi
from zsr_tui.commands.queries import query_of
from zsr_tui.commands.session import with_engine
from zsr_tui.domain import Problem
from zsr_tui.edge import say
from zsr_tui.person import own_name
from zsr_tui.text import flat


def run(dataset: str, *, qid: str, query: str, doc_id: str, grade: int | None, force: bool) -> int:
    """None clears. A judgment of somebody else's is replaced with `force` alone; the exit code is 1 where it stands.
    Raises `Problem`."""

    async def work(engine: EngineApi) -> Outcome:
        query_id, query_text = await query_of(engine, dataset, qid, query)
        judgment = Judgment(query_id=query_id, query_text=query_text, doc_id=doc_id, grade=grade or 0, who=own_name())
        if grade is not None:
            scale = await engine.call(ReadScale(dataset=dataset))
            if not scale.lowest <= grade <= scale.highest:
                raise Problem(f"the {numerals.scale(scale.lowest, scale.highest, dataset)}: give one.", usage=True)

        async def asked(seen: int, over: bool) -> Outcome:
            if grade is not None:
                return await engine.call(KeepJudgment(dataset=dataset, judgment=judgment, seen=seen, over=over))
            return await engine.call(
                ClearJudgment(
                    dataset=dataset,
                    query_id=query_id,
                    query_text=query_text,
                    doc_id=doc_id,
                    who=own_name(),
                    seen=seen,
                    over=over,
                )
            )

        outcome = await asked(0, force)
        if not outcome.done and outcome.now is not None and outcome.now.judgment.who == own_name():
            outcome = await asked(outcome.now.revision, False)
        return outcome

    outcome = with_engine(work)
    if outcome.done or outcome.now is None:
        return 0
    stands = outcome.now.judgment
    say(f"{flat(stands.who) or 'somebody'} has judged it {stands.grade}, which stays (--force replaces it)")
    return 1
