"""How a failure becomes a sentence on the wire."""

from __future__ import annotations

import errno
import logging
import traceback

from zsr_tui.api.requests import Fault
from zsr_tui.domain import Problem

log = logging.getLogger("zsr_tui.engine")


def fault(error: BaseException) -> Fault:
    """A `Problem` as it is; anything else as one sentence, with its traceback in the log and as the detail."""
    if isinstance(error, Problem):
        return Fault(message=error.message, detail=error.detail, usage=error.usage, kind=error.kind)
    detail = "".join(traceback.format_exception(error))
    log.error("unexpected failure\n%s", detail)
    if isinstance(error, OSError) and error.errno == errno.ENOSPC:
        return Fault(message="the disk is full: free some space and try again; finished work is kept.", detail=detail)
    if isinstance(error, MemoryError):
        return Fault(message="the machine has no memory left for this: close other programs or take a smaller model.")
    what = str(error).strip().splitlines()
    return Fault(
        message=f"the engine met an unexpected {type(error).__name__}"
        f"{': ' + what[0][:200] if what else ''}; its log has the details (zsr-tui locate).",
        detail=detail,
    )
