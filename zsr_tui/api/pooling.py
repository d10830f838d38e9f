"""Judging the unjudged documents of several lists one after the other: what is asked, and the answers.

A session is named by the screen that begins it; the engine keeps every look in the file of the dataset, and goes on
with a session after a restart.
"""

from __future__ import annotations

import msgspec

from zsr_tui.api.evaluations import Number
from zsr_tui.api.judging import Judgment, Kept
from zsr_tui.api.questions import Count, Question
from zsr_tui.selection import QuerySelection


class OneQuery(msgspec.Struct, frozen=True, kw_only=True, tag="query"):
    """The lists of a query as they were shown, ids of documents for each of `systems` (None: it has none). A change of
    one of the dataset's queries is judged as that one."""

    query_id: str = ""
    query_text: str = ""
    systems: tuple[str, ...]
    lists: tuple[tuple[str, ...] | None, ...]


class Filtered(msgspec.Struct, frozen=True, kw_only=True, tag="evaluation"):
    """The queries of a stored evaluation that match, and its lists. What is at stake is between the two systems of the
    selection, the pool is that of all."""

    evaluation: str
    selection: QuerySelection


class Pooling(msgspec.Struct, frozen=True, kw_only=True):
    """`blind`: systems are hidden and the order says nothing of ranks, see `zsr_tui.judging.pooling.block`; otherwise
    what is most at stake comes next. `depth`: of each list. Of many queries `page` (from 0) says which are pooled
    together; each page is a session of its own."""

    session: str
    dataset: str
    about: OneQuery | Filtered
    measure: str = "nDCG@10"
    depth: int = 10
    blind: bool = True
    seed: int = 0
    who: str = ""
    page: Count = 0


class Place(msgspec.Struct, frozen=True, kw_only=True):
    """Of the document in one system's list; None where that lacks it."""

    system: str
    rank: int | None


class PoolItem(msgspec.Struct, frozen=True, kw_only=True):
    """A document to be judged. The rest is not told to who judges blind: `change` is what is at stake, `grade` makes
    it, and `gains` gains it on `loses` ("" where there is one system)."""

    dataset: str
    query_id: str
    query_text: str
    doc_id: str
    change: Number = None
    grade: int | None = None
    gains: str = ""
    loses: str = ""
    places: tuple[Place, ...] = ()


class PoolView(msgspec.Struct, frozen=True, kw_only=True):
    """`item` is next, None where nothing is left; `looks` were taken in the session so far. `left` counts the unjudged
    documents of the pool that were not passed over, and those that will come again; `queries` of the `matching` ones of
    a filter are pooled, from the one at place `first` (from 0) on. `twice` documents were judged twice, `same` of them
    with the same grade. `taken`: somebody else has judged the document meanwhile, and nothing was kept: who judges it
    once more puts theirs in its place. `kept` is the judgment that was asked for; None where it was the second look at
    a document, which nobody is told."""

    item: PoolItem | None
    looks: int
    left: int
    queries: int
    matching: int
    lowest: int
    highest: int
    first: int = 0
    judged: int = 0
    passed: int = 0
    median_seconds: Number = None
    same: int = 0
    twice: int = 0
    taken: Kept | None = None
    kept: Judgment | None = None


class ReadPool(Question[PoolView], frozen=True, kw_only=True):
    """What is next."""

    pooling: Pooling


class JudgePooled(Question[PoolView], frozen=True, kw_only=True):
    """A grade for an item, None to pass it over; answered with what is next when it is on the disk. `seconds` from when
    it was shown. `looks` had been taken then: asked again after the engine was lost, it counts once. `seen`: the
    revision that `taken` told of."""

    pooling: Pooling
    item: PoolItem
    grade: int | None
    seconds: float
    looks: Count
    seen: Count = 0


class UndoPooled(Question[PoolView], frozen=True, kw_only=True):
    """Take the last of so many `looks` of the session back: its document is next. Where there are not as many, nothing
    changes."""

    pooling: Pooling
    looks: Count


class SystemEffect(msgspec.Struct, frozen=True, kw_only=True):
    """The measure of a system over the queries of the pool, without and with one's own judgments. The rest is against
    the first system, None for itself; `low` and `high` of the difference with them, None for a single query."""

    system: str
    before: Number
    after: Number
    difference_before: Number = None
    difference_after: Number = None
    low: Number = None
    high: Number = None


class Disagreement(msgspec.Struct, frozen=True, kw_only=True):
    """With oneself: the first grade counts."""

    query_id: str
    query_text: str
    doc_id: str
    first: int
    second: int


class AllSessions(msgspec.Struct, frozen=True, kw_only=True):
    """Of one person in the datasets of the pool: as a `PoolEffect` says of one session."""

    sessions: int
    judged: int
    same: int
    twice: int
    kappa: Number
    median_seconds: Number


class PoolEffect(msgspec.Struct, frozen=True, kw_only=True):
    """`own` judgments of one's own, all of them, count for the queries of the pool; `unjudged` documents are left in
    the first `depth` of all lists. `kappa` with oneself is None for a few, where it says next to nothing."""

    measure: str
    queries: int
    own: int
    unjudged: int
    systems: tuple[SystemEffect, ...]
    same: int
    twice: int
    kappa: Number
    disagreements: tuple[Disagreement, ...]
    median_seconds: Number
    all_sessions: AllSessions | None = None  # None where this is the only one


class ReadPoolEffect(Question[PoolEffect], frozen=True, kw_only=True):
    """What judging did to the systems. Not for the eyes of who goes on blind."""

    pooling: Pooling
