"""Axioms: the preferences of ir_axioms' own classes on the same texts, and how lists are counted."""

from __future__ import annotations

import json
import math
from pathlib import Path

import numpy as np
import pytest

from zsr_tui.explain.axioms import AXIOMS, Axiom, Tally, Texts, meaning

GIVEN = json.loads(Path(__file__).with_name("axioms.json").read_text())
SIGNS = {"+": 1, "-": -1, ".": 0}


def texts() -> Texts:
    query, documents = GIVEN["query"].split(), [document.split() for document in GIVEN["documents"]]
    rarity = {term: math.log(GIVEN["of"] / n) if n else 0.0 for term, n in GIVEN["frequency"].items()}
    place = {word: number for number, word in enumerate(GIVEN["vectors"])}
    vectors = np.array(list(GIVEN["vectors"].values()))
    means = meaning([set(query), *map(set, documents)], vectors, place)
    return Texts(query, documents, rarity=rarity, meaning=means)


@pytest.mark.parametrize("axiom", [pytest.param(axiom, id=axiom.name.lower().replace("-", " ")) for axiom in AXIOMS])
def test_an_axiom_prefers_what_the_library_prefers(axiom: Axiom) -> None:
    expected = [[SIGNS[sign] for sign in row] for row in GIVEN["preferences"][axiom.name]]
    found = axiom.prefers(texts())
    assert found is not None
    assert found.tolist() == expected
    assert any(map(any, expected))


def test_pairs_are_counted_once_and_those_against_it_are_named() -> None:
    found = Texts(["sugar", "syrup"], [["sugar"], ["sugar", "syrup"], ["salt"], ["syrup", "sugar", "salt"]])
    tally = Tally(2)
    ids, grades = ["one", "both", "none", "three"], {"one": 0, "both": 2}
    tally.add(found, [[0, 1, 2], [3, 1]], ids, qid="q1", titles={"both": "Syrup"}, grades=grades)
    agreements = {(each.axiom, each.system): each for each in tally.agreements()}
    m_and = agreements["M-AND", 0]
    assert (m_and.agree, m_and.against, m_and.share) == (2, 1, pytest.approx(2 / 3))
    (violation,) = m_and.violations
    assert (violation.upper, violation.lower, violation.ranks, violation.qid) == ("one", "both", (1, 2), "q1")
    assert violation.facts == ("1 of 2", "2 of 2")
    assert (violation.titles, violation.grades) == (("", "Syrup"), (0, 2))
    assert (m_and.list_right, m_and.axiom_right) == (0, 1)
    tally.add(found, [[0, 1, 2], [3, 1]], ids, qid="q2", grades={"one": 2, "both": 0})
    tally.add(found, [[0, 1, 2], [3, 1]], ids, qid="q3", grades={"one": 2})  # the other is unjudged, not worse
    again = {(each.axiom, each.system): each for each in tally.agreements()}["M-AND", 0]
    assert (again.against, again.list_right, again.axiom_right) == (3, 1, 1)
    assert agreements["M-AND", 1].share is None
    assert (agreements["STMC1", 0].share, agreements["TFC3", 1].share) == (None, None)
    assert [sentence.split(" needs ")[0] for sentence in tally.unknown] == ["TFC3", "STMC1"]


@pytest.mark.parametrize(
    ("query", "documents"),
    [
        pytest.param(["zinc"], [], id="no documents"),
        pytest.param([], [["zinc"], []], id="no term of the query is left"),
        pytest.param(["zinc"], [["zinc"]], id="one document"),
    ],
)
def test_where_there_is_little_to_compare_nothing_breaks(query: list[str], documents: list[list[str]]) -> None:
    tally = Tally(1)
    means = np.zeros((1 + len(documents), 3))
    tally.add(Texts(query, documents, rarity=dict.fromkeys(query, 1.0), meaning=means), [range(len(documents))], "ab")
    counts = {each.axiom: each.agree + each.against for each in tally.agreements()}
    assert counts == dict.fromkeys(counts, 0) | ({"LNC1": 1} if len(documents) == 2 else {})
