"""The lines above the views: which evaluation is meant, and how far the one is that runs."""

from __future__ import annotations

from collections.abc import Sequence

from zsr_tui import numerals
from zsr_tui.api.evaluations import EvaluationItem
from zsr_tui.text import one_line
from zsr_tui.ui.evaluation.running import Phase, RunningEvaluation
from zsr_tui.ui.evaluation.standing import outcome, standing
from zsr_tui.ui.parts.pieces import Piece, joined, progress_bar

_BAR = 12  # cells


def title(item: EvaluationItem | None, dataset: str, running: RunningEvaluation | None = None) -> list[Piece]:
    """`demo  3 systems · 50 queries · complete · 2026-11-22 21:14 UTC`"""
    if item is None:
        return [(f" {one_line(dataset)}   ", "strong"), ("evaluation", "muted")]
    now = standing(item, running)
    parts: list[Piece] = [
        (numerals.counted(len(item.systems), "system"), "muted"),
        (now.counted, "muted"),
        (now.words, now.role),
    ]
    if item.subset:
        parts.append((one_line(item.subset), "warning"))
    parts.append((numerals.date(item.date), "faint"))
    return [(f" {one_line(item.dataset)}   ", "strong"), *joined(parts)]


def running_lines(running: RunningEvaluation, pause: str, stop: str, other: bool = False) -> list[list[Piece]]:
    """How far the evaluation is, or how it ended, and what happened to it. `pause` and `stop` are the keys for that;
    `other`: the screen shows another evaluation than this one, which is named."""
    said = one_line(running.sentence)
    if not running.active:
        if running.phase is Phase.FINISHED and running.failed:
            ended = outcome(len(running.systems), len(running.failed))
            return [[(f"Evaluated: {ended}.", "error"), (f" {said}", "text")]]
        roles = {Phase.FAILED: "error", Phase.STOPPED: "warning"}
        return [[(said if running.phase is not Phase.FINISHED else "Evaluated.", roles.get(running.phase, "up"))]]
    paused = running.phase is Phase.PAUSED
    pieces: list[Piece] = [("‖ " if paused else "▸ ", "bar")]
    now = running.progress
    if now is not None and now.total and now.unit:
        pieces += [(progress_bar(now.done, now.total, _BAR), "bar"), (" ", "plain")]
    if other:
        pieces.append((f"{one_line(running.request.dataset)}: ", "strong"))
    pieces.append((running.about(), "strong"))
    if paused:
        pieces.append((" · paused", "warning"))
    pieces.append((f"  {pause} {'go on' if paused else 'pause'}  {stop} stop", "muted"))
    return [pieces, [(said, "warning")]] if said else [pieces]


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
