"""What the Compare screen tells the application, and what its workers tell it."""

from __future__ import annotations

from dataclasses import dataclass

from textual.message import Message

from zsr_tui.api.events import AnyEvent, Ranking
from zsr_tui.api.requests import DocumentView, QueryPage, Status, SystemHead
from zsr_tui.domain import Problem


@dataclass
class HistoryChanged(Message):
    """A query was typed; `history` has the newest last."""

    history: list[str]


@dataclass
class Received(Message):
    """An event of a search's stream."""

    event: AnyEvent

    def can_replace(self, message: Message) -> bool:
        """A newer state of the same list makes this one needless."""
        newer = message.event if isinstance(message, Received) else None
        older = self.event
        return (
            isinstance(older, Ranking)
            and isinstance(newer, Ranking)
            and (older.request, older.system) == (newer.request, newer.system)
        )


@dataclass
class Ended(Message):
    """A search's stream is over; `problem` if it was refused."""

    request: str
    problem: Problem | None = None


@dataclass
class DatasetCounted(Message):
    """How many documents and queries the dataset has; None where that is not known."""

    docs: int | None
    queries: int | None


@dataclass
class SystemsKnown(Message):
    """Labels and parameters of the systems, before any search."""

    heads: tuple[SystemHead, ...]


@dataclass
class StatusKnown(Message):
    """What the engine is doing; None where it did not answer. `restarts` counts the engines that were lost unseen."""

    status: Status | None
    restarts: int = 0


@dataclass
class QueryLookedUp(Message):
    """The dataset's query at a position; the page is empty past the last one."""

    position: int
    page: QueryPage


@dataclass
class DocumentRead(Message):
    """A document that was asked for with `query`, or the sentence that says why it did not come."""

    doc_id: str
    query: str
    document: DocumentView | None = None
    problem: str = ""
