"""The lines below the table of an evaluation: what its marks mean, and what is to be known of it."""

from __future__ import annotations

from collections.abc import Iterable

from zsr_tui import numerals
from zsr_tui.api.evaluations import EvaluationView, PublishedFigure
from zsr_tui.domain import DATASET_ONLY, LEVEL
from zsr_tui.text import one_line
from zsr_tui.ui.evaluation.table.columns import BEST, DOWN, TESTS, UP, names, published_value
from zsr_tui.ui.parts.judging.marks import GLYPHS, NAMES, named
from zsr_tui.ui.parts.pieces import Piece, joined


def legend(view: EvaluationView) -> list[Piece]:
    """What the marks of the table mean."""
    said = (
        "baseline",
        f"{BEST} best",
        f"{UP}{DOWN} significantly better, worse: {TESTS[view.test]}, Holm, {100 * LEVEL:.0f} %",
    )
    marks = [("◆ ", "reference"), *joined([(text, "muted") for text in said])]
    if view.item.done == view.item.queries:
        return marks
    done = f"{view.item.done:,} of {numerals.counted(view.item.queries, 'query', 'queries')}"
    return [(f"provisional: over {done}", "warning"), (" · ", "faint"), *marks]


def about_system(view: EvaluationView, published: Iterable[PublishedFigure], measure: str, row: int) -> list[Piece]:
    """The system under the cursor: its whole notation, and what was published for it."""
    system = view.systems[row]
    parts: list[Piece] = [(one_line(system.notation), "text")]
    about = system.family or (system.source if system.source == "run file" else "")
    if about and not system.notation.startswith(about):
        parts.append((about, "muted"))
    for figure in published:
        if figure.system == system.system and figure.measure == measure:
            said = f"published {published_value(figure)}: {figure.name}, {figure.source}"
            parts.append((f"{said}; {figure.difference}" if figure.difference else said, "muted"))
    return joined(parts)


def notes(view: EvaluationView) -> list[list[Piece]]:
    """One line for each failure and each thing to know, failures first."""
    lines: list[list[Piece]] = []
    for system, name in zip(view.systems, names(view), strict=True):
        if system.failed:
            lines.append([("✗ ", "error"), (f"{name}: {one_line(system.failed)}", "error")])
    lines += [[("! ", "warning"), (one_line(note), "text")] for note in view.notes]
    return lines


def about_judgments(view: EvaluationView) -> list[list[Piece]]:
    """Whose judgments the numbers are over, and what stands beside them."""
    if not view.beside:
        return []
    given = ", ".join(f"{view.judgments.get(source, 0):,} {NAMES[source]}" for source in view.counting)
    glyph = GLYPHS["dataset" if view.beside == DATASET_ONLY else "own"][0]
    said = f"judgments that count: {given}; {glyph} is the figure over {named(view.beside)}, where it is another"
    return [[(said, "text" if view.counting == DATASET_ONLY else "warning")]]


def about_bounds(view: EvaluationView, measure: str) -> list[list[Piece]]:
    """A line where a reader of the table would take its numbers for wrong."""
    cells = [system.cells.get(measure) for system in view.systems]
    if not any(cell and cell.condensed and cell.maximum and cell.condensed > cell.maximum for cell in cells):
        return []
    said = "judged only can exceed the bounds: it moves documents up, they do not"
    return [[("! ", "warning"), (said, "text")]]
