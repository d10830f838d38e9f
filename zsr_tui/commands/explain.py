"""zsr-tui explain: why a document has its score, as text or JSON."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import click
import msgspec

from zsr_tui import numerals
from zsr_tui.api.explanations import Contrasted, Explained, ExplainRequest
from zsr_tui.client.protocol import EngineApi
from zsr_tui.commands.session import ProgressLine, new_id, notations, prepare, say, watched, with_engine
from zsr_tui.commands.table import print_json, table, wrapped
from zsr_tui.domain import Problem
from zsr_tui.explanation import OVERLAP, Contrast, Explanation, Input, Part, Station, Table, Value
from zsr_tui.progress import Progress
from zsr_tui.text import flat, one_line

BAR = 12  # cells of the longest bar
_TEXT = 30  # cells that a part's text keeps on a narrow terminal
_SHOWN_TOKENS = 2000


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """As `ExplainRequest`; `words` is the number of the part whose words are left out, from 1."""

    dataset: str
    system: str
    query: str
    qid: str | None
    doc_id: str
    against: str
    against_system: str
    stage: str
    words: int | None
    gradient: bool
    yes: bool
    keep_self: bool
    as_json: bool


def run(options: Options) -> int:
    """Prints the explanation, or both and their difference. The exit code is 1 where something of a system could not be
    made ready: then it is explained by what there is. Raises `Problem`."""
    found, lacking = with_engine(partial(_asked, options))
    if options.as_json:
        print_json(_as_json(found))
    else:
        parts = [*map(_as_text, found.explanations), *([_compared(found.contrast)] if found.contrast else [])]
        print("\n".join(map(wrapped, "\n\n".join(parts).split("\n"))))
    return 1 if lacking else 0


async def _asked(options: Options, engine: EngineApi) -> tuple[_Found, bool]:
    """What was found, and whether something of the systems is lacking."""
    named = tuple(filter(None, (options.system, options.against_system)))
    systems = await notations(engine, named)
    request = ExplainRequest(
        id=new_id(),
        dataset=options.dataset,
        system=systems[0],
        doc_id=options.doc_id,
        query=options.query,
        qid=options.qid,
        stage=options.stage,
        against=options.against,
        against_system=systems[1] if options.against_system else "",
        gradient=options.gradient,
        spend=options.yes,
        drop_self=not options.keep_self,
        unfinished=True,
    )
    try:
        problems = await prepare(engine, options.dataset, systems)
    except Problem as cause:
        if cause.usage:
            raise
        try:
            found = await _explained(options, engine, request)
        except Problem as problem:
            raise (problem if problem.usage else cause) from problem
        say(cause.message)
        return found, True
    return await _explained(options, engine, request), bool(problems)


async def _explained(options: Options, engine: EngineApi, request: ExplainRequest) -> _Found:
    found = await _collected(engine, request)
    if any(asks for asks, _ in found.asked) and _agreed(found.asked):
        request = msgspec.structs.replace(request, id=new_id(), spend=True)
        found = await _collected(engine, request)
    if options.words is not None:
        sentence = _sentence(found.explanations[0], options.words)
        found = await _collected(engine, msgspec.structs.replace(request, id=new_id(), sentence=sentence))
    return found


@dataclass(slots=True)
class _Found:
    """`asked`: requests that a server was not sent, and where."""

    explanations: list[Explanation]
    asked: list[tuple[int, str]]
    contrast: Contrast | None = None


async def _collected(engine: EngineApi, request: ExplainRequest) -> _Found:
    latest: dict[int, Explained] = {}
    found, line = _Found([], []), ProgressLine()
    try:
        async for event in watched(engine.stream(request)):
            if isinstance(event, Explained):
                latest[event.which] = event
                known = event.explanation
                if event.stage:
                    unit = "inputs" if known.total else ""
                    line.show(Progress(f"{known.doc_id}: {event.stage}", known.done, known.total or None, unit))
            elif isinstance(event, Contrasted):
                found.contrast = event.contrast
    finally:
        line.clear()
    found.explanations = [latest[which].explanation for which in sorted(latest)]
    found.asked = [(latest[which].asks, latest[which].host) for which in sorted(latest)]
    return found


def _agreed(asked: Sequence[tuple[int, str]]) -> bool:
    """Raises `Problem` where nobody can be asked, or says no."""
    requests = sum(asks for asks, _ in asked)
    host = next(host for asks, host in asked if asks)
    cost = f"{numerals.counted(requests, 'request')} to {flat(host)}"
    if not sys.stdin.isatty():
        raise Problem(f"the explanation costs {cost}: add --yes to send them.")
    if not click.confirm(f"The explanation costs {cost}. Send them?", err=True):
        raise Problem("nothing was sent: without these requests there is no explanation.")
    return True


def _sentence(found: Explanation, number: int) -> tuple[int, int]:
    if found.family != "occlusion":
        raise Problem("--words takes a part that was left out, and this explanation has none.", usage=True)
    if number > len(found.parts):
        raise Problem(f"--words: the document has {len(found.parts)} parts, there is no number {number}.", usage=True)
    return found.parts[number - 1].spans[0]


def _as_json(found: _Found) -> dict[str, Any]:
    """One explanation's fields; of two, "against" has the other's, and "contrast" compares them."""
    first, *others = map(msgspec.to_builtins, found.explanations)
    result: dict[str, Any] = dict(first)
    if others:
        result["against"] = others[0]
    if found.contrast is not None:
        result["contrast"] = msgspec.to_builtins(found.contrast)
    return result


def _as_text(found: Explanation) -> str:
    title = f" · {one_line(found.title)}" if found.title.strip() else ""
    head = f"{flat(found.doc_id)}{title}\n{flat(found.stage)} · {one_line(found.query)}"
    blocks = [head, _lineage(found.lineage)] if found.lineage else [head]
    score = f"score {numerals.value(found.score)} ({found.scale})" if found.unit else ""
    if found.sum is not None:
        score += f", sum of the shares {numerals.value(found.sum)}" + ("" if found.additive else f": {OVERLAP}")
    blocks.append("\n".join(filter(None, [score, one_line(found.without), found.method, *found.notes])))
    if found.parts:
        blocks.append(_parts(found.parts, found.columns))
    blocks += [_more(table) for table in found.tables]
    if found.input is not None:
        blocks.append(_input(found.input))
    cost = found.cost
    said = [
        numerals.counted(cost.scored, "input") + " run" if cost.scored else "",
        f"{cost.known} known from before" if cost.known else "",
        numerals.counted(cost.requests, "request") if cost.requests else "",
    ]
    if any(said):
        blocks.append(f"cost: {', '.join(filter(None, said))}")
    return "\n\n".join(blocks)


def _lineage(stations: Sequence[Station]) -> str:
    rows = [
        [
            station.stage,
            station.place.removeprefix("rank "),
            numerals.value(station.score),
            "" if station.gain is None else numerals.signed(station.gain, 0),
            station.dropped,
        ]
        for station in stations
    ]
    return table(["stage", "rank", "score", "gain", ""], rows, right={1, 2, 3}, shorten={0: _TEXT})


def _parts(parts: Sequence[Part], columns: Sequence[str]) -> str:
    largest = max((abs(part.share) for part in parts if part.share is not None), default=0.0)
    shares = not columns or any(part.share is not None for part in parts)  # an order has none
    rows = [
        [
            str(number),
            *(["" if part.share is None else numerals.signed(part.share), _bar(part.share, largest)] * shares),
            *(_cell(value) for value in part.values),
            *[""] * (len(columns) - len(part.values)),
            one_line(part.text),
            part.note,
        ]
        for number, part in enumerate(parts, start=1)
    ]
    first = 1 + 2 * shares
    text = first + len(columns)
    header = ["", *["share", ""] * shares, *columns, "", ""]
    return table(header, rows, right={0, *[1] * shares, *range(first, text)}, shorten={text: _TEXT})


def _bar(share: float | None, largest: float) -> str:
    if share is None or not largest:
        return ""
    cells = round(abs(share) / largest * BAR)
    return ("▏" if share and not cells else "█" * cells) if share >= 0 else "░" * max(1, cells)


def _cell(value: Value) -> str:
    if value is None:
        return "–"
    if isinstance(value, str):
        return one_line(value)
    return str(value) if isinstance(value, int) else numerals.value(value)


def _more(more: Table) -> str:
    shares = any(part.share is not None for part in more.parts)
    rows = [
        [
            one_line(part.text),
            *(_cell(value) for value in part.values),
            *([numerals.signed(part.share)] if shares and part.share is not None else [""] * shares),
            part.note,
        ]
        for part in more.parts
    ]
    header = ["", *more.columns, *["share"] * shares, ""]
    body = table(header, rows, right=range(1, len(header) - 1), shorten={0: _TEXT})
    return "\n".join(filter(None, [more.title, more.note, body]))


def _input(read: Input) -> str:
    lines = ["What the model saw", read.note]
    if read.counts:
        limit = f", of at most {read.limit}" if read.limit and not read.inputs else ""
        counts = ", ".join(f"{count} of the {of}" for of, count in read.counts.items())
        lines.append(f"{numerals.counted(len(read.tokens), 'token')}{limit}: {counts}")
    for name, (count, most) in (read.inputs or {}).items():
        limit = f" of at most {most}" if most else ""
        lines.append(f"the {name} is an input of its own: {numerals.counted(count, 'token')}{limit}")
    if read.cut_at is not None:
        lines.append(f"cut after {numerals.counted(read.cut_at, 'character')} of the document")
    if read.beyond:
        lines.append(f"words of the query that stand only behind that: {', '.join(map(one_line, read.beyond))}")
    unknown = [token.text for token in read.tokens if token.unknown]
    if unknown:
        lacks = f"{numerals.counted(len(unknown), 'token')} that the model's vocabulary lacks"
        lines.append(f"{lacks}: it read {one_line(unknown[0])}")
    if read.tokens:
        lines.append(" ".join(one_line(token.text) for token in read.tokens[:_SHOWN_TOKENS]))
    return "\n".join(filter(None, lines))


def _compared(found: Contrast) -> str:
    rows = [
        [
            one_line(part.text),
            "–" if part.first is None else numerals.value(part.first),
            "–" if part.second is None else numerals.value(part.second),
            "–" if part.share is None else numerals.signed(part.share),
        ]
        for part in found.parts
    ]
    lines = [f"{flat(found.first)} against {flat(found.second)}", one_line(found.sentence), *map(one_line, found.rests)]
    if rows:
        lines.append(table(["", "first", "second", "difference"], rows, right={1, 2, 3}, shorten={0: _TEXT}))
    return "\n".join(lines)
