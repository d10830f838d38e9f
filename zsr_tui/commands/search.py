"""zsr-tui search: one query against several systems, as text or JSON."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from rich.cells import cell_len

from zsr_tui.api.events import DocHead, Heads, Measured, Ranking, SearchStarted, SystemFailed
from zsr_tui.api.judging import MeasureLists, ReadJudgments
from zsr_tui.api.requests import SearchRequest
from zsr_tui.client.protocol import EngineApi
from zsr_tui.commands.session import new_id, notations, prepare, watched, with_engine
from zsr_tui.commands.table import print_json, room, shortened, wrapped
from zsr_tui.domain import OWN_TOO, Approximation, Problem, document_of, relevant_from
from zsr_tui.edge import say
from zsr_tui.numerals import amount, counted
from zsr_tui.text import about_terms, flat, one_line

SHOWN = 10  # rows, where nothing is said
MEASURED_DEPTH = 100  # however few rows are printed: R@100 needs them
_WIDTH = 100  # characters of a passage, where a document has no title
UNJUDGED, NOT_RELEVANT, RELEVANT = "·", "○", "●"
OWN, OWN_NOT = "■", "□"


def run(
    dataset: str,
    systems: tuple[str, ...],
    *,
    query: str,
    qid: str | None,
    depth: int | None,
    keep_self: bool,
    as_json: bool,
) -> int:
    """Prints the lists and returns the exit code: 1 if a system failed, or could search only a part of the documents.
    What stops all of them is in the JSON too."""
    said: dict[str, str] = {}
    shown = depth or SHOWN

    async def work(engine: EngineApi) -> dict[str, Any]:
        named = await notations(engine, systems)
        try:
            said.update(await prepare(engine, dataset, named))
        except Problem as problem:
            if problem.usage or not as_json:
                raise
            said.update(dict.fromkeys(named, problem.message))
            say(problem.message)
            lists = [_empty(notation) | {"failed": problem.message} for notation in named]
            return {"dataset": dataset, "systems": lists, "query": query, "qid": qid, "relevant": None}
        request = SearchRequest(
            id=new_id(),
            dataset=dataset,
            systems=named,
            query=query,
            qid=qid,
            depth=max(shown, MEASURED_DEPTH),
            drop_self=not keep_self,
        )
        ids: dict[int, tuple[str, ...]] = {}
        found = await collect(engine, request, shown, ids)
        await with_own(engine, found, ids, request.depth)
        return found

    result = with_engine(work)
    if as_json:
        print_json(result)
    else:
        print(_as_text(result))
    failed = [system for system in result["systems"] if system["failed"]]
    for system in failed:
        if said.get(system["system"]) != system["failed"]:
            say(f"{system['system']}: {system['failed']}")
    return 1 if failed or any(system["searched"] for system in result["systems"]) else 0


async def with_own(engine: EngineApi, found: dict[str, Any], lists: dict[int, tuple[str, ...]], asked: int) -> None:
    """Adds the user's own judgments of the query, where there are any, and what the measures are with them. Lists of
    `asked` documents were wanted."""
    query = {"dataset": found["dataset"], "query_id": found["qid"] or "", "query_text": found["query"]}
    judged = await engine.call(ReadJudgments(**query, sources=("own",)))
    if not judged.items:
        return
    own = {kept.judgment.doc_id: kept.judgment.grade for kept in judged.items}
    names = tuple(found["systems"][system]["system"] for system in lists)
    wanted = MeasureLists(**query, lists=tuple(lists.values()), unions=(OWN_TOO,), systems=names, asked=asked)
    (measured,) = await engine.call(wanted)
    for system, over in zip(lists, measured.lists, strict=True):
        found["systems"][system]["with_own"] = over.values
    for row in (row for system in found["systems"] for row in system["rows"]):
        row["own"] = own.get(row.get("document", row["doc_id"]))
    found["own"] = len(own)


async def collect(
    engine: EngineApi, request: SearchRequest, shown: int, lists: dict[int, tuple[str, ...]] | None = None
) -> dict[str, Any]:
    """The lists as JSON has them, `shown` rows of each; `document` is the one that a chunk is of. `lists` takes all ids
    of each."""
    known: dict[str, DocHead] = {}
    chunked = False
    systems = [_empty(notation) for notation in request.systems]
    result: dict[str, Any] = {"dataset": request.dataset, "systems": systems}
    async for event in watched(engine.stream(request)):
        match event:
            case SearchStarted():
                chunked = event.chunked
                result |= {"query": event.query, "qid": event.qid, "relevant": event.relevant}
            case Heads(heads=heads):
                known |= heads
            case Ranking(final=True):
                if lists is not None:
                    lists[event.system] = tuple(row.doc_id for row in event.rows)
                systems[event.system] |= {
                    "milliseconds": round(event.elapsed_ms, 1),
                    "dropped_self": event.dropped_self,
                    "precision": event.precision,
                    "device": event.device,
                    "approximate": [asdict(each) for each in event.approximate],
                    "notes": [sentence for _, sentence in event.told],
                    "searched": dict(zip(("documents", "of"), event.searched, strict=True)) if event.searched else None,
                    "rows": [
                        {
                            "rank": rank,
                            "doc_id": row.doc_id,
                            **({"document": document_of(row.doc_id)} if chunked else {}),
                            "score": row.score,
                            "grade": row.grade,
                            "title": known[row.doc_id].title,
                        }
                        | (
                            {"passage": known[row.doc_id].passage, "matches": known[row.doc_id].matches}
                            if request.passages
                            else {}
                        )
                        for rank, row in enumerate(event.rows[:shown], start=1)
                    ],
                }
            case Measured(system=system, values=values):
                systems[system]["measures"] = values
            case SystemFailed(system=system, problem=problem):
                systems[system]["failed"] = problem.message
    return result


def _empty(notation: str) -> dict[str, Any]:
    return {
        "system": notation,
        "rows": [],
        "measures": None,
        "dropped_self": 0,
        "precision": "",
        "device": "",
        "approximate": [],
        "notes": [],
        "searched": None,
        "milliseconds": None,
        "failed": None,
    }


def _as_text(result: dict[str, Any]) -> str:
    judged = f"qid {flat(result['qid'])}, {result['relevant']} relevant" if result["qid"] else "no judgments"
    lines = [wrapped(f"{flat(result['dataset'])} · {one_line(result['query'])} ({judged})", 2)]
    for system in result["systems"]:
        measures = _values(system["measures"] or {})
        self_hit = f"{counted(system['dropped_self'], 'self-hit')} dropped" if system["dropped_self"] else ""
        part = (
            f"only {amount(found['documents'], 'documents', found['of'])} are encoded"
            if (found := system["searched"])
            else ""
        )
        found_by = [str(Approximation(**each)) for each in system["approximate"]]
        facts = [flat(system["system"]), part, measures, system["precision"], *found_by, self_hit]
        lines += ["", wrapped("  ".join(filter(None, facts)), 2)]
        if over := system.get("with_own"):
            lines.append(wrapped(f"  with {counted(result['own'], 'judgment')} of your own: {_values(over)}", 2))
        ids = [flat(row["doc_id"]) for row in system["rows"]]
        width = max(map(cell_len, ids), default=0)
        rows = [
            f"{row['rank']:>4} {_mark(row['grade'])} {_own(row)}{row['score']:>9.4f}  "
            f"{id}{' ' * (width - cell_len(id))}  {_about(row)}".rstrip()
            for id, row in zip(ids, system["rows"], strict=True)
        ]
        lines += [shortened(row, room()) for row in rows]
        lines += [wrapped(f"  {one_line(note)}", 2) for note in system["notes"]]
        if not system["rows"]:
            lines.append("     nothing found" if not system["failed"] else "     failed")
    return "\n".join(lines)


def _about(row: dict[str, Any]) -> str:
    return str(row["title"]) or about_terms(row["passage"], row["matches"], _WIDTH)


def _values(measures: dict[str, float | None]) -> str:
    return "  ".join(f"{name} {'–' if value is None else f'{value:.4f}'}" for name, value in measures.items())


def _own(row: dict[str, Any]) -> str:
    """`■2 `, as on the screen; nothing where the query has no own judgment at all."""
    if "own" not in row:
        return ""
    grade = row["own"]
    text = "" if grade is None else f"{OWN}{grade}" if grade >= relevant_from() else OWN_NOT
    return f"{text:<3}"


def _mark(grade: int | None) -> str:
    if grade is None:
        return f"{UNJUDGED} "
    return f"{RELEVANT}{grade}" if grade >= relevant_from() else f"{NOT_RELEVANT} "
