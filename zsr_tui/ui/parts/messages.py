"""What rooms tell the application. Rooms do not know each other: what one wants opened in another, the app opens."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from textual.message import Message

if TYPE_CHECKING:
    from zsr_tui.api.pooling import Filtered, OneQuery
    from zsr_tui.client.protocol import EngineApi
    from zsr_tui.selection import QuerySelection


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """What Compare shows first. `doc_id` is sought in list number `active` (from 0) and gets the cursor there.
    Movements are counted against list number `reference` (from 0), or the last one where there are fewer. `back`: it is
    opened over another screen, and Escape leads back to that. `draft` stands in the query line, which has the focus
    where the user is `typing`: what was begun on the screen before goes on. `live`: lists follow the query line while
    it is typed. `change_of`: the text and id of the dataset query that `query` is a change of; `after`: the query as
    the screen before knew it (a `Version`), with what its lists were before it was changed. `weighed`: the systems with
    weights that were moved and not taken over, () where none were."""

    dataset: str
    systems: tuple[str, ...]
    query: str = ""
    qid: str | None = None
    doc_id: str | None = None
    active: int = 0
    depth: int = 100
    reference: int = 0
    drop_self: bool = True
    back: bool = False
    draft: str = ""
    typing: bool = False
    live: bool = False
    change_of: tuple[str, str] | None = None
    after: Any = None
    weighed: tuple[str, ...] = ()


@dataclass
class CompareWanted(Message):
    """A query of an evaluation in Compare."""

    comparison: Comparison


@dataclass(frozen=True, slots=True)
class KnownList:
    """The ids of a system's list. `provisional`: it is still made, or ended before its time, so that its ranks are not
    the last word."""

    ids: tuple[str, ...]
    provisional: bool = False


Lists = Callable[[], tuple[KnownList, ...]]  # of every system, as they stand when they are looked at


@dataclass(frozen=True, slots=True, kw_only=True)
class Explainable:
    """A document's score that can be explained: in which of the systems (a place, from 0), and for which query.
    `lists` of every system where they are known, none of them where they are not; `ranking` has the ids of the list
    that it was chosen in, where that is all that is known. `judged_as`: the dataset query whose judgments a typed one
    borrows. `against` a document it is compared with at once, where one is named. `pane`: a new explanation of it
    cancels the one before."""

    dataset: str
    systems: tuple[str, ...]
    system: int
    doc_id: str
    query: str = ""
    qid: str | None = None
    ranking: tuple[str, ...] = ()
    lists: Lists = tuple
    judged_as: str | None = None
    against: str = ""
    drop_self: bool = True
    pane: str = ""

    @property
    def order(self) -> tuple[str, ...]:
        """The ids of the list that it was chosen in, as it stands."""
        known = self.lists()
        return known[self.system].ids if known else self.ranking


class WindowWanted(Message):
    """A window above the screens that are open."""


@dataclass
class ExplanationWanted(WindowWanted):
    """Why a document has its score. `engine` is who is asked, where that is not the application's."""

    about: Explainable
    engine: EngineApi | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Poolable:
    """Lists whose unjudged documents can be judged one after the other; `measures` to count by what is at stake, the
    one that is meant first."""

    dataset: str
    about: OneQuery | Filtered
    measures: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Duellists:
    """Systems, two of which at a time are compared without their names: on a query that comes first (`position` is its
    place in the dataset) and those of the dataset, or with the stored lists of an `evaluation`, on the queries of the
    `selection`, the two systems of it."""

    dataset: str
    systems: tuple[str, ...]
    query: str = ""
    qid: str | None = None
    position: int | None = None
    depth: int = 100
    drop_self: bool = True
    evaluation: str = ""
    selection: QuerySelection | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Axiomatic:
    """Lists that axioms can be held against: those of a query, by system as they stand, or all of an `evaluation`."""

    dataset: str
    systems: tuple[str, ...] = ()
    lists: Lists = tuple
    query: str = ""
    qid: str | None = None
    evaluation: str = ""
    drop_self: bool = True
    pane: str = ""


@dataclass
class AxiomsWanted(WindowWanted):
    """How often lists agree with the axioms of retrieval."""

    about: Axiomatic


@dataclass
class QueriesWanted(WindowWanted):
    """The queries behind a number of an evaluation. `group`: the name of the group of queries that the selection has,
    if it has one."""

    evaluation: str
    selection: QuerySelection
    group: str = ""


@dataclass
class FailuresWanted(WindowWanted):
    """Why the system of the selection fails."""

    evaluation: str
    selection: QuerySelection


@dataclass
class NothingToLeave(Message):
    """Escape, where it had nothing to do."""
