from __future__ import annotations

import pytest

from zsr_tui.domain import ScoredDoc
from zsr_tui.evaluation.measures import measure_ranking
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


@pytest.mark.parametrize("order", ["ac", "ca"])
def test_tied_documents_are_measured_where_they_stand(order: str) -> None:
    tied = [ScoredDoc(doc_id, 1.0) for doc_id in order]
    for measure in ("RR@10", "nDCG@1", "P@1", "Success@1"):  # of three providers
        assert measure_ranking(parse_measures([measure]), tied, {order[0]: 1, order[1]: 0}) == {measure: 1.0}
