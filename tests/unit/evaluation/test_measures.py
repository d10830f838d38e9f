from __future__ import annotations

import pytest

from zsr_tui.domain import ScoredDoc
from zsr_tui.evaluation.measures import measure_ranking, trec_order
from zsr_tui.evaluation.naming import parse_measures

MEASURES = ("nDCG@10", "RR@10", "R@100", "Judged@10")


def test_measures_are_those_of_trec_eval() -> None:
    ranking = [ScoredDoc("b", 3.0), ScoredDoc("a", 2.0), ScoredDoc("x", 1.0)]
    values = measure_ranking(parse_measures(MEASURES), ranking, {"a": 1, "b": 0, "c": 1})
    assert values == pytest.approx(
        {"nDCG@10": 0.6309297535714575 / (1 + 0.6309297535714575), "RR@10": 0.5, "R@100": 0.5, "Judged@10": 2 / 3}
    )


def test_an_empty_list_has_measures_too() -> None:
    assert measure_ranking(parse_measures(MEASURES), [], {"a": 1}) == dict.fromkeys(MEASURES, 0.0)


def test_ties_are_read_as_trec_eval_reads_them() -> None:
    ranking = trec_order([ScoredDoc("a", 1.0), ScoredDoc("c", 1.0), ScoredDoc("b", 2.0)])
    assert [scored.doc_id for scored in ranking] == ["b", "c", "a"]
    # only the first place counts here, so the tie decides the value
    tied = [ScoredDoc("a", 1.0), ScoredDoc("c", 1.0)]
    first = trec_order(tied)[0].doc_id
    assert measure_ranking(parse_measures(["RR@1"]), tied, {first: 1})["RR@1"] == 1.0
