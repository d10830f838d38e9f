"""The entry point of `zsr-tui`. Without arguments the application opens before any parser is imported."""

import os
import sys

from zsr_tui.isolation import leave_current_folder


def main() -> None:
    leave_current_folder()  # before anything is imported that could lie in it
    import signal

    signal.signal(signal.SIGINT, signal.SIG_DFL)  # nothing is begun: who interrupts the imports need not be told so
    from zsr_tui.edge import guarded

    sys.exit(guarded(_run))


def _run(arguments: list[str]) -> int:
    if "_ZSR_TUI_COMPLETE" in os.environ:  # a shell asks what may stand at its cursor
        from zsr_tui.commands.completion import answer

        return answer()
    if not arguments:
        from zsr_tui.commands.open import open_application
        from zsr_tui.settings import begin

        return open_application(settings=begin())
    from zsr_tui.commands.parser import run

    return run(arguments)


if __name__ == "__main__":
    main()
