"""Texts are broken between words, by the cells that they take on a terminal."""

from __future__ import annotations

import os
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from zsr_tui.edge import say
from zsr_tui.wrapping import wrap, wrapped_lines


@given(st.text(alphabet="ab 日本é", max_size=60), st.integers(2, 20))
def test_no_line_is_wider_than_the_room_and_no_word_is_lost(text: str, width: int) -> None:
    lines = wrapped_lines(text, width)
    assert max(map(cell_len, lines)) <= max(width, cell_len(text) - cell_len(text.lstrip()))
    assert "".join("".join(lines).split()) == "".join(text.split())


def test_wide_characters_count_twice_and_lines_behind_the_first_are_indented() -> None:
    assert wrapped_lines("日本 日本 ab", 9) == ["日本 日本", "ab"]
    assert wrapped_lines("日本 日本 ab", 8) == ["日本", "日本 ab"]
    assert wrapped_lines("one two three", 7, indent=2) == ["one two", "  three"]
    assert wrapped_lines("", 5) == [""]
    assert wrapped_lines("a\n\nb", 5) == ["a", "", "b"]
    assert wrapped_lines("abcdefgh ij", 5) == ["abcde", "fgh", "ij"]
    assert wrapped_lines("to abcdefgh ij", 5, whole=True) == ["to", "abcdefgh", "ij"]
    assert wrap("a  b", 1) == [(0, 1), (3, 4)]


def test_a_message_on_a_terminal_is_broken_between_words_and_elsewhere_is_one_line(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    message = "the model was not found: write org/name, a folder, or the address of a server that runs it."
    say(message)
    assert capsys.readouterr().err == f"zsr-tui: {message}\n"
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    monkeypatch.setattr(sys.stderr, "fileno", lambda: 2)
    monkeypatch.setattr(os, "get_terminal_size", lambda _: os.terminal_size((40, 24)))
    say(message)
    lines = capsys.readouterr().err.splitlines()
    assert max(map(len, lines)) <= 40
    assert " ".join(lines) == f"zsr-tui: {message}"
