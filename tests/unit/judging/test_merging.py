"""People's judgments put together, and how far they agree."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.judging.made_up import judged
from zsr_tui.api.merging import Prefer
from zsr_tui.judging.agreement import agreement, alpha
from zsr_tui.judging.merging import Decisions, Side, decision, merged, once

ANNA = Side("here", (judged("q1", "d1", 2, when="2026-11-27T09:00:00Z"), judged("q1", "d2", 0), judged("q1", "d3", 1)))
BEN = Side(
    "ben.jsonl",
    (
        judged("q1", "d1", 1, "ben", "2026-11-27T10:00:00Z"),
        judged("q1", "d2", 0, "ben"),
        judged("q2", "d4", 2, "ben"),
        judged("q1", "d1", 3, "tiny", source="model"),
    ),
)


def test_two_people_are_put_together_and_what_they_judge_otherwise_is_left_open() -> None:
    found = merged([ANNA, BEN])
    assert found.judges == ("anna", "ben", "tiny, a model")
    assert (found.alone, found.agreed, found.shared, found.decided) == (2, 1, 2, ())
    (conflict,) = found.conflicts
    assert [(each.who, each.grade) for each in conflict.judgments] == [("anna", 2), ("ben", 1)]
    assert [(each.doc_id, each.grade, each.who) for each in found.judgments] == [
        ("d2", 0, "anna"), ("d3", 1, "anna"), ("d4", 2, "ben"), ("d1", 3, "tiny"),
    ]  # fmt: skip
    by_pair = {(each.first, each.second): each.agreement for each in found.between}
    both = by_pair["anna", "ben"]
    assert (both.shared, both.same, both.grades) == (2, 1, (0, 1, 2))
    assert both.matrix == ((1, 0, 0), (0, 0, 0), (0, 1, 0))
    assert both.relevant == 1
    assert set(by_pair) == {("anna", "ben")}  # a model goes along
    assert found.alpha == pytest.approx(alpha([[2, 0], [1, 0]]))


def test_a_judgment_that_was_handed_over_before_is_no_second_opinion() -> None:
    moment, later = "2026-11-27T09:00:00Z", "2026-11-27T11:00:00Z"
    here = Side("", (judged("q1", "d1", 2, when=moment), judged("q1", "d2", 0), judged("q1", "d3", 1, when=moment)))
    again = Side("anna.jsonl", (*here.judgments[:2], judged("q1", "d3", 0, when=later), judged("q1", "d4", 1)))
    sides = once([here, again, again])
    assert [[each.doc_id for each in side.judgments] for side in sides] == [
        ["d1", "d2", "d3"],
        ["d2", "d3", "d4"],  # of d2 nobody knows the moment; of d3 she thinks otherwise by now
        ["d2", "d4"],
    ]
    assert merged(once([here, Side("anna.jsonl", here.judgments[::2])])).between == ()


@pytest.mark.parametrize(
    ("prefer", "grade"), [("first", 2), ("last", 1), ("later", 1), ("higher", 2), ("lower", 1), ("", None)],
    ids=["first", "last", "later", "higher", "lower", "nothing"],
)  # fmt: skip
def test_what_is_preferred_settles_conflicts(prefer: Prefer, grade: int | None) -> None:
    found = merged([ANNA, BEN], Decisions(prefer=prefer))
    of_d1 = [each.grade for each in found.judgments if (each.doc_id, each.source) == ("d1", "own")]
    assert of_d1 == ([] if grade is None else [grade])
    assert (len(found.decided), len(found.conflicts)) == ((0, 1) if grade is None else (1, 0))


def test_the_later_one_is_not_guessed_where_nobody_says_when() -> None:
    sides = [Side("a", (judged("q1", "d1", 1),)), Side("b", (judged("q1", "d1", 2, "ben", "2026-11-27T10:00:00Z"),))]
    assert len(merged(sides, Decisions(prefer="later")).conflicts) == 1


def test_a_decision_outranks_what_is_preferred_and_says_whose_it_is() -> None:
    (conflict,) = merged([ANNA, BEN]).conflicts
    assert decision(conflict.judgments, 1, "eva", "now") == conflict.judgments[1]
    own = decision(conflict.judgments, 0, "eva", "2026-11-27T11:00:00Z")
    assert (own.grade, own.who, own.when, own.doc_id) == (0, "eva", "2026-11-27T11:00:00Z", "d1")
    found = merged([ANNA, BEN], Decisions({conflict.pair: 0}, "eva", "2026-11-27T11:00:00Z", "first"))
    assert own in found.judgments
    assert len(found.decided) == 1


def test_judges_of_one_name_are_told_apart_by_their_files() -> None:
    copy = Side("copy.csv", ANNA.judgments)
    found = merged([ANNA, copy])
    assert found.judges == ("here, anna", "copy.csv, anna")
    assert merged([Side("", ANNA.judgments), copy]).judges == ("yours, anna", "theirs (copy.csv), anna")
    assert (found.agreed, found.conflicts) == (3, ())
    assert found.between[0].agreement.kappa == 1


def test_kappa_is_that_of_cohens_own_example_and_undefined_where_all_is_one_grade() -> None:
    """Cohen, "A coefficient of agreement for nominal scales", 1960, table 1: 0.492."""
    table = ((88, 14, 18), (10, 40, 10), (2, 6, 12))
    pairs = [(i, j) for i, row in enumerate(table) for j, count in enumerate(row) for _ in range(count)]
    found = agreement(pairs)
    assert found.kappa == pytest.approx(0.492, abs=0.0005)
    assert found.matrix == table
    assert found.same == 140
    same = agreement([(1, 1)] * 5)
    assert (same.kappa, same.weighted, same.relevant, same.same) == (None, None, None, 5)
    assert agreement([]).shared == 0


def test_alpha_is_that_of_krippendorffs_own_example() -> None:
    """Krippendorff, "Computing Krippendorff's alpha-reliability", 2011, section D: ordinal 0.815."""
    x = None
    four = [
        [1, 2, 3, 3, 2, 1, 4, 1, 2, x, x, x],
        [1, 2, 3, 3, 2, 2, 4, 1, 2, 5, x, 3],
        [x, 3, 3, 3, 2, 3, 4, 2, 2, 5, 1, x],
        [1, 2, 3, 3, 2, 4, 4, 1, 2, 5, 1, x],
    ]
    assert alpha(four) == pytest.approx(0.815, abs=0.0005)
    assert alpha([[1, x], [x, 1]]) is None
    assert alpha([[1, 1], [1, 1]]) is None


@settings(max_examples=30, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3)), max_size=12))
def test_kappa_is_its_definition(pairs: list[tuple[int, int]]) -> None:
    found = agreement(pairs).kappa
    if len({grade for pair in pairs for grade in pair}) < 2:
        assert found is None
        return
    first, second = (np.bincount(side, minlength=4) / len(pairs) for side in zip(*pairs, strict=True))
    observed, expected = sum(a == b for a, b in pairs) / len(pairs), float(first @ second)
    assert found == pytest.approx((observed - expected) / (1 - expected))
