"""An entry of the review list as two lines."""

from __future__ import annotations

from zsr_tui import numerals
from zsr_tui.api.judging import Judgment, Kept
from zsr_tui.api.notes import KeptRemark, Remark, ReviewPage, TagCount
from zsr_tui.numerals import counted
from zsr_tui.text import one_line
from zsr_tui.ui.parts.copying.choice import Choice, Copyable, markdown
from zsr_tui.ui.parts.judging.marks import BOOKMARK, NOTE, TAG, mark
from zsr_tui.ui.parts.pieces import Piece, crop, joined, width_of

Item = Kept | KeptRemark
KINDS = ("judgment", "note", "tag", "bookmark")
TAGS = 8  # that are counted below the list
_GLYPHS = {"note": NOTE, "tag": TAG, "bookmark": BOOKMARK}


def about(item: Item) -> Judgment | Remark:
    return item.judgment if isinstance(item, Kept) else item.remark


def kind(item: Item) -> str:
    return "judgment" if isinstance(item, Kept) else item.remark.kind


def lines(item: Item, gutter: str, width: int) -> tuple[list[Piece], list[Piece]]:
    """`> ■2 Leftover whites and yolks   cooking-15 · bm25 6 · ann · 2026-11-27 00:36 UTC`, and what it is about."""
    entry = about(item)
    if isinstance(item, Kept):
        glyph, role = mark(item.judgment.grade, item.judgment.source)
        model = item.judgment.told.partition(" ")[2]  # what it gave on its own scale
        said = " ".join(filter(None, (model, item.judgment.why)))
    else:
        glyph, role = _GLYPHS[item.remark.kind], "reference"
        said = "" if item.remark.kind == "bookmark" else item.remark.text
    left: list[Piece] = [(gutter, "strong"), (f"{glyph:<3}", role)]
    title = one_line(item.title) or ("" if entry.doc_id else "(the query)")
    where = f"{one_line(entry.system)} {entry.rank}" if entry.rank is not None else ""
    right: list[Piece] = [
        *joined(
            [
                (text, "muted")
                for text in (one_line(entry.doc_id), where, one_line(entry.who), numerals.date(entry.when))
                if text
            ]
        ),
        (" ", "plain"),
    ]
    room = width - width_of(left) - width_of(right) - 2
    first = [*left, *crop([(title, "strong")], max(1, room))] if room > 8 else [*left, (title, "strong")]
    gap = width - width_of(first) - width_of(right)
    second: list[Piece] = [("    ", "plain")]
    if said:
        second.append((one_line(said), "text"))
    if entry.query_text or entry.query_id:
        query = one_line(entry.query_text) or f"qid {one_line(entry.query_id)}"
        second.append((f"{'  ' if said else ''}for: {query}", "muted"))
    return crop([*first, (" " * max(1, gap), "plain"), *right], width), crop(second, width)


def title(dataset: str, page: ReviewPage | None, match: str, wanted: str) -> list[Piece]:
    """`demo   12 judgments · 3 notes · 2 tags · 1 bookmark`"""
    groups: list[Piece] = []
    for each in KINDS if page is not None else ():
        count = page.counts.get(each, 0) if page is not None else 0
        groups.append((counted(count, each), "strong" if each == wanted else "muted"))
    if match:
        groups.append((f"with {one_line(match)!r}", "warning"))
    return [(f" {one_line(dataset)}   ", "strong"), *joined(groups)]


def tags(counts: tuple[TagCount, ...]) -> list[Piece]:
    """Your own kinds of failure, the most frequent first."""
    if not counts:
        return []
    found: list[Piece] = [
        (f"{TAG}{one_line(each.tag)} {counted(each.queries, 'query', 'queries')}", "text") for each in counts[:TAGS]
    ]
    more: list[Piece] = [(f"{len(counts) - TAGS} more", "muted")] if len(counts) > TAGS else []
    return joined([*found, *more])


def copyable(item: Item) -> Copyable:
    entry = about(item)
    whole = [
        f"* {kind(item)}",
        f"`{markdown(entry.doc_id)}` {markdown(item.title)}" if entry.doc_id else "",
        f"for “{markdown(entry.query_text)}”" if entry.query_text else "",
        f"grade {entry.told} ({entry.source})" if isinstance(entry, Judgment) else markdown(entry.text),
        f"{markdown(entry.who)}, {numerals.date(entry.when)}",
    ]
    choices = [Choice("m", "all of it as Markdown", " · ".join(filter(None, whole)))]
    if isinstance(entry, Remark) and entry.text:
        choices.insert(0, Choice("x", "text", entry.text))
    if entry.doc_id:
        choices.append(Choice("i", "the document's id", entry.doc_id))
    return Copyable(f"this {kind(item)}", tuple(choices))
