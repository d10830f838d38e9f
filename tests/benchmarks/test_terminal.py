"""The terminal that benchmarks and tests read a program from."""

from __future__ import annotations

import pytest

pytest.importorskip("fcntl", reason="a pseudo-terminal")

from benchmarks.terminal import Terminal
from tests.waiting import DEADLINE

TWO_LINES = ("sh", "-c", "echo first; read line; echo second")


def test_what_comes_when_the_limit_has_passed_is_on_the_screen_all_the_same() -> None:
    """As on a busy machine: what was read and not shown would be lacking for ever."""
    with Terminal(TWO_LINES) as terminal:
        terminal.first(lambda text: "first" in text, limit=DEADLINE)
        terminal.send("\n")
        assert terminal.exit_code() == 0
        terminal.quiet(DEADLINE, limit=0.0)
        assert "second" in terminal.text()


def test_what_waits_when_the_limit_has_passed_is_read_before_it_is_called_missing() -> None:
    with Terminal(TWO_LINES) as terminal:
        terminal.first(lambda text: "first" in text, limit=DEADLINE)
        terminal.send("\n")
        assert terminal.exit_code() == 0
        terminal.first(lambda text: "second" in text, limit=0.0)
        with pytest.raises(TimeoutError, match="not seen"):
            terminal.first(lambda text: "third" in text, limit=0.0)
