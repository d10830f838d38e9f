"""A document with another text: "would it rank if it said ...". Nothing in the corpus changes."""

from __future__ import annotations

import msgspec

from zsr_tui.api.questions import Question


class EditedScore(msgspec.Struct, frozen=True, kw_only=True):
    """What one system makes of it. `before` is the score of the document as it is, by the same way; both are None where
    `why_not` says why the system cannot say. `cut`: the model saw only the beginning of the edited text. `given`: the
    score holds if the document is among the candidates that the system reranks."""

    before: float | None = None
    after: float | None = None
    why_not: str = ""
    cut: bool = False
    given: bool = False


class ScoreEdited(Question[tuple[EditedScore, ...]], frozen=True, kw_only=True):
    """One answer for each of `systems`, in order; `text` stands in place of the document's."""

    dataset: str
    doc_id: str
    text: str
    query: str
    systems: tuple[str, ...]
