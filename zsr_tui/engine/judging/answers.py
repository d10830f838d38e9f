"""Which function answers a question about judgments and notes; each file has its own."""

from __future__ import annotations

from zsr_tui.engine.answers import Answers
from zsr_tui.engine.evaluation.shelf import Shelf
from zsr_tui.engine.judging import blind, exchange, in_background, judge, notes
from zsr_tui.engine.judging.pool.answers import Pools
from zsr_tui.engine.judging.shelf import KeptShelf


def judging_answers(shelf: KeptShelf, evaluations: Shelf) -> Answers:
    pools = Pools(shelf, evaluations)
    return {
        **judge.answers(shelf),
        **notes.answers(shelf),
        **exchange.answers(shelf),
        **pools.answers(),
        **in_background.answers(shelf, pools),
        **blind.answers(shelf, evaluations),
    }
