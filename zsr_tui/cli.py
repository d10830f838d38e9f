"""The entry point of `zsr-tui`. Without arguments the application opens before any parser is imported."""

import sys

from zsr_tui.isolation import leave_current_folder


def main() -> None:
    """Exit codes: 0 fine, 1 failed, 2 wrong usage. A failure is one sentence on stderr."""
    leave_current_folder()  # before anything is imported that could lie in it
    from zsr_tui.domain import Problem

    try:
        code = _run(sys.argv[1:])
    except KeyboardInterrupt:
        print("zsr-tui: interrupted; finished work is kept.", file=sys.stderr)
        code = 1
    except Problem as problem:
        print(f"zsr-tui: {problem.message}", file=sys.stderr)
        code = problem.exit_code
    except BrokenPipeError:
        sys.stderr.close()  # whoever read stdout has seen enough
        code = 0
    sys.exit(code)


def _run(arguments: list[str]) -> int:
    if not arguments:
        from zsr_tui.commands.open import open_application

        return open_application(None, (), "")
    from zsr_tui.commands.parser import run

    return run(arguments)


if __name__ == "__main__":
    main()
