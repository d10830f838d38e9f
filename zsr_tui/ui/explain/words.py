"""Lines above the tables: whose score it is, the document's way to it, what it is made of."""

from __future__ import annotations

from collections.abc import Sequence

from zsr_tui import numerals
from zsr_tui.explanation import Cost, Explanation, Station
from zsr_tui.text import one_line
from zsr_tui.ui.parts.pieces import Piece, shorten_notation

_STAGE = 40  # cells of a stage's name


def lineage_lines(stations: Sequence[Station], explained: str) -> list[list[Piece]]:
    """A line for each stage; the one that is explained has a mark."""
    names = [_name(station) for station in stations]
    wide = max(map(len, names), default=0)
    lines: list[list[Piece]] = []
    for name, station in zip(names, stations, strict=True):
        here = station.stage == explained
        line: list[Piece] = [
            ("▶ " if here else "  ", "rule-active"),
            (f"{one_line(name):<{wide}}  ", "title-active" if here else "title"),
            *_rank(station),
        ]
        if station.score is not None:
            line.append((f"  {numerals.value(station.score, 3)}", "score"))
        if station.gain:
            line.append(
                (f"  {'↑' if station.gain > 0 else '↓'}{abs(station.gain)}", "up" if station.gain > 0 else "down")
            )
        if station.dropped:
            line.append((f"  {station.dropped}", "warning"))
        lines.append(line)
    return lines


def _name(station: Station) -> str:
    """The last step alone: the steps before have lines of their own."""
    _, arrow, model = station.stage.rpartition(" >> ")
    name = f">> {model}" if arrow and station.kind == "rerank" else station.stage
    return shorten_notation(name, _STAGE)


def _rank(station: Station) -> list[Piece]:
    if station.rank is None:
        return [("no rank", "absent")]
    least = "or lower " if station.at_least else ""
    if station.would:
        return [(f"would be {station.rank:,} {least}", "absent"), (f"among {station.of:,}", "muted")]
    return [(f"{station.rank:,}", "strong"), (f" of {station.of:,}", "muted")]


def score_line(found: Explanation, stage: str) -> list[Piece]:
    """Score, sum, and how far it is."""
    line: list[Piece] = [("score ", "muted"), (numerals.value(found.score), "strong"), (f" {found.unit}", "muted")]
    if found.sum is not None and found.additive:
        line += [("  = sum of the shares ", "muted"), (numerals.value(found.sum), "text")]
    elif found.sum is not None:
        line += [("  shares sum to ", "muted"), (numerals.value(found.sum), "text")]
    if stage:
        done = f" {found.done} of {found.total}" if found.total > 1 else ""
        line += [("  ", "plain"), (f"{one_line(stage)}{done} …", "warning")]
    elif cost := cost_of(found.cost):
        line += [("  cost ", "muted"), (cost, "text")]
    return line


def cost_of(cost: Cost) -> str:
    said = [
        numerals.counted(cost.scored, "input") if cost.scored else "",
        f"{cost.known} cached" if cost.known else "",
        numerals.counted(cost.requests, "request") if cost.requests else "",
        numerals.elapsed(1000 * cost.seconds) if cost.seconds else "",
    ]
    return ", ".join(filter(None, said))
