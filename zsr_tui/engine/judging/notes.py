"""Keeping notes, tags and bookmarks, and finding them again."""

from __future__ import annotations

from zsr_tui.api import notes as ask
from zsr_tui.engine.answers import Answers
from zsr_tui.engine.judging.shelf import KeptShelf


def answers(shelf: KeptShelf) -> Answers:
    return {
        ask.KeepRemark: lambda asked: keep(shelf, asked),
        ask.DropRemark: lambda asked: shelf.of(asked.dataset).remarks.drop(asked.remark),
        ask.ReadRemarks: lambda asked: read(shelf, asked),
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
