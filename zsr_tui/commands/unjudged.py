"""What the dataset leaves unjudged in the first documents of several lists, for a command that has it judged."""

from __future__ import annotations

from contextlib import aclosing
from dataclasses import dataclass
from typing import Any

from zsr_tui.api.model_judging import ToJudge
from zsr_tui.api.questions import FindQueries
from zsr_tui.api.requests import QueryItem, SearchRequest
from zsr_tui.client.protocol import EngineApi
from zsr_tui.commands import subset
from zsr_tui.commands.batch import in_order
from zsr_tui.commands.query_file import FileQuery
from zsr_tui.commands.search import MEASURED_DEPTH, collect
from zsr_tui.commands.session import ProgressLine, new_id, notations, prepare
from zsr_tui.domain import Problem
from zsr_tui.edge import say
from zsr_tui.numerals import counted
from zsr_tui.progress import Progress
from zsr_tui.text import flat

_PAGE = 1000
_NAMED = 20  # ids that are told


@dataclass(frozen=True, slots=True, kw_only=True)
class Pool:
    """The first `depth` of the systems' lists, for one query, or for those of the dataset that are meant."""

    dataset: str
    systems: tuple[str, ...]
    query: str
    qid: str | None
    subset: str
    limit: int | None
    depth: int
    keep_self: bool


async def unjudged(engine: EngineApi, pool: Pool) -> list[ToJudge]:
    """That the dataset has no judgment of, in the order of the queries and of the ranks; the engine leaves out what
    somebody has judged since (`ModelJudgeRequest`). Raises `Problem` where a system cannot run."""
    named = await notations(engine, pool.systems)
    problems = await prepare(engine, pool.dataset, named)
    if problems:
        raise Problem("nothing was sent: the systems above cannot run.")
    queries = await _queries(engine, pool)
    found: dict[tuple[str, str], ToJudge] = {}

    async def search(query: FileQuery) -> dict[str, Any]:
        request = SearchRequest(
            id=new_id(),
            dataset=pool.dataset,
            systems=named,
            query=query.text,
            qid=query.id or None,
            depth=max(pool.depth, MEASURED_DEPTH),
            drop_self=not pool.keep_self,
            passages=False,
            unfinished=False,
        )
        return await collect(engine, request, pool.depth)

    line, done = ProgressLine(), 0
    try:
        async with aclosing(in_order(search, queries)) as results:
            async for result in results:
                done += 1
                line.show(Progress(f"Searching {pool.dataset}", done, len(queries), "queries"))
                for rank in range(pool.depth):
                    for system in result["systems"]:
                        if system["failed"]:
                            raise Problem(f"{system['system']}: {system['failed']}")
                        if rank < len(system["rows"]) and system["rows"][rank]["grade"] is None:
                            one = ToJudge(
                                doc_id=system["rows"][rank]["doc_id"],
                                query_id=result["qid"] or "",
                                query_text=result["query"],
                                system=system["system"],
                                rank=rank + 1,
                            )
                            found.setdefault((one.query_id or one.query_text, one.doc_id), one)
    finally:
        line.clear()
    return list(found.values())


async def _queries(engine: EngineApi, pool: Pool) -> list[FileQuery]:
    if pool.query or pool.qid is not None:
        return [FileQuery(pool.qid or "", pool.query)]
    chosen = subset.parse(pool.subset)
    items: list[QueryItem] = []
    while page := (await engine.call(FindQueries(dataset=pool.dataset, offset=len(items), limit=_PAGE))).items:
        items += page
    if unknown := set(chosen.qids or ()) - {each.id for each in items}:
        named = [flat(qid) for qid in chosen.qids or () if qid in unknown]
        listed = counted(len(named), "listed query id is", "listed query ids are")
        which = f"{', '.join(named[:_NAMED])}{', ...' if len(named) > _NAMED else ''}"
        say(f"{listed} no query of {flat(pool.dataset)}: left out ({which})")
    kept = [
        FileQuery(each.id, each.text)
        for each in items
        if (chosen.qids is None or each.id in chosen.qids) and chosen.text.casefold() in each.text.casefold()
    ]
    if not kept:
        raise Problem(
            f"no query of {pool.dataset} is meant: say other ones with --qid, --query or --subset.", usage=True
        )
    limit = min(filter(None, (pool.limit, chosen.first)), default=None)
    return kept[:limit]
