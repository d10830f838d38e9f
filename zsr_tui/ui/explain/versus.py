"""Two explanations side by side: the sentence, the differences, and what each score is made of."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from zsr_tui import numerals
from zsr_tui.explanation import Difference, Explanation, Part
from zsr_tui.text import one_line
from zsr_tui.ui.explain.asked import Asked, Known
from zsr_tui.ui.explain.rows import Section, as_read
from zsr_tui.ui.parts.pieces import Piece, shorten_notation
from zsr_tui.wrapping import wrap

MOST = 8  # parts of each that are shown
Key = Callable[[str], str]  # of an action of the table, as it is shown


def sentence_of(known: Known, width: int, key: Key) -> list[list[Piece]]:
    """What the numbers say, as soon as both are known."""
    if known.contrast is not None:
        text, role = known.contrast.sentence, "strong"
    elif known.sentence and known.finished:  # it stands above
        text, role = "", "muted"
    elif known.finished:
        keys = key("explain_against"), key("explain_against_system")
        text = f"There is nothing to compare: choose another document ({keys[0]}), or compare two systems ({keys[1]})."
        role = "muted"
    else:
        text, role = f"{known.stage(max(known.events, default=0)) or 'asking the engine'} …", "warning"
    return [[(text[start:end], role)] for start, end in wrap(text, max(20, width))] if text else []


def chosen_for(asked: Asked, known: Known, width: int) -> list[list[Piece]]:
    """Why it is this document that it is compared with, where that is neither its neighbour nor chosen."""
    opponent = known.request.against
    if not asked.stranger(opponent):
        return []
    text = f"{one_line(asked.doc_id)} is not in the list shown: compared with its first, {one_line(opponent)}."
    return [[(text[start:end], "muted")] for start, end in wrap(text, max(20, width))]


def keys_of(asked: Asked, key: Key) -> list[Piece]:
    """What is compared next, and how to get back."""
    systems = asked.about.systems
    following = f" · {key('explain_against_system')}: {_following(asked)}" if len(systems) > 1 else ""
    back, other = key("explain_view_1"), key("explain_against")
    return [(f"{back}: back to why · {other}: against another document{following}", "muted")]


def _following(asked: Asked) -> str:
    if asked.next_against == 0:
        return "back to the other document"
    name = asked.about.systems[(asked.system + asked.next_against) % len(asked.about.systems)]
    return f"against {one_line(shorten_notation(name, 40))}"


def cuts(known: Known) -> bool:
    """Whether some list has more parts than are shown at first."""
    differences = known.contrast.parts if known.contrast is not None else ()
    return len(_that_differ(differences)) < len(differences) or any(
        len(event.explanation.parts) > MOST for event in known.events.values()
    )


def _that_differ(parts: Sequence[Difference]) -> Sequence[Difference]:
    """Where none does, all of them."""
    return [part for part in parts if part.share] or parts


def sections_of(known: Known, key: Key, *, whole: bool) -> list[Section]:
    """`whole`: with all parts of each."""
    found = [each for each in (known.explanation(which) for which in sorted(known.events)) if each is not None]
    two_systems = len({each.system for each in found}) > 1
    sections = []
    if known.contrast is not None and known.contrast.parts:
        columns = [shorten_notation(name, 16) for name in (known.contrast.first, known.contrast.second)]
        every = known.contrast.parts
        parts = [_part(each) for each in (every if whole else _that_differ(every))]
        note = "" if two_systems or found[0].additive else "What each score loses when a word is left out of the query."
        same = len(every) - len(parts)
        all_rows = f"{key('explain_all')} shows all"
        more = f"and {same:,} more that {'makes' if same == 1 else 'make'} no difference: {all_rows}" if same else ""
        sections.append(Section("Difference, part by part", columns, parts, note, more))
    rests = known.contrast.rests if known.contrast is not None else ()
    notes = [*rests, *[""] * (len(found) - len(rests))]
    notes = [" ".join(filter(None, (note, *each.notes))) for each, note in zip(found, notes, strict=True)]
    for each, note in zip(found, notes, strict=True):
        sections.append(_section(each, note, key, two_systems=two_systems, whole=whole))
    return sections


def _part(of: Difference) -> Part:
    note = f"{of.counts[0]} against {of.counts[1]}" if of.counts else ""
    return Part(text=of.text, share=of.share, values=(of.first, of.second), note=note)


def _section(of: Explanation, note: str, key: Key, *, two_systems: bool, whole: bool) -> Section:
    name = of.stage if two_systems else f"{of.doc_id} {one_line(of.title)}".strip()
    there = next((station for station in of.lineage if station.stage == of.stage and station.rank is not None), None)
    rank = f", {there.place}" if there else ""
    columns, parts = as_read(of)
    ordered = of.family in ("pairwise", "listwise")  # what it lost most clearly comes first
    parts = (parts if ordered else sorted(parts, key=lambda part: -abs(part.share or 0.0)))[: None if whole else MOST]
    left = len(of.parts) - len(parts)
    than = {"pairwise": " with larger shares", "listwise": ""}.get(of.family, " with smaller shares")
    more = f"and {left:,} more{than}: {key('explain_all')} shows all" if left else ""
    return Section(f"{name}: {numerals.value(of.score)} {of.scale}{rank}", columns, parts, note, more)
