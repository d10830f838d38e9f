"""zsr-tui bench: how fast models run on this machine, one row for each model and precision.

Everything runs in the command's own process, which is set up as the engine is, on the texts of the demo corpus.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import asdict

from zsr_tui import numerals
from zsr_tui.commands.session import ProgressLine
from zsr_tui.commands.table import print_json, table, wrapped
from zsr_tui.domain import Problem
from zsr_tui.edge import say
from zsr_tui.scoring.measuring import throughput
from zsr_tui.scoring.measuring.peak import SIZE
from zsr_tui.scoring.measuring.throughput import Throughput
from zsr_tui.scoring.models import catalogue, weights
from zsr_tui.scoring.queue import speeds
from zsr_tui.scoring.queue.memory import keep_freed_memory


def run(models: tuple[str, ...], *, precisions: tuple[str, ...], count: int, as_json: bool) -> int:
    """Prints a table or JSON. A model that fails is said on stderr and does not stop the others: the exit code is 1
    then. Raises `Problem` for a name that is not known, before anything is measured."""
    names = list(dict.fromkeys(models)) or _embedded()
    for name in names:
        catalogue.describe(name)
    keep_freed_memory()
    pairs = _pairs(count)
    found, failed = list[Throughput](), False
    for name in names:
        try:
            found += _measured(name, list(dict.fromkeys(precisions)) or [None], pairs)
        except Problem as problem:
            say(problem.message)
            failed = True
    if as_json:
        print_json({"results": [_as_json(each) for each in found]})
    elif found:
        print(_as_text(found))
    return 1 if failed else 0


def _embedded() -> list[str]:
    """The models whose weights came with the installed packages."""
    return [info.name for info in catalogue.known_models() if info.local and info.source.startswith("package ")]


def _measured(model: str, precisions: Sequence[str | None], pairs: throughput.Pairs) -> list[Throughput]:
    """In each precision; once where the files or a server decide it."""
    line = ProgressLine()
    found: dict[str, Throughput] = {}
    try:
        for precision in precisions:
            resolved = weights.resolve(model, precision=precision, report=line.show)
            if not found and (sentence := catalogue.guesses(resolved.info)):
                line.clear()
                say(sentence)
            if resolved.precision not in found:
                found[resolved.precision] = measured = throughput.measure(resolved, pairs, report=line.show)
                if measured.tokens_per_second is not None:
                    speeds.remember(resolved.fingerprint, measured.device, measured.tokens_per_second)
    finally:
        line.clear()
    return list(found.values())


def _pairs(count: int) -> throughput.Pairs:
    """The demo corpus's queries, each with all of its documents, as far as `count` goes."""
    from zsr_tui import corpora

    corpus = corpora.open_corpus("demo")
    texts = [doc.content for doc in corpus.iter_docs()]
    left, pairs = count, list[tuple[str, list[str]]]()
    for query in itertools.cycle(corpus.queries()):
        pairs.append((query.text, texts[:left]))
        left -= len(pairs[-1][1])
        if left <= 0:
            break
    return pairs


def _as_json(each: Throughput) -> dict[str, object]:
    return {**asdict(each), "per_second": each.per_second, "tokens_per_second": each.tokens_per_second}


def _as_text(found: Sequence[Throughput]) -> str:
    header = ["model", "device", "precision", "speed", "tokens/s", "of peak", "batch", "load", "memory"]
    rows = [
        [
            each.model,
            each.device,
            each.precision,
            numerals.rate(each.per_second, each.unit),
            "" if each.tokens_per_second is None else f"{each.tokens_per_second:,.0f}",
            "" if each.share is None else f"{each.share:.0%}",
            _batch(each),
            numerals.elapsed(each.load_seconds * 1000),
            numerals.size(each.memory_bytes),
        ]
        for each in found
    ]
    return "\n".join([table(header, rows, right={3, 4, 5, 6, 7, 8}), "", *map(wrapped, _notes(found))])


def _batch(each: Throughput) -> str:
    if each.batch_tokens is None:
        return ""
    return f"{each.batch_tokens:,} tokens" if each.settled else "not found"


def _notes(found: Sequence[Throughput]) -> list[str]:
    notes = [
        f"{each.model} {each.precision}: {numerals.count(each.inputs)} {each.unit} of {each.tokens / each.inputs:.0f} "
        f"tokens on average, {numerals.count(each.cut)} cut"
        for each in found
        if each.tokens is not None
    ]
    peaks = {(each.device, each.precision): each.peak for each in found if each.peak}
    notes += [
        f"peak of {device} at {precision}: {peak / 1e9:,.0f} GFLOP/s (product of matrices of {SIZE} x "
        f"{SIZE}, in the same run)"
        for (device, precision), peak in peaks.items()
    ]
    if any(each.share is None for each in found):
        notes.append("of peak: not counted for int8 files, servers, and architectures whose operations are not known")
    return notes
