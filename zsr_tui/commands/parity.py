"""zsr-tui parity: whether two scorers give the same pairs the same scores, and where not, why."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import click
import msgspec

from zsr_tui.api.parity import ParityFound, ParityRequest
from zsr_tui.client.protocol import EngineApi
from zsr_tui.commands.session import new_id, prepare, watched, with_engine
from zsr_tui.commands.table import print_json, table, wrapped
from zsr_tui.domain import Problem
from zsr_tui.edge import say
from zsr_tui.files import problem_of, write_whole
from zsr_tui.numerals import counted
from zsr_tui.parity import Fact, Pair, Parity
from zsr_tui.parity.words import (
    HOW_READ,
    HOW_TESTED,
    cost,
    cut_words,
    figures,
    number,
    read_words,
    scorer_words,
    verdict,
)
from zsr_tui.text import flat

SHOWN = 10  # pairs
FACTS = 6
_COLUMNS = (
    "qid", "doc_id", "a", "b", "off", "differs", "place", "characters", "grade", "tokens_a", "tokens_b", "cut_a",
    "cut_b",
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """As `ParityRequest`; `out`: a file for all pairs."""

    a: str
    b: str
    dataset: str
    queries: int
    depth: int
    seed: int
    tolerance: float | None
    out: Path | None
    yes: bool
    as_json: bool


def run(options: Options) -> int:
    """Prints what was found. As of diff, the exit code is 1 where the two differ. Raises `Problem`."""
    if options.out is not None and options.out.suffix not in _WRITERS:
        raise Problem(f"{options.out} must end in {' or '.join(_WRITERS)}.", usage=True)
    found = with_engine(partial(_asked, options))
    if options.out is not None:
        _write(options.out, found.pairs)
    if options.as_json:
        print_json(_as_json(found))
    else:
        print("\n".join(map(wrapped, _as_text(found).split("\n"))))
    return 0 if found.equal else 1


async def _asked(options: Options, engine: EngineApi) -> Parity:
    await prepare(engine, options.dataset, ("bm25",))
    request = ParityRequest(
        id=new_id(),
        dataset=options.dataset,
        a=options.a,
        b=options.b,
        queries=options.queries,
        depth=options.depth,
        seed=options.seed,
        tolerance=options.tolerance,
        spend=options.yes,
    )
    found = await _collected(engine, request)
    if found.parity is None:
        _agree(found)
        found = await _collected(engine, msgspec.structs.replace(request, id=new_id(), spend=True))
    assert found.parity is not None
    return found.parity


async def _collected(engine: EngineApi, request: ParityRequest) -> ParityFound:
    found = [event async for event in watched(engine.stream(request)) if isinstance(event, ParityFound)]
    return found[-1]


def _agree(found: ParityFound) -> None:
    """Raises `Problem` where nobody can be asked, or says no."""
    costs = cost(found.asks, found.texts, found.hosts)
    if not sys.stdin.isatty():
        raise Problem(f"the comparison costs {costs}: add --yes to send them.")
    if not click.confirm(wrapped(f"The comparison costs {costs}. Send them?"), err=True):
        raise Problem("nothing was sent: without these requests there is no comparison.")


# --- a file of all pairs ----------------------------------------------------------------------------------------------


def _write(path: Path, pairs: Sequence[Pair]) -> None:
    try:
        write_whole(path, _WRITERS[path.suffix](pairs).encode())
    except OSError as error:
        raise problem_of(error) from error
    say(f"{counted(len(pairs), 'pair')} written to {path}")


def _row(pair: Pair) -> dict[str, Any]:
    read = {
        f"{name}_{side}": value
        for side, each in zip("ab", pair.read, strict=True)
        for name, value in (("tokens", sum(each.tokens.values()) if each.tokens else None), ("cut", each.cut))
    }
    return {**msgspec.to_builtins(pair), **read}


def _tsv(pairs: Sequence[Pair]) -> str:
    """A field that is not known is empty; what would break a line is a space."""

    def cell(value: object) -> str:
        return "" if value is None else flat(str(value)).replace("\n", " ")

    rows = ([cell(row[name]) for name in _COLUMNS] for row in map(_row, pairs))
    return "".join("\t".join(each) + "\n" for each in ([*_COLUMNS], *rows))


def _json_lines(pairs: Sequence[Pair]) -> str:
    return "".join(json.dumps(msgspec.to_builtins(pair), ensure_ascii=False) + "\n" for pair in pairs)


_WRITERS = {".tsv": _tsv, ".jsonl": _json_lines}


# --- what is printed --------------------------------------------------------------------------------------------------


def _as_json(found: Parity) -> dict[str, Any]:
    """All but the pairs, of which the worst are shown."""
    told: dict[str, Any] = msgspec.to_builtins(found)
    told["pairs"] = len(found.pairs)
    told["worst"] = msgspec.to_builtins(found.worst[:SHOWN])
    return told


def _as_text(found: Parity) -> str:
    blocks = [
        "\n".join(
            [
                *(f"{name}  {scorer_words(each)}" for name, each in zip("AB", found.scorers, strict=True)),
                f"{flat(found.dataset)}: {counted(found.queries, 'query', 'queries')} ({found.judged:,} judged), "
                f"{counted(len(found.pairs), 'pair')}, seed {found.seed}",
            ]
        ),
        verdict(found),
    ]
    if found.findings:
        blocks.append("\n".join(f"* {flat(each.sentence)}" for each in found.findings))
    first, *others = map(list, figures(found))
    blocks.append(table(first, others))
    if found.worst:
        blocks.append(f"The pairs that are furthest off\n{HOW_READ}\n{_worst(found.worst[:SHOWN])}")
    if found.facts and found.differing:
        blocks.append(f"What was tested\n{HOW_TESTED}\n{_facts(found.facts[:FACTS])}")
    return "\n\n".join([*blocks, *found.notes])


def _worst(pairs: Sequence[Pair]) -> str:
    rows = [
        [
            pair.qid,
            pair.doc_id,
            *map(number, (pair.a, pair.b, pair.off)),
            f"{pair.characters:,}",
            *map(read_words, pair.read),
            cut_words(pair),
        ]
        for pair in pairs
    ]
    header = ["query", "document", "A", "B", "off", "characters", "A reads", "B reads", "cut"]
    return table(header, rows, right={2, 3, 4, 5}, shorten={1: 16})


def _facts(facts: Sequence[Fact]) -> str:
    rows = [
        [
            fact.name,
            *(
                text
                for pairs, differ, median in zip(fact.pairs, fact.differ, fact.medians, strict=True)
                for text in (f"{differ:,} of {pairs:,}", number(median))
            ),
            "–" if fact.explained is None else f"{fact.explained:.0%}",
        ]
        for fact in facts
    ]
    header = ["", "differ", "by", "others", "by", "of the order"]
    return table(header, rows, right={1, 2, 3, 4, 5}, shorten={0: 30})
