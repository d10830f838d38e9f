"""Where the notation of a system fails, marked while one types."""

from __future__ import annotations

from rich.highlighter import Highlighter
from rich.text import Text

from zsr_tui import pipeline
from zsr_tui.text import one_line
from zsr_tui.ui.parts.line_input import LineInput


def looks_like_notation(typed: str) -> bool:
    """As against a part of a model's name."""
    return typed == "bm25" or any(sign in typed for sign in ("(", ")", ">>", "%", '"'))


def error_in(typed: str) -> pipeline.NotationError | None:
    """Where the notation fails; None for what is right, and for what is none."""
    if not looks_like_notation(typed):
        return None
    try:
        pipeline.parse(typed)
    except pipeline.NotationError as error:
        return error
    return None


def sentence(error: pipeline.NotationError) -> str:
    return f"column {error.column}: {one_line(error.what)}"


def mark_errors(line: LineInput) -> None:
    """In a line for a system: the rest of its text from the column on at which the notation fails."""
    line.highlighter = _Wrong(line)


def go_to_error(line: LineInput) -> None:
    if error := error_in(line.value):
        line.cursor_position = error.column - 1


class _Wrong(Highlighter):
    def __init__(self, line: LineInput) -> None:
        self._line = line

    def highlight(self, text: Text) -> None:
        if error := error_in(text.plain):
            text.stylize(self._line.get_component_rich_style("line--wrong"), error.column - 1)
