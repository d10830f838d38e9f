"""What a monoT5 would answer: the probabilities of its words for true and false, and of the likeliest tokens of its
whole vocabulary."""

from __future__ import annotations

from typing import Any

from zsr_tui.explanation import Part, Table
from zsr_tui.progress import CancelToken
from zsr_tui.scoring.service import ScoringService
from zsr_tui.scoring.tokens import reading

TITLE = "What it would answer"
MOST = 5  # likeliest tokens


def table(
    scoring: ScoringService, model: str, query: str, text: str, *, cancel: CancelToken | None = None, owner: str = ""
) -> Table:
    """Probabilities over the whole vocabulary. The score compares two of them alone: log(true / (true + false))."""

    def examine(scorer: Any) -> Table:
        answers = scorer.answers(query, text, MOST)
        if answers is None:
            return Table(
                title=TITLE,
                columns=("probability",),
                parts=(),
                note="This checkpoint's output layer is not kept in memory, only its rows for true and false.",
            )
        names = reading.names(scorer, [token for token, _ in answers])
        parts = tuple(
            Part(text=name, values=(probability,), note=scorer.meaning(token))
            for name, (token, probability) in zip(names, answers, strict=True)
        )
        return Table(title=TITLE, columns=("probability",), parts=parts, note="Over the whole vocabulary.")

    return scoring.examine(model, examine, cancel=cancel, owner=owner)
