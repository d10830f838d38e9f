"""Which documents a place was lost to."""

from __future__ import annotations

from zsr_tui.explain import order


def test_documents_above_are_told_with_where_they_came_from_and_those_that_were_passed() -> None:
    found = order.explain(["a", "b", "me", "c", "d"], ["a", "d", "me", "c", "b"], "me", "text", {"d": "Zinc"})
    assert [(part.text, part.values, part.note) for part in found.parts] == [
        ("a", (1, 1), "was above it"),
        ("d", (2, 5), "overtook it: Zinc"),
    ]
    assert [(part.text, part.values) for part in found.tables[0].parts] == [("b", (5, 2))]
    assert found.score == -3
    assert found.notes[0] == (
        "It lost to 2 of 4 others, 1 of which came from below it: it was put at place 3 of 5, and came from place 3."
    )


def test_a_first_place_lost_to_nobody_and_who_was_not_there_has_no_place() -> None:
    first = order.explain(["a", "b"], ["a", "b"], "a", "text")
    assert (first.parts, first.tables, first.method) == ((), (), "")
    assert first.notes[0] == "It lost to 0 of 1 other: it was put at place 1 of 2, and came from place 1."
    absent = order.explain(["a"], ["a"], "me", "text")
    assert (absent.score, absent.parts) == (None, ())
    assert absent.notes == ("It was not among the candidates that this reranker put in order.",)
