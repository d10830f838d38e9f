"""What counts is marked in a document's text."""

from __future__ import annotations

from zsr_tui.explanation import Part
from zsr_tui.ui.explain import heat
from zsr_tui.ui.explain.text import marked


def test_a_token_that_several_of_the_query_matched_is_marked_by_the_one_that_counts_most() -> None:
    parts = [Part(text=name, share=share, spans=((6, 9),)) for name, share in (("a", 0.3), ("b", 1.0), ("c", 0.4))]
    text, marks = marked("Green tea", parts)
    assert text == f"Green {heat.glyph(heat.LEVELS)}tea"
    assert [(mark.level, mark.of) for mark in marks] == [(heat.LEVELS, (6, 9))]
