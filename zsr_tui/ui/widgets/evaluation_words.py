"""The words around the table of an evaluation: its title, its job, and what is to be known of it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from zsr_tui import figures
from zsr_tui.api.evaluation_figures import PublishedFigure
from zsr_tui.api.evaluations import EvaluationItem, EvaluationView
from zsr_tui.text import one_line
from zsr_tui.ui.evaluation_job import Job, Phase
from zsr_tui.ui.render import Piece, bar
from zsr_tui.ui.widgets.evaluation_columns import BEST, DOWN, TESTS, UP, names, published_value
from zsr_tui.ui.widgets.status import joined

_BAR = 22  # cells


def title(item: EvaluationItem | None, dataset: str) -> list[Piece]:
    """`demo  3 systems · 50 queries · complete · 2026-11-22 21:14`"""
    if item is None:
        return [(f" {one_line(dataset)}   ", "strong"), ("evaluation", "muted")]
    queries = figures.counted(item.queries, "query", "queries")
    parts: list[Piece] = [
        (figures.counted(len(item.systems), "system"), "muted"),
        (queries if item.done == item.queries else f"{item.done:,} of {queries}", "muted"),
        (item.state, "muted" if item.state == "complete" else "warning"),
    ]
    if item.subset:
        parts.append((one_line(item.subset), "warning"))
    parts.append((item.date[:16].replace("T", " "), "faint"))
    return [(f" {one_line(item.dataset)}   ", "strong"), *joined(parts)]


def job_line(job: Job, pause: str, stop: str) -> list[Piece]:
    """How far the evaluation is, or how it ended. `pause` and `stop` are the keys for that."""
    if not job.active:
        roles = {Phase.FAILED: "error", Phase.STOPPED: "warning"}
        said = job.sentence if job.phase is not Phase.FINISHED else f"Evaluated. {job.sentence}".strip()
        return [(f" {one_line(said)}", roles.get(job.phase, "up"))]
    pieces: list[Piece] = [(" ▸ " if job.phase is not Phase.PAUSED else " ‖ ", "bar")]
    now = job.progress
    if now is not None and now.total and now.unit:
        pieces += [(bar(now.done, now.total, _BAR), "bar"), (" ", "plain")]
    pieces.append((job.about(), "strong"))
    if job.phase is Phase.PAUSED:
        pieces.append((" · paused", "warning"))
    keys = f"{pause} {'go on' if job.phase is Phase.PAUSED else 'pause'}  {stop} stop"
    pieces.append((f"   {keys}", "muted"))
    if job.sentence:
        pieces.append((f"   {one_line(job.sentence)}", "warning"))
    return pieces


def legend(view: EvaluationView) -> list[Piece]:
    """What the marks of the table mean."""
    said = ("baseline", f"{BEST} best", f"{UP}{DOWN} significantly better, worse: {TESTS[view.test]}, Holm, 5 %")
    return [("◆ ", "reference"), *joined([(text, "muted") for text in said])]


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


def empty(dataset: str, systems: Sequence[str], new: str) -> list[list[Piece]]:
    """Where nothing was evaluated yet."""
    return [
        [],
        [("  No evaluation yet.", "strong")],
        [],
        [(f"  {new} starts one: all judged queries of {one_line(dataset)}, with", "text")],
        *([(f"    {one_line(system)}", "muted")] for system in systems),
    ]
