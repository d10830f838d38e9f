"""Notes as the document's pane shows them."""

from __future__ import annotations

from rich.cells import cell_len

from zsr_tui.api.judging import Scale
from zsr_tui.api.notes import KeptRemark, Remark
from zsr_tui.ui.parts.judging.state import QueryKept
from zsr_tui.ui.parts.judging.words import MOST_LINES, notes


def shown(text: str, width: int) -> list[str]:
    note = KeptRemark(revision=1, remark=Remark(kind="note", doc_id="d", text=text, who="ann"))
    kept = QueryKept("1", "", Scale(lowest=0, highest=3, judged=True), noted={"d": (note,)})
    return ["".join(piece for piece, _ in line) for line in notes(kept, "d", width)]


def test_wide_characters_fill_their_lines_and_none_is_lost() -> None:
    text = "文" * 60
    lines = shown(text, 42)
    assert all(cell_len(line) <= 42 for line in lines)
    assert len(lines) == 4
    assert sum(line.count("文") for line in lines) == 60


def test_a_long_note_is_cut_with_a_sign_within_the_width() -> None:
    lines = shown("one two three\n\n" * 40, 22)
    assert len(lines) == MOST_LINES
    assert lines[-1].endswith("…")
    assert all(cell_len(line) <= 22 for line in lines)
    assert not any(not line.strip() for line in lines)
