"""The stage at fault of a query on two lines: the measure after each stage, and what lost most."""

from __future__ import annotations

from collections.abc import Sequence

from zsr_tui.api.queries import StageLossesView, StepView
from zsr_tui.text import one_line, shorten_middle
from zsr_tui.ui.parts.pieces import Piece, crop, width_of

# What a line gives up, one after the other: characters of names, the other lists of a fusion, changes.
_FORMS = ((10, True, True), (10, False, True), (6, False, True), (6, False, False))


def line_count(losses: StageLossesView) -> int:
    return 2 if losses.steps else 1


def verdict_lines(losses: StageLossesView, width: int) -> list[list[Piece]]:
    """`line_count` of them: no stages where there is nothing to compare."""
    said = one_line(losses.verdict)
    verdict: Piece = (said[:1].upper() + said[1:], "muted")
    if losses.at_fault is not None:
        lost = losses.difference is None or losses.difference < 0
        verdict = (verdict[0], "warning" if lost else "text")
    if not losses.steps:
        return [crop([(" ", "plain"), verdict], width)]
    return [_stages(losses, width), crop([(" ", "plain"), verdict], width)]


def _stages(losses: StageLossesView, width: int) -> list[Piece]:
    """As much as there is room for."""
    names = [name for step in losses.steps for name in (step.name, *(name for name, _ in step.beside))]
    line: list[Piece] = []
    for shortest, beside, changes in _FORMS:
        for longest in range(max(shortest, *map(len, names)), shortest - 1, -1):
            line = _line(losses, longest, beside, changes)
            if width_of(line) <= width:
                return line
    return crop(line, width)


def _line(losses: StageLossesView, longest: int, beside: bool, changes: bool) -> list[Piece]:
    pieces: list[Piece] = [(f" {losses.measure}  ", "muted")]
    for place, step in enumerate(losses.steps):
        at_fault = place == losses.at_fault
        if place:
            pieces.append((" → " if step.cut or not losses.steps[place - 1].baseline else " · ", "muted"))
        pieces += _step(step, longest, "warning" if at_fault else "text")
        if step.change and changes:
            pieces.append((f" {step.change:+.3f}".replace("-", "−"), "up" if step.change > 0 else "down"))
        if step.beside and beside:
            others = ", ".join(f"{shorten_middle(one_line(name), longest)} {value:.3f}" for name, value in step.beside)
            pieces.append((f" (with {others})", "muted"))
    return pieces


def _step(step: StepView, longest: int, role: str) -> Sequence[Piece]:
    pieces: list[Piece] = [(f"{shorten_middle(one_line(step.name), longest)} ", role)]
    if step.baseline:
        pieces.append(("(baseline) ", "muted"))
    pieces.append((f"{step.value:.3f}", role if role == "warning" else "score"))
    return pieces
