"""python -P -m zsr_tui.web.application [SOCKET]: the application in a tab, attached to the engine that all tabs share,
or to the one that the user has chosen."""

# ruff: noqa: E402 - what is imported after the first call cannot lie in the current folder
from zsr_tui.isolation import leave_current_folder

leave_current_folder()

import gc
import sys
from pathlib import Path

from zsr_tui.edge import guarded


def run(arguments: list[str]) -> int:
    gc.disable()  # until the first paint
    from zsr_tui.client.attached import AttachedProcess
    from zsr_tui.client.choosing import chosen_engine
    from zsr_tui.client.engine import Engine
    from zsr_tui.settings import begin
    from zsr_tui.ui.app import ZsrTuiApp

    settings = begin()
    engine = Engine(AttachedProcess(Path(arguments[0]))) if arguments else chosen_engine()
    app = ZsrTuiApp(engine, settings=settings, tour="offer")
    app.run()
    return app.return_code or 0


if __name__ == "__main__":
    sys.exit(guarded(run))
