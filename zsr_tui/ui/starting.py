"""The start of the engine, and what the user is asked where it fails."""

from __future__ import annotations

from rich.text import Text

from zsr_tui.domain import NOT_KNOWN, Problem, Unreachable
from zsr_tui.text import one_line
from zsr_tui.ui.keys.app import KeyedApp
from zsr_tui.ui.parts.confirm import ConfirmScreen
from zsr_tui.ui.parts.engine import StartedEngine


async def has_started(app: KeyedApp, engine: StartedEngine) -> bool:
    """False where the application ends: the user wants it, or the engine does not know them."""
    while True:
        try:
            await engine.start()
        except Problem as problem:
            if problem.kind == NOT_KNOWN:  # nothing can be done about it from here
                app.exit(return_code=problem.exit_code, message=Text(f"zsr-tui: {one_line(problem.message)}"))
                return False
            away = problem.kind == Unreachable.kind
            title = "The engine cannot be reached" if away else "The engine did not start"
            if not await app.push_screen_wait(ConfirmScreen(title, (problem.message,), "Retry", "Quit")):
                app.exit(return_code=1)
                return False
        else:
            return True
