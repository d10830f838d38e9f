"""How an error becomes a sentence on the wire."""

from __future__ import annotations

import logging
import traceback

from msgspec.structs import replace

from zsr_tui import caller, paths
from zsr_tui.api.requests import ProblemView
from zsr_tui.domain import Problem
from zsr_tui.files import problem_of

log = logging.getLogger("zsr_tui.engine")


def problem_view(error: BaseException) -> ProblemView:
    """A `Problem` as it is; anything else as one sentence, with its traceback in the log and as the detail."""
    if isinstance(error, Problem):
        view = ProblemView.of(error)
        return view if caller.current().bounds is None else replace(view, detail="")
    detail = "".join(traceback.format_exception(error))
    log.error("unexpected error\n%s", detail)
    others = caller.current().bounds is not None  # whose engine it is not: where its files lie is not told
    if isinstance(error, OSError):
        return ProblemView.of(problem_of(error))
    if isinstance(error, MemoryError):
        message = "the machine has no memory left for this: close other programs or take a smaller model."
    else:
        what = str(error).strip().splitlines()
        about = f": {what[0][:200]}" if what else ""
        see_log = "" if others else paths.see_log()
        message = f"the engine met an unexpected {type(error).__name__}{about}{see_log}."
    return ProblemView(message=message, detail="" if others else detail)
