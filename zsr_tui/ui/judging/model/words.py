"""What the window of a model that judges says."""

from __future__ import annotations

from zsr_tui import numerals
from zsr_tui.api.agreement import FEW
from zsr_tui.api.model_jobs import ModelDesk, ModelJob
from zsr_tui.api.model_judging import ModelPlanned
from zsr_tui.client import price
from zsr_tui.client.price import Price
from zsr_tui.numerals import counted
from zsr_tui.text import one_line
from zsr_tui.ui.judging.handing.words import between
from zsr_tui.ui.parts.pieces import Piece, progress_bar

REASONS = 5  # that are told
BAR = 24  # cells
STATES = {"finished": "done", "stopped": "stopped, what was graded is kept", "failed": "ended early"}


def desk_lines(desk: ModelDesk, cost: Price | None, key: str) -> list[list[Piece]]:
    """Who judges, what would be sent, and how far it agrees with people; `key` begins what is next."""
    lines: list[list[Piece]] = [
        [(one_line(desk.pool.model), "strong"), (" at ", "muted"), (one_line(desk.pool.host), "strong")],
        *_scale(desk.pool),
        [],
    ]
    checking = to_check(desk)
    lines += [
        _step("1  judged by people", desk.check, cost, checking),
        *([] if desk.check.requests or desk.check.known else [[("   people have judged nothing here", "muted")]]),
        _step("2  the pool", desk.pool, cost, not checking),
        [],
        *_agreement(desk),
        [],
    ]
    if next_of(desk).requests:
        lines.append([(f"{key} ", "reference"), (f"asks, then sends {'1' if checking else '2'}", "text")])
    else:
        lines.append([("The model has graded all of it.", "text")])
    return lines


def to_check(desk: ModelDesk) -> bool:
    """Whether it is to be held against people first."""
    return bool(desk.check.requests) and not desk.humans


def next_of(desk: ModelDesk) -> ModelPlanned:
    return desk.check if to_check(desk) else desk.pool


def question(planned: ModelPlanned, cost: Price | None) -> list[str]:
    """What is said before anything is sent."""
    return [
        f"{counted(planned.requests, 'document')} to {one_line(planned.model)} at {one_line(planned.host)}.",
        f"{price.about(planned, cost)}.",
        "Each grade is kept as the model's; yours and the dataset's stay. It goes on when you leave this window.",
    ]


def job_lines(job: ModelJob | None, cost: Price | None, stop: str) -> list[list[Piece]]:
    """How far it is, or what came of it."""
    if job is None:
        return []
    what = "judged by people" if job.checking else "of the pool"
    lines: list[list[Piece]] = []
    if job.state == "running":
        bar = progress_bar(job.done, job.total, BAR)
        how_far: list[Piece] = [(bar, "bar"), (f" {job.done:,} of {job.total:,} {what}", "text")]
        lines.append([*how_far, (f" · {stop} ", "reference"), ("stops", "muted")])
    else:
        lines.append([(f"{STATES[job.state]}: ", "strong"), (f"{job.done:,} of {job.total:,} {what}", "text")])
    given = ", ".join(f"{count:,} of grade {grade}" for grade, count in sorted(job.grades.items()))
    failed = sum(job.failures.values())
    if given or failed:
        said = f", {failed:,} failed and have no grade" if failed else ""
        lines.append([(f"graded {sum(job.grades.values()):,}{f' ({given})' if given else ''}{said}", "text")])
    reasons = sorted(job.failures.items(), key=lambda each: -each[1])
    lines += [[(f"  {count:,} × {one_line(reason)}", "warning")] for reason, count in reasons[:REASONS]]
    if len(reasons) > REASONS:
        lines.append([(f"  and {counted(len(reasons) - REASONS, 'other reason')}", "warning")])
    if job.state != "running" and job.read is not None:
        lines.append([(f"cost: {price.spent(job.done, job.read, job.wrote, job.seconds, cost)}", "muted")])
    if job.problem:
        lines.append([(one_line(job.problem), "error")])
    return lines


def _step(name: str, planned: ModelPlanned, cost: Price | None, following: bool) -> list[Piece]:
    """`▶ 2  the pool: 12 requests, about 4.1 k tokens, 3 known from before`"""
    known = f", {planned.known:,} known from before" if planned.known else ""
    sign: Piece = ("▶ " if following and planned.requests else "  ", "reference")
    said = price.about(planned, cost) if planned.requests else "nothing to send"
    return [sign, (f"{name}: ", "text"), (f"{said}{known}", "strong" if planned.requests else "muted")]


def _scale(planned: ModelPlanned) -> list[list[Piece]]:
    """What the model's grades are on the dataset's scale, where that is another one."""
    grades = planned.counts_as
    if grades == tuple(range(len(grades))):
        return []
    own, here = (", ".join(map(str, each)) for each in (range(len(grades)), grades))
    return [[(f"its grades {own} count here as {here}", "muted")]]


def _agreement(desk: ModelDesk) -> list[list[Piece]]:
    if not desk.humans:
        return [[("how far it agrees with people is not known: its grades count nowhere", "warning")]]
    lines: list[list[Piece]] = []
    for found in desk.humans:
        lines += [[(part, "text")] for line in between(found) for part in line.split("; ")]
        if found.kappa is not None:
            lines.append([(f"by distance (quadratic) {numerals.value(found.weighted, 2)}", "muted")])
        if found.shared < FEW:
            lines.append([(f"of fewer than {FEW} documents kappa says next to nothing", "warning")])
    return lines
