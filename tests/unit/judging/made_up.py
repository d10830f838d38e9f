"""A small dataset to hold files against."""

from __future__ import annotations

from zsr_tui.api.judging import Judgment
from zsr_tui.domain import Query
from zsr_tui.judging.checking import Dataset
from zsr_tui.text import same_text

QUERIES = {"q1": "does bread rise", "q2": "what is leaven", "3": "why salt"}
DOCUMENTS = {f"d{number}" for number in range(1, 41)}
KITCHEN = Dataset(
    id="kitchen",
    by_id=lambda id: Query(id, QUERIES[id]) if id in QUERIES else None,
    by_text=lambda text: next(
        (Query(id, query) for id, query in QUERIES.items() if same_text(query) == same_text(text)), None
    ),
    documents=lambda ids: DOCUMENTS & set(ids),
    scale=(0, 2),
)


def judged(query: str, document: str, grade: int, who: str = "anna", when: str = "", **more: object) -> Judgment:
    about = {"query_id": query, "query_text": QUERIES[query]} if query in QUERIES else {"query_text": query}
    return Judgment(**about, doc_id=document, grade=grade, who=who, when=when, **more)  # type: ignore[arg-type]
