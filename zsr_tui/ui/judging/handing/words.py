"""What a file of judgments can be, and what came of two people's put together, in lines."""

from __future__ import annotations

from textual.content import Content

from zsr_tui import numerals
from zsr_tui.api.agreement import Between
from zsr_tui.api.merging import ConflictView, Merging
from zsr_tui.client.conflicts import whose
from zsr_tui.numerals import counted
from zsr_tui.text import flat, one_line

EXCERPT = 1200  # characters of the document
FORMATS = (
    (".jsonl", "everything: who, when, why"),
    (".csv", "the same, for a spreadsheet"),
    (".qrels", "TREC: query, 0, document, grade"),
    (".tsv", "BEIR's"),
)


def summary(found: Merging) -> list[str]:
    """How many, and how far any two agree."""
    otherwise = found.decided + len(found.conflicts)
    judged = counted(found.alone + found.agreed + otherwise, "document")
    lines = [
        *(note for file in found.files for note in file.notes),
        f"{judged}: {found.alone:,} judged by one person, {found.agreed:,} by several alike, {otherwise:,} in conflict",
        f"kept: {found.new:,} new",
        *([f"{counted(found.before, 'conflict')} decided before, which stay so"] if found.before else []),
    ]
    for each in found.between:
        lines += ["", *between(each)]
    if found.alpha is not None:
        lines += ["", f"Krippendorff's alpha (ordinal): {numerals.value(found.alpha, 2)}"]
    return lines


def between(found: Between) -> list[str]:
    """Kappa and the confusion matrix of two."""
    first, second = one_line(found.first), one_line(found.second)
    kappa = (
        f"Cohen's kappa {numerals.value(found.kappa, 2)}, relevant or not {numerals.value(found.relevant, 2)}"
        if found.kappa is not None
        else "kappa is not defined: always the same grade"
    )
    head = f"{first} ↓ {second} →"
    width = max(len(str(count)) for row in (found.grades, *found.matrix) for count in row) if found.grades else 1
    rows = [(head, found.grades), *((str(grade), row) for grade, row in zip(found.grades, found.matrix, strict=True))]
    return [
        f"{first} and {second}: {counted(found.shared, 'document')}, {found.same:,} alike; {kappa}",
        *(f"{name:>{len(head)}}  {'  '.join(f'{count:>{width}}' for count in counts)}" for name, counts in rows),
    ]


def conflict(found: ConflictView, place: int, of: int, text: str) -> Content:
    """One document, and what people gave it."""
    given = [
        "  ".join(
            filter(
                None,
                (str(each.grade), name, numerals.date(each.when), one_line(each.why)),
            )
        )
        for name, each in zip(whose(found), found.judgments, strict=True)
    ]
    return Content("\n").join(
        [
            Content.styled(f"Conflict {place} of {of}", "bold"),
            Content(f"{flat(found.query_id)}  {one_line(found.query_text)}".strip()),
            Content(""),
            *(Content.styled(line, "bold") for line in given),
            Content(""),
            Content.styled(f"{flat(found.doc_id)}  {one_line(found.title)}", "bold"),
            Content(f"{one_line(text)[:EXCERPT]}{'…' * (len(text) > EXCERPT)}"),
        ]
    )
