"""Having a model judge documents: what is asked. The answer is a stream: see `zsr_tui.api.events`.

POST /judge
"""

from __future__ import annotations

import msgspec


class ToJudge(msgspec.Struct, frozen=True, kw_only=True):
    """A document of a query; `system` and `rank` say where it was seen."""

    doc_id: str
    query_id: str = ""
    query_text: str = ""
    system: str = ""
    rank: int | None = None


class ModelJudgeRequest(msgspec.Struct, frozen=True, kw_only=True):
    """A model's grades for `documents` that no human has judged, and for `check` documents that humans have, drawn by
    `seed` from all of the dataset. Each is kept as it comes, as the model's. What this model has judged before is left
    out, unless `again`. `address` and `model` are those of the settings where they are "". Nothing is sent without
    `spend`: the stream says what it would cost, and ends."""

    id: str
    dataset: str
    documents: tuple[ToJudge, ...] = ()
    check: int = 0
    seed: int = 0
    address: str = ""
    model: str = ""
    again: bool = False
    spend: bool = False
