"""What the Compare screen tells the application, and what its workers tell it."""

from __future__ import annotations

from dataclasses import dataclass

from textual.message import Message

from zsr_tui.api.events import AnyEvent, Ranking
from zsr_tui.domain import Problem


@dataclass
class HistoryChanged(Message):
    """A query was typed; `history` has the newest last."""

    history: list[str]


@dataclass
class LiveChanged(Message):
    """Whether lists follow the query line while it is typed."""

    on: bool


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
class SystemsTaken(Message):
    """The systems that are compared are these from now on, for the setup and for evaluations too."""

    systems: tuple[str, ...]
