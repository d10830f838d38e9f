from __future__ import annotations

import pytest

from zsr_tui.domain import Problem, ScoredDoc
from zsr_tui.evaluation.measures import measure_ranking, parse_measures, trec_order

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


@pytest.mark.parametrize(
    ("name", "offered"), [("ndcg@10", "nDCG@10"), ("NDGC@10", "nDCG@10"), ("recal@100", "R@100"), ("mapp", "AP")]
)
def test_an_unknown_measure_gets_the_nearest_names(name: str, offered: str) -> None:
    with pytest.raises(Problem) as failure:
        parse_measures([name])
    assert offered in failure.value.message
    assert failure.value.exit_code == 2


@pytest.mark.parametrize(
    "name",
    [
        pytest.param("", id="nothing"),
        pytest.param("@10", id="no name"),
        pytest.param("nDCG@ten", id="cutoff in words"),
        pytest.param("nDCG@10; import os", id="code"),
        pytest.param("α_nDCG@10", id="Greek letter"),
        pytest.param("nDCG(foo=1)@10", id="unknown parameter"),
    ],
)
def test_nonsense_is_refused_in_one_sentence(name: str) -> None:
    with pytest.raises(Problem) as failure:
        parse_measures([name])
    assert "\n" not in failure.value.message


def test_a_cutoff_without_its_sign_is_understood_by_the_hint() -> None:
    with pytest.raises(Problem, match="did you mean nDCG@10"):
        parse_measures(["nDCG10"])
