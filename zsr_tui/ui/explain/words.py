"""Lines above the tables: whose score it is, the document's way to it, what it is made of."""

from __future__ import annotations

from collections.abc import Sequence

from zsr_tui import numerals
from zsr_tui.explanation import OVERLAP, Cost, Explanation, Station
from zsr_tui.text import one_line
from zsr_tui.ui.explain.asked import Asked
from zsr_tui.ui.parts.pieces import Piece, shorten_notation, width_of
from zsr_tui.wrapping import wrap

_STAGE = 40  # cells of a stage's name


def status(asked: Asked, found: Explanation | None) -> tuple[list[Piece], list[Piece]]:
    """Whose score it is, for which query; and of which system."""
    system = shorten_notation(asked.stage or asked.about.systems[asked.system], 60)
    title, query = (one_line(found.title), one_line(found.query)) if found else ("", "")
    left = [(f" {one_line(asked.doc_id)} ", "title-active"), (title, "title")]
    if query:
        left.append((f" · query: {query}", "muted"))
    words = " · words" if asked.sentence else ""
    return left, [(f"{one_line(system)}{words} ", "reference")]


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
    if station.rank is None or station.would:
        return [(station.place, "absent")]
    return [(f"{station.rank:,}", "strong"), (f" of {station.of:,}", "muted")]


def score_lines(found: Explanation, stage: str, width: int) -> list[list[Piece]]:
    """Score, sum, and how far it is: in one line, where there is room."""
    line: list[Piece] = [
        ("score ", "muted"),
        (numerals.value(found.score), "strong"),
        (f" {one_line(found.scale)}", "muted"),
    ]
    if found.sum is not None and found.additive:
        line += [("  = sum of the shares ", "muted"), (numerals.value(found.sum), "text")]
    elif found.sum is not None:
        line += [("  shares sum to ", "muted"), (numerals.value(found.sum), "text")]
        line.append((f": {OVERLAP}", "muted"))
    tail: list[Piece] = []
    if stage:
        done = f" {found.done} of {found.total}" if found.total > 1 else ""
        tail = [(f"{one_line(stage)}{done} …", "warning")]
    elif cost := cost_of(found.cost):
        tail = [("cost ", "muted"), (cost, "text")]
    pieces = [*line, ("  ", "plain"), *tail] if tail else line
    if width_of(pieces) <= width:
        return [pieces]
    text = "".join(piece for piece, _ in line)
    lines: list[list[Piece]] = [[(text[start:end], "text")] for start, end in wrap(text, max(20, width))]
    if width_of(line) <= width:
        lines = [line]
    elif tail and width_of([*lines[-1], ("  ", "plain"), *tail]) <= width:
        return [*lines[:-1], [*lines[-1], ("  ", "plain"), *tail]]
    return [*lines, tail] if tail else lines


def said_lines(found: Explanation, width: int) -> list[list[Piece]]:
    """What to know of the whole, and where the document would stand without what it rests on most."""
    told = [*((note, "warning") for note in found.notes), *([(found.without, "text")] if found.without else [])]
    return [[(text[start:end], role)] for text, role in told for start, end in wrap(one_line(text), max(20, width))]


def cost_of(cost: Cost) -> str:
    said = [
        numerals.counted(cost.scored, "input") if cost.scored else "",
        f"{cost.known} cached" if cost.known else "",
        numerals.counted(cost.requests, "request") if cost.requests else "",
        numerals.elapsed(1000 * cost.seconds) if cost.seconds else "",
    ]
    return ", ".join(filter(None, said))
