"""How far an evaluation is, in the words that the header, the list and the line of its progress share.

An evaluation is stored (`EvaluationItem`), and this program may follow it while it runs (`RunningEvaluation`), which
knows more: what is stored was read at some moment, and a moment later the evaluation can be further, or over.
"""

from __future__ import annotations

from dataclasses import dataclass

from zsr_tui import numerals
from zsr_tui.api.evaluations import EvaluationItem
from zsr_tui.ui.evaluation.running import Phase, RunningEvaluation


@dataclass(frozen=True, slots=True)
class Standing:
    """`state` is "complete", "running", "paused" or "stopped", `words` says it to the user in the style `role`; `done`
    of `queries` are finished."""

    state: str
    words: str
    role: str
    done: int
    queries: int

    @property
    def active(self) -> bool:
        return self.state in ("running", "paused")

    @property
    def counted(self) -> str:
        """ "50 queries", "12 of 50 queries"."""
        all_of_them = numerals.counted(self.queries, "query", "queries")
        return all_of_them if self.done == self.queries else f"{self.done:,} of {all_of_them}"


def standing(item: EvaluationItem, job: RunningEvaluation | None = None) -> Standing:
    """`job` is whatever this program follows, this evaluation or another one."""
    state, done, failed = item.state, item.done, len(item.failed)
    if job is not None and job.id == item.id:
        now = job.progress
        if now is not None and now.unit:
            done = now.done if job.active else max(done, now.done)
        if job.active:
            state = "paused" if job.phase is Phase.PAUSED else "running"
        elif state in ("running", "paused"):  # read before it ended
            failed = len(job.failed)
            state = "complete" if job.phase is Phase.FINISHED and not failed else "stopped"
        if job.phase is Phase.FINISHED:
            done = item.queries
    words, role = _words(state, done == item.queries, failed, len(item.systems))
    return Standing(state, words, role, done, item.queries)


def _words(state: str, through: bool, failed: int, systems: int) -> tuple[str, str]:
    if state == "stopped" and failed:
        if through or failed == systems:
            return outcome(systems, failed), "error"
        return f"stopped, {failed:,} of {numerals.counted(systems, 'system')} failed", "error"
    return state, {"complete": "muted", "running": "strong"}.get(state, "warning")


def outcome(systems: int, failed: int) -> str:
    """What came of the systems, where some failed: "2 of 3 systems done, 1 failed"."""
    if failed == systems:
        return "failed" if systems == 1 else f"all {systems:,} systems failed"
    return f"{systems - failed:,} of {numerals.counted(systems, 'system')} done, {failed:,} failed"
