"""The words around the table of an evaluation: its title, its job, and what is to be known of it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from zsr_tui import figures
from zsr_tui.api.evaluations import EvaluationItem, EvaluationView, MatrixView, PublishedFigure
from zsr_tui.domain import LEVEL
from zsr_tui.text import one_line
from zsr_tui.ui.evaluation.columns import BEST, DOWN, TESTS, UP, names, published_value, signed
from zsr_tui.ui.evaluation.running import Job, Phase
from zsr_tui.ui.evaluation.state import outcome, standing
from zsr_tui.ui.parts.pieces import Piece, bar, joined

_BAR = 12  # cells


def title(item: EvaluationItem | None, dataset: str, job: Job | None = None) -> list[Piece]:
    """`demo  3 systems · 50 queries · complete · 2026-11-22 21:14`"""
    if item is None:
        return [(f" {one_line(dataset)}   ", "strong"), ("evaluation", "muted")]
    now = standing(item, job)
    parts: list[Piece] = [
        (figures.counted(len(item.systems), "system"), "muted"),
        (now.counted, "muted"),
        (now.words, now.role),
    ]
    if item.subset:
        parts.append((one_line(item.subset), "warning"))
    parts.append((item.date[:16].replace("T", " "), "faint"))
    return [(f" {one_line(item.dataset)}   ", "strong"), *joined(parts)]


def job_lines(job: Job, pause: str, stop: str, other: bool = False) -> list[list[Piece]]:
    """How far the evaluation is, or how it ended, and what happened to it. `pause` and `stop` are the keys for that;
    `other`: the screen shows another evaluation than this one, which is named."""
    said = one_line(job.sentence)
    if not job.active:
        if job.phase is Phase.FINISHED and job.failed:
            ended = outcome(len(job.systems), len(job.failed))
            return [[(f"Evaluated: {ended}.", "error"), (f" {said}", "text")]]
        roles = {Phase.FAILED: "error", Phase.STOPPED: "warning"}
        return [[(said if job.phase is not Phase.FINISHED else "Evaluated.", roles.get(job.phase, "up"))]]
    paused = job.phase is Phase.PAUSED
    pieces: list[Piece] = [("‖ " if paused else "▸ ", "bar")]
    now = job.progress
    if now is not None and now.total and now.unit:
        pieces += [(bar(now.done, now.total, _BAR), "bar"), (" ", "plain")]
    if other:
        pieces.append((f"{one_line(job.request.dataset)}: ", "strong"))
    pieces.append((job.about(), "strong"))
    if paused:
        pieces.append((" · paused", "warning"))
    pieces.append((f"  {pause} {'go on' if paused else 'pause'}  {stop} stop", "muted"))
    return [pieces, [(said, "warning")]] if said else [pieces]


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
    done = f"{view.item.done:,} of {figures.counted(view.item.queries, 'query', 'queries')}"
    return [(f"provisional, {done}", "warning"), (" · ", "faint"), *marks]


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


def about_bounds(view: EvaluationView, measure: str) -> list[list[Piece]]:
    """A line where a reader of the table would take its figures for wrong."""
    cells = [system.cells.get(measure) for system in view.systems]
    if not any(cell and cell.condensed and cell.maximum and cell.condensed > cell.maximum for cell in cells):
        return []
    said = "judged only can exceed the bounds: it moves documents up, they do not"
    return [[("! ", "warning"), (said, "text")]]


def matrix_lines(view: MatrixView) -> list[list[Piece]]:
    """What the matrix's marks and averages mean, and whether the order in domain is the one elsewhere."""
    lines: list[list[Piece]] = [
        [(f"{BEST} best of the column · – not evaluated on all queries", "muted")],
        [(_averaged(view), "muted")],
    ]
    if view.in_domain:
        tau = "too few systems to say" if view.correlation is None else f"Kendall's τ {signed(view.correlation, 2)}"
        lines.append([(f"order on {one_line(view.in_domain)} (in domain) against the average: {tau}", "text")])
    return lines


def _averaged(view: MatrixView) -> str:
    if not view.common:
        return "no average: the systems have too few datasets in common"
    over = f"average over {', '.join(map(one_line, view.common))}"
    return f"{over}: – lacks one of them" if None in view.averages else f"{over}, which all systems have"


def empty(dataset: str, systems: Sequence[str], new: str, others: int = 0) -> list[list[Piece]]:
    """Where nothing was evaluated yet; `others` are stored for other datasets."""
    found = f"  No evaluation of {one_line(dataset)} is open." if others else "  No evaluation yet."
    return [
        [],
        [(found, "strong")],
        [],
        [(f"  {new} starts one: all judged queries of {one_line(dataset)}, with", "text")],
        *([(f"    {one_line(system)}", "muted")] for system in systems),
    ]
