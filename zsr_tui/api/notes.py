"""Notes, tags and bookmarks on queries, documents and pairs of both: what is asked, and the answers."""

from __future__ import annotations

from typing import Literal

import msgspec

from zsr_tui.api.judging import Kept, Scale
from zsr_tui.api.questions import Count, Question

RemarkKind = Literal["note", "tag", "bookmark"]


class Remark(msgspec.Struct, frozen=True, kw_only=True):
    """`text` is the note's text or the tag's name, "" for a bookmark. It is about a query (`doc_id` is ""), a document
    (the query is ""), or a document of a query. The other fields as in `zsr_tui.api.judging.Judgment`."""

    kind: RemarkKind
    query_id: str = ""
    query_text: str = ""
    doc_id: str = ""
    text: str = ""
    who: str = ""
    when: str = ""
    system: str = ""
    rank: int | None = None


class KeptRemark(msgspec.Struct, frozen=True, kw_only=True, tag="remark"):
    """`revision` is another after every change."""

    revision: int
    remark: Remark
    title: str = ""  # of the document


class RemarkOutcome(msgspec.Struct, frozen=True, kw_only=True):
    """As `Outcome` of judgments."""

    done: bool
    now: KeptRemark | None


class KeepRemark(Question[RemarkOutcome], frozen=True, kw_only=True):
    """Answered when it is on the disk. A person has one note on each target: another text replaces it, an empty one
    takes it away, and `seen` and `over` are as for judgments. Tags and bookmarks are everybody's; keeping one that is
    there changes nothing."""

    dataset: str
    remark: Remark
    seen: Count = 0
    over: bool = False


class DropRemark(Question[None], frozen=True, kw_only=True):
    """Take away a tag, a bookmark or a note."""

    dataset: str
    remark: Remark


class ReadRemarks(Question[tuple[KeptRemark, ...]], frozen=True, kw_only=True):
    """What stands: of a query and all its documents, of a document (with `doc_id` alone), or of all. The latest
    first."""

    dataset: str
    query_id: str = ""
    query_text: str = ""
    doc_id: str = ""
    kinds: tuple[RemarkKind, ...] = ()


class KeptOfQuery(msgspec.Struct, frozen=True, kw_only=True):
    """All that stands of a query and its documents, and the remarks on documents whatever the query. Where `chunked`,
    lists hold chunks, and what is judged are their documents."""

    judgments: tuple[Kept, ...]
    remarks: tuple[KeptRemark, ...]
    scale: Scale
    chunked: bool = False


class ReadKept(Question[KeptOfQuery], frozen=True, kw_only=True):
    """What a screen marks in the lists of a query."""

    dataset: str
    query_id: str = ""
    query_text: str = ""


class TagCount(msgspec.Struct, frozen=True, kw_only=True):
    """How many queries a tag is on, itself or one of its documents, and on how many targets in all."""

    tag: str
    queries: int
    targets: int


class CountTags(Question[tuple[TagCount, ...]], frozen=True, kw_only=True):
    """The most frequent first. `query_ids`: of these queries alone."""

    dataset: str
    query_ids: tuple[str, ...] | None = None


Reviewed = Literal["judgment", "note", "tag", "bookmark"]


class ReviewPage(msgspec.Struct, frozen=True, kw_only=True):
    """`matching` counts what was found, `counts` that by kind."""

    matching: int
    counts: dict[str, int]
    items: tuple[Kept | KeptRemark, ...]


class Review(Question[ReviewPage], frozen=True, kw_only=True):
    """All that was kept, the latest first. `match`: every word of it stands in the text, the reason, the query, the
    document's title or id, or the names; in any script, without regard to case and accents."""

    dataset: str
    match: str = ""
    kinds: tuple[Reviewed, ...] = ()  # () for all
    offset: Count = 0
    limit: Count = 100
