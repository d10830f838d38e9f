"""Keeping notes, tags and bookmarks, and finding them again."""

from __future__ import annotations

from zsr_tui.api import notes as ask
from zsr_tui.engine.answers import Answers
from zsr_tui.engine.judging.judge import scale
from zsr_tui.engine.judging.shelf import KeptShelf
from zsr_tui.judging.keeping.rows import query_key


def answers(shelf: KeptShelf) -> Answers:
    return {
        ask.KeepRemark: lambda asked: keep(shelf, asked),
        ask.DropRemark: lambda asked: shelf.of(asked.dataset).remarks.drop(asked.remark),
        ask.ReadRemarks: lambda asked: read(shelf, asked),
        ask.ReadKept: lambda asked: read_kept(shelf, asked),
        ask.CountTags: lambda asked: shelf.of(asked.dataset).remarks.tags(asked.query_ids),
        ask.Review: lambda asked: shelf.of(asked.dataset).reviewing.page(
            asked.match, asked.kinds, asked.offset, asked.limit
        ),
    }


def keep(shelf: KeptShelf, asked: ask.KeepRemark) -> ask.RemarkOutcome:
    """Raises `Problem` for a remark about nothing, without a name, or too long."""
    title = shelf.title(asked.dataset, asked.remark.doc_id)
    return shelf.of(asked.dataset).remarks.keep(asked.remark, title, seen=asked.seen, over=asked.over)


def read(shelf: KeptShelf, asked: ask.ReadRemarks) -> tuple[ask.KeptRemark, ...]:
    return shelf.of(asked.dataset).remarks.read(asked, asked.doc_id, asked.kinds)


def read_kept(shelf: KeptShelf, asked: ask.ReadKept) -> ask.KeptOfQuery:
    of = shelf.of(asked.dataset)
    return ask.KeptOfQuery(
        judgments=of.judgments.page(asked).items if query_key(asked) else (),
        remarks=(*(of.remarks.read(asked) if query_key(asked) else ()), *of.remarks.of_documents()),
        scale=scale(shelf, asked.dataset),
        chunked=shelf.library.corpus(asked.dataset).corpus.chunked,
    )
