"""python -m zsr_tui: the same as zsr-tui."""

from zsr_tui.cli import main

main()
