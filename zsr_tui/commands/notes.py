"""zsr-tui notes: what was noted, tagged, bookmarked and judged, found again and added to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from zsr_tui import numerals
from zsr_tui.api.judging import Kept, ReadJudgments
from zsr_tui.api.notes import (
    CountTags,
    DropRemark,
    KeepRemark,
    KeptRemark,
    ReadRemarks,
    Remark,
    RemarkKind,
    Review,
    Reviewed,
    TagCount,
)
from zsr_tui.client.protocol import EngineApi
from zsr_tui.commands.queries import query_of
from zsr_tui.commands.session import with_engine
from zsr_tui.commands.table import print_json, table, wrapped
from zsr_tui.edge import say
from zsr_tui.person import own_name
from zsr_tui.text import flat, one_line

_PAGE = 500
_REMARKS: tuple[Reviewed, ...] = ("note", "tag", "bookmark")
Item = Kept | KeptRemark


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """What is noted of (`qid` or `query`, `doc_id`, or both): `note`, `tag` and `bookmark` add something, or with
    `remove` take it away; nothing of it lists what is there."""

    dataset: str
    qid: str
    query: str
    doc_id: str
    note: str | None
    tag: str
    bookmark: bool
    remove: bool
    force: bool
    find: str
    kinds: tuple[Reviewed, ...]
    tags: bool
    limit: int
    as_json: bool

    @property
    def changes(self) -> list[tuple[RemarkKind, str]]:
        found: list[tuple[RemarkKind, str]] = []
        if self.note is not None:
            found.append(("note", self.note))
        if self.tag:
            found.append(("tag", self.tag))
        if self.bookmark:
            found.append(("bookmark", ""))
        return found


def run(options: Options) -> int:
    """The exit code is 1 where a note was not kept. Raises `Problem`."""
    if options.tags:
        return _tags(options)
    return _change(options) if options.changes else _list(options)


def _tags(options: Options) -> int:
    async def work(engine: EngineApi) -> tuple[TagCount, ...]:
        return await engine.call(CountTags(dataset=options.dataset))

    found = with_engine(work)
    if options.as_json:
        print_json(found)
    elif found:
        rows = [[flat(each.tag), numerals.count(each.queries), numerals.count(each.targets)] for each in found]
        print(table(["tag", "queries", "on"], rows, right={1, 2}))
    else:
        print(wrapped(f"nothing of {flat(options.dataset)} is tagged."))
    return 0


def _change(options: Options) -> int:
    async def work(engine: EngineApi) -> list[KeptRemark]:
        query_id, query_text = await query_of(engine, options.dataset, options.qid, options.query)
        stand = []
        for kind, text in options.changes:
            remark = Remark(
                kind=kind, query_id=query_id, query_text=query_text, doc_id=options.doc_id, text=text, who=own_name()
            )
            if options.remove:
                await engine.call(DropRemark(dataset=options.dataset, remark=remark))
                continue
            outcome = await engine.call(KeepRemark(dataset=options.dataset, remark=remark, over=options.force))
            if not outcome.done and outcome.now is not None:
                stand.append(outcome.now)
        return stand

    stand = with_engine(work)
    for each in stand:
        say(f"you have a note there already, which stays (--force replaces it): {one_line(each.remark.text)}")
    return 1 if stand else 0


def _list(options: Options) -> int:
    async def work(engine: EngineApi) -> tuple[list[Item], int]:
        if options.qid or options.query or options.doc_id:
            query_id, query_text = await query_of(engine, options.dataset, options.qid, options.query)
            items = await _of_target(engine, options, query_id, query_text)
            return items[: options.limit], len(items)
        items, matching = list[Item](), 0
        while len(items) < options.limit:
            page = await engine.call(
                Review(
                    dataset=options.dataset,
                    match=options.find,
                    kinds=options.kinds or _REMARKS,
                    offset=len(items),
                    limit=min(_PAGE, options.limit - len(items)),
                )
            )
            items, matching = [*items, *page.items], page.matching
            if not page.items:
                break
        return items, matching

    items, matching = with_engine(work)
    if options.as_json:
        print_json(items)
    else:
        print(_as_text(items, matching, options.dataset))
    return 0


async def _of_target(engine: EngineApi, options: Options, query_id: str, query_text: str) -> list[Item]:
    """What is on a query, a document, or both, of the kinds that are wanted; the latest first."""
    kinds = options.kinds or _REMARKS
    found: list[Item] = []
    if remarks := tuple(kind for kind in kinds if kind != "judgment"):
        asked = ReadRemarks(
            dataset=options.dataset, query_id=query_id, query_text=query_text, doc_id=options.doc_id, kinds=remarks
        )
        found += await engine.call(asked)
    if "judgment" in kinds:
        page = await engine.call(ReadJudgments(dataset=options.dataset, query_id=query_id, query_text=query_text))
        found += [each for each in page.items if options.doc_id in ("", each.judgment.doc_id)]
    return sorted(found, key=_when, reverse=True)


def _when(item: Item) -> str:
    return item.judgment.when if isinstance(item, Kept) else item.remark.when


def _as_text(items: Sequence[Item], matching: int, dataset: str) -> str:
    if not items:
        return wrapped(f"nothing of {flat(dataset)} is kept that matches.")
    lines = [line for item in items for line in _lines(item)]
    if matching > len(items):
        lines.append(f"... and {matching - len(items):,} more (--limit)")
    return "\n".join(lines)


def _lines(item: Item) -> list[str]:
    if isinstance(item, Kept):
        judged = item.judgment
        about = (judged.query_id, judged.query_text, judged.doc_id, judged.who, judged.when)
        kind = "grade of a model" if judged.source == "model" else "grade"
        text = " ".join(filter(None, (judged.told, one_line(judged.why))))
    else:
        remark = item.remark
        about = (remark.query_id, remark.query_text, remark.doc_id, remark.who, remark.when)
        kind, text = remark.kind, one_line(remark.text)
    query_id, query_text, doc_id, who, when = about
    head = [numerals.date(when), flat(who), kind, text]
    where = []
    if query_text or query_id:
        where.append(" ".join(filter(None, ("query", flat(query_id), one_line(query_text)))))
    if doc_id:
        where.append(" ".join(filter(None, ("document", flat(doc_id), one_line(item.title)))))
    return [wrapped("  ".join(filter(None, head)), 4), *(wrapped(f"    {each}", 6) for each in where)]
