"""What a session log holds, line by line: a header, then entries as they came about.

A log may come from somebody else: every text and number has a bound here, so that what can be decoded can be shown.
"""

from __future__ import annotations

from typing import Annotated

import msgspec

from zsr_tui.api.requests import EvaluateRequest, SearchRequest
from zsr_tui.domain import LONGEST_QUERY

VERSION = 1  # of the format; a reader refuses a later one
MOST_LISTS = 40  # of a request
MOST_ROWS = 1000  # of a list
MOST_QUERIES = 100_000  # of an evaluation that are named
TITLES = 10  # rows of a list that are kept with their titles
TITLE = 1000  # characters of one

Name = Annotated[str, msgspec.Meta(max_length=20_000)]
Words = Annotated[str, msgspec.Meta(max_length=2 * LONGEST_QUERY)]
Time = Annotated[str, msgspec.Meta(max_length=40)]  # UTC, ISO 8601, seconds
Count = Annotated[int, msgspec.Meta(ge=0, le=1 << 53)]
Rank = Annotated[int, msgspec.Meta(ge=0, le=1_000_000_000)]
Grade = Annotated[int, msgspec.Meta(ge=-(1 << 31), le=1 << 31)]
Systems = Annotated[tuple[Name, ...], msgspec.Meta(max_length=MOST_LISTS)]
Measures = Annotated[dict[Name, float | None], msgspec.Meta(max_length=100)]


class Version(msgspec.Struct):
    """What every version of a log's first line and of a finding has."""

    zsr_tui_session: int | None = None
    zsr_tui_finding: int | None = None


class Header(msgspec.Struct, frozen=True, kw_only=True):
    """The first line. `session` is the version of the format, `program` that of zsr-tui."""

    session: Annotated[int, msgspec.Meta(ge=1, le=VERSION)] = msgspec.field(name="zsr_tui_session")
    program: Name = ""
    began: Time = ""


class Entry(msgspec.Struct, frozen=True, kw_only=True, tag_field="kind"):
    at: Time


class Asked(Entry, frozen=True, kw_only=True, tag="asked"):
    """A query as it was sent. `number` counts them; `again`: one list asked by itself, because there was more of its
    index."""

    number: Count
    dataset: Name
    systems: Systems
    query: Words = ""
    qid: Name | None = None
    judged_as: Name | None = None
    depth: Annotated[int, msgspec.Meta(ge=1, le=MOST_ROWS)] = 100
    drop_self: bool = True
    again: bool = False

    def request(self, id: str) -> SearchRequest:
        """The same once more."""
        return SearchRequest(
            id=id, dataset=self.dataset, systems=self.systems, query=self.query, qid=self.qid, depth=self.depth,
            drop_self=self.drop_self, judged_as=self.judged_as, pane=id,
        )  # fmt: skip


class Listed(msgspec.Struct, frozen=True, kw_only=True, array_like=True):
    """A place of a list."""

    doc_id: Name
    score: float | None = None
    grade: Grade | None = None


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """What one system found. `whole`: its last ranking came; `searched` documents of all where its index was not
    finished. A measure without a value is None. `titles` of its first rows; `problem` in a sentence."""

    system: Name
    label: Name = ""
    rows: Annotated[tuple[Listed, ...], msgspec.Meta(max_length=MOST_ROWS)] = ()
    titles: Annotated[tuple[Words, ...], msgspec.Meta(max_length=TITLES)] = ()
    measures: Measures | None = None
    precision: Name = ""
    milliseconds: float | None = None
    searched: tuple[Count, Count] | None = None
    whole: bool = False
    problem: Words = ""


class Answered(Entry, frozen=True, kw_only=True, tag="answered"):
    """What came for the query of that `number`: its text and id in the dataset as the engine has them."""

    number: Count
    query: Words = ""
    qid: Name | None = None
    relevant: Count = 0
    lists: Annotated[tuple[Answer, ...], msgspec.Meta(max_length=MOST_LISTS)] = ()
    problem: Words = ""


class Placed(Entry, frozen=True, kw_only=True, tag="placed"):
    """Where the user was: what Compare showed, the cursor (`doc_id` in list `active`, from 0), the reference list, and
    the place in the table of keys that was before them. `change_of`: text and id of the query that this one is a change
    of. `weighed`: the systems as their lists stood, where weights had been moved."""

    dataset: Name
    systems: Systems
    weighed: Systems = ()
    query: Words = ""
    qid: Name | None = None
    change_of: tuple[Words, Name] | None = None
    depth: Annotated[int, msgspec.Meta(ge=1, le=MOST_ROWS)] = 100
    drop_self: bool = True
    live: bool = False
    active: Annotated[int, msgspec.Meta(ge=0, lt=MOST_LISTS)] = 0
    reference: Annotated[int, msgspec.Meta(ge=0, lt=MOST_LISTS)] = 0
    doc_id: Name | None = None
    screen: Name = "compare"


class Opened(Entry, frozen=True, kw_only=True, tag="opened"):
    """A document was read on the whole screen."""

    dataset: Name
    doc_id: Name
    query: Words = ""
    system: Name = ""


class ScoreExplained(Entry, frozen=True, kw_only=True, tag="explained"):
    """Why a document has its score in a system, or beside another document or system."""

    dataset: Name
    system: Name
    doc_id: Name
    query: Words = ""
    qid: Name | None = None
    stage: Name = ""
    against: Name = ""
    score: float | None = None


class Varied(Entry, frozen=True, kw_only=True, tag="varied"):
    """Variants of a query were searched."""

    dataset: Name
    systems: Systems
    query: Words


class Evaluated(Entry, frozen=True, kw_only=True, tag="evaluated"):
    """An evaluation was asked for. `number` counts them, 0 in a log of before they were repeated. Of which queries, as
    an `EvaluateRequest` says."""

    dataset: Name
    systems: Systems
    measures: Annotated[tuple[Name, ...], msgspec.Meta(max_length=1000)] = ()
    number: Count = 0
    runs: Systems = ()
    limit: Annotated[int, msgspec.Meta(ge=1)] | None = None
    depth: Annotated[int, msgspec.Meta(ge=1, le=1_000_000)] = 1000
    drop_self: bool = True
    subset: Words = ""
    qids: Annotated[tuple[Name, ...], msgspec.Meta(max_length=MOST_QUERIES)] | None = None

    def request(self, id: str) -> EvaluateRequest:
        """The same once more, of the measures alone."""
        return EvaluateRequest(
            id=id, dataset=self.dataset, systems=self.systems, measures=self.measures, runs=self.runs,
            limit=self.limit, depth=self.depth, drop_self=self.drop_self, subset=self.subset, qids=self.qids,
            per_query=False,
        )  # fmt: skip


class Means(msgspec.Struct, frozen=True, kw_only=True):
    """What an evaluation gave one system; `problem` where it could not finish."""

    system: Name
    measures: Measures = {}
    precision: Name = ""
    problem: Words = ""


class EvaluationEnded(Entry, frozen=True, kw_only=True, tag="evaluation_ended"):
    """What the evaluation of that `number` gave each system, run files behind."""

    number: Count
    results: Annotated[tuple[Means, ...], msgspec.Meta(max_length=2 * MOST_LISTS)] = ()


class Judged(Entry, frozen=True, kw_only=True, tag="judged"):
    """A document was judged for a query; `grade` None: the judgment was taken away. `undone`: what stands after the
    last one was taken back."""

    dataset: Name
    doc_id: Name
    query_id: Name = ""
    query: Words = ""
    grade: Grade | None = None
    source: Name = "own"
    why: Words = ""
    system: Name = ""
    rank: Rank | None = None
    undone: bool = False


class Noted(Entry, frozen=True, kw_only=True, tag="noted"):
    """A note, a tag or a bookmark on a query, a document, or a document of a query; `dropped`: it was taken away."""

    dataset: Name
    what: Name
    doc_id: Name = ""
    query_id: Name = ""
    query: Words = ""
    text: Words = ""
    dropped: bool = False


class Preferred(Entry, frozen=True, kw_only=True, tag="preferred"):
    """One of two lists was preferred without knowing whose they were."""

    dataset: Name
    left: Name
    right: Name
    choice: Name
    query_id: Name = ""
    query: Words = ""


class Full(Entry, frozen=True, kw_only=True, tag="full"):
    """The log has all that it may hold: what was done after this is not in it."""


AnyEntry = (
    Asked
    | Answered
    | Placed
    | Opened
    | ScoreExplained
    | Varied
    | Evaluated
    | EvaluationEnded
    | Judged
    | Noted
    | Preferred
    | Full
)
