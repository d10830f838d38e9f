from __future__ import annotations

import random
from collections.abc import Sequence
from itertools import permutations

import ir_measures
import pytest

from zsr_tui.evaluation.naming import parse_measures
from zsr_tui.judging.pooling import (
    APART,
    BLOCK,
    Look,
    again_left,
    block,
    due_again,
    median_seconds,
    pool,
    stakes,
    with_oneself,
)


def test_the_pool_is_what_stands_unjudged_in_the_first_places_of_any_list_the_highest_first() -> None:
    lists = [["a", "b", "c", "d"], None, ["e", "a", "f", "g"]]
    assert pool(lists, {"b": 0}, 3) == ["a", "e", "c", "f"]
    assert pool(lists, {}, 1) == ["a", "e"]
    assert pool([None, []], {}, 10) == []


def value_of(measure: object, ids: Sequence[str], judgments: dict[str, int]) -> float:
    """By ir_measures itself, from documents and scores."""
    run = {"1": {doc_id: float(-place) for place, doc_id in enumerate(ids)}}
    return float(ir_measures.calc_aggregate([measure], {"1": judgments}, run)[measure])


def by_trying(
    measure: object, lists: Sequence[Sequence[str]], judgments: dict[str, int], doc_id: str, grades: Sequence[int]
) -> float:
    """The largest change of the difference between two systems, or of the one that there is."""

    def changes(grade: int) -> list[float]:
        with_it = {**judgments, doc_id: grade}
        now = [value_of(measure, ids, judgments) for ids in lists]
        then = [value_of(measure, ids, with_it) for ids in lists]
        if len(lists) == 1:
            return [abs(then[0] - now[0])]
        pairs = permutations(range(len(lists)), 2)
        return [(then[one] - then[other]) - (now[one] - now[other]) for one, other in pairs]

    return max(max(changes(grade)) for grade in grades)


@pytest.mark.parametrize("name", ["nDCG@5", "RR@5", "AP", "P@5", "R@5", "Judged@5", "Bpref"])
@pytest.mark.parametrize("systems", [1, 2, 3])
def test_what_is_at_stake_is_the_largest_change_that_trying_every_grade_in_every_pair_finds(
    name: str, systems: int
) -> None:
    (measure,) = parse_measures([name])
    rng = random.Random(f"{name} {systems}")
    docs = [f"d{number}" for number in range(14)]
    for grades in ((0, 1), (0, 1, 2, 3)):
        lists = [rng.sample(docs, rng.randint(3, 9)) for _ in range(systems)]
        judgments = {doc_id: rng.choice(grades) for doc_id in rng.sample(docs, 5)}
        found = stakes(measure, lists, judgments, 8, grades)
        assert {each.doc_id for each in found} == set(pool(lists, judgments, 8))
        assert [each.change for each in found] == sorted((each.change for each in found), reverse=True)
        for each in found:
            assert each.change == pytest.approx(by_trying(measure, lists, judgments, each.doc_id, grades)), each.doc_id
            with_it = {**judgments, each.doc_id: each.grade}
            gain, *loss = [
                value_of(measure, lists[system], with_it) - value_of(measure, lists[system], judgments)
                for system in (each.gains, each.loses)
                if system is not None
            ]
            assert abs(gain - sum(loss)) == pytest.approx(each.change)


def test_a_document_at_the_same_place_of_both_lists_is_worth_nothing_and_comes_last() -> None:
    (measure,) = parse_measures(["RR@10"])
    lists = [["same", "one", "x"], None, ["same", "x", "two"]]
    found = stakes(measure, lists, {}, 3, (0, 1))
    assert [(each.doc_id, round(each.change, 3), each.ranks) for each in found] == [
        ("one", 0.5, (2, None, None)),
        ("two", 0.333, (None, None, 3)),
        ("x", 0.167, (3, None, 2)),
        ("same", 0.0, (1, None, 1)),
    ]
    assert [(each.gains, each.loses, each.grade) for each in found[:3]] == [(0, 2, 1), (2, 0, 1), (2, 0, 1)]
    assert stakes(measure, [None, None], {}, 3, (0, 1)) == []


def test_a_block_is_the_first_ten_in_an_order_of_its_seed() -> None:
    items = list(range(25))
    first = block(items, 7, 0)
    assert sorted(first) == items[:BLOCK]
    assert first == block(items, 7, 0) == [9, 8, 0, 2, 6, 7, 5, 3, 4, 1]  # on every machine
    assert first not in (block(items, 8, 0), block(items, 7, 10), items[:BLOCK])
    assert block([], 7, 0) == []


def looked(count: int, seed: int, documents: int = 1000) -> list[Look]:
    """So many looks, at new documents as long as there are any."""
    looks: list[Look] = []
    for number in range(count):
        new = sum(not look.again for look in looks)
        again = due_again(looks, seed, last=new == documents)
        if again is not None:
            looks.append(Look(again.query, again.doc_id, 1, 1.0, again=True))
        elif new < documents:
            looks.append(Look("q", f"d{number}", None if number % 5 == 4 else 1, 1.0))
    return looks


@pytest.mark.parametrize("seed", range(20))
def test_one_of_ten_looks_is_a_second_one_at_a_document_that_was_judged_a_while_ago(seed: int) -> None:
    looks = looked(60, seed)
    for start in range(0, 60, BLOCK):
        assert sum(look.again for look in looks[start : start + BLOCK]) == 1
    seen: list[str] = []
    for place, look in enumerate(looks):
        if look.again:
            assert place - seen.index(look.doc_id) > APART
            assert looks[seen.index(look.doc_id)].grade is not None
        seen.append(look.doc_id)
    assert max(seen.count(doc_id) for doc_id in seen) == 2
    assert looks == looked(60, seed)


def test_where_it_comes_is_not_to_be_guessed_and_it_comes_where_the_pool_ends_early_too() -> None:
    places = {next(place for place, look in enumerate(looked(10, seed)) if look.again) for seed in range(40)}
    assert places == set(range(BLOCK - APART, BLOCK))
    short = looked(10, 3, documents=6)
    assert [look.again for look in short] == [False] * 6 + [True]
    assert not any(look.again for look in looked(10, 3, documents=5))  # too soon after the first look


@pytest.mark.parametrize("documents", [0, 3, 5, 6, 8, 9, 10, 14, 15, 16, 18, 33])
def test_what_is_left_becomes_one_less_with_every_look_at_a_new_one_or_again(documents: int) -> None:
    for seed in range(5):
        looks = looked(3 * documents + 10, seed, documents)
        new = documents
        for number in range(len(looks) + 1):
            assert new + again_left(looks[:number], new) == len(looks) - number
            new -= number < len(looks) and not looks[number].again


def test_time_and_agreement_with_oneself_are_those_of_the_grades() -> None:
    looks = [
        Look("q", "a", 2, 4.0),
        Look("q", "b", None, 90.0),
        Look("r", "a", 0, 10.0),
        Look("q", "a", 1, 3.0, again=True),
        Look("r", "a", None, 3.0, again=True),
    ]
    assert median_seconds(looks) == 4.0
    assert with_oneself(looks) == [(looks[0], looks[3])]
    assert (median_seconds([]), with_oneself([])) == (None, [])
