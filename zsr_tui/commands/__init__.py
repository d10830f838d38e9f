"""What each command of `zsr-tui` does; `zsr_tui.cli` parses. Results go to stdout, progress to stderr."""
