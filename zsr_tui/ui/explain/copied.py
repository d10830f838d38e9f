"""What can be copied of an explanation: all of it in Markdown, the part under the cursor, the document."""

from __future__ import annotations

from zsr_tui import numerals
from zsr_tui.explanation import Explanation, Part
from zsr_tui.text import one_line
from zsr_tui.ui.explain.rows import Section, cell
from zsr_tui.ui.parts.copying import choice
from zsr_tui.ui.parts.copying.choice import Choice, Copyable


def copied(found: Explanation, part: Part | None, sentence: str) -> Copyable:
    """`sentence` of a comparison with another, "" without one."""
    own = choice.document(found.doc_id, one_line(found.title), found.text).choices
    choices = [Choice("e", "the explanation as Markdown", in_markdown(found, sentence)), *own[:-1]]
    if part is not None:
        choices.append(Choice("p", "the part under the cursor", part.text))
    return Copyable(f"explanation of {one_line(found.doc_id)}", tuple(choices))


def in_markdown(found: Explanation, sentence: str) -> str:
    """Whose score, the document's way, and the parts as a table."""
    stages = [
        f"* `{station.stage}`: {station.place}{f', {station.dropped}' if station.dropped else ''}"
        for station in found.lineage
        if station.rank is not None
    ]
    section = Section("", found.columns, found.parts)
    rows = [
        [
            one_line(part.text),
            "–" if part.share is None else numerals.signed(part.share, section.digits),
            *(cell(value) for value in part.values),
            *[""] * (len(found.columns) - len(part.values)),
        ]
        for part in found.parts
    ]
    named = f"`{found.doc_id}` {choice.markdown(found.title)}".rstrip()
    score = f"{numerals.value(found.score)} {found.scale}"
    head = f"{named}: {score} in `{found.stage}` for “{choice.markdown(found.query)}”"
    numbers = set(range(1, 2 + len(found.columns)))
    table = choice.table(["part", "share", *found.columns], rows, numbers) if rows else ""
    return "\n\n".join(filter(None, [head, "\n".join(stages), choice.markdown(sentence), found.method, table]))
