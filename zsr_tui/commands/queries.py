"""Which query a command means."""

from __future__ import annotations

from zsr_tui.api.questions import FindQueries
from zsr_tui.client.protocol import EngineApi
from zsr_tui.domain import Problem
from zsr_tui.text import same_text

_LOOKED_AT = 20  # best matches


async def query_of(engine: EngineApi, dataset: str, qid: str, query: str) -> tuple[str, str]:
    """Its id and its text; a text that the dataset has is that query, any other one has the id "". Raises `Problem` for
    an id that it does not have."""
    if not qid and not query:
        return "", ""
    page = await engine.call(FindQueries(dataset=dataset, match=qid or query, limit=_LOOKED_AT))
    for item in page.items:
        if item.id == qid or (query and same_text(item.text) == same_text(query)):
            return item.id, item.text
    if qid:
        raise Problem(f"{dataset} has no query {qid!r}.", usage=True)
    return "", query
