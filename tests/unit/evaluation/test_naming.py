"""What users write for a measure, and where it leads them."""

from __future__ import annotations

import ir_measures
import pytest

from zsr_tui.domain import RELEVANT_FROM, Problem, ScoredDoc, relevant_docs, relevant_from
from zsr_tui.evaluation import naming
from zsr_tui.evaluation.measures import measure_ranking
from zsr_tui.evaluation.naming import asked_measures, parse_measures


def refusal(name: str) -> str:
    with pytest.raises(Problem) as caught:
        parse_measures([name])
    assert caught.value.exit_code == 2
    assert "\n" not in caught.value.message
    return caught.value.message


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


@pytest.mark.parametrize(
    ("of_trec_eval", "ours"),
    [
        ("recip_rank", "RR"),
        ("map", "AP"),
        ("map_cut_100", "AP@100"),
        ("ndcg", "nDCG"),
        ("ndcg_cut_10", "nDCG@10"),
        ("ndcg_cut.10", "nDCG@10"),
        ("ndcg_cut", "nDCG@10"),
        ("recall_100", "R@100"),
        ("P_10", "P@10"),
        ("p_5,20", "P@5 or P@20"),
        ("success_5", "Success@5"),
        ("bpref", "Bpref"),
        ("set_F", "SetF"),
        ("set_F_0.5", "SetF(beta=0.5)"),
        ("set_recall", "SetR"),
        ("iprec_at_recall_0.10", "IPrec@0.1"),
        ("num_rel_ret", "NumRet(rel=1)"),
        ("infap", "infAP"),
    ],
)
def test_the_names_of_trec_eval_lead_to_the_measure(of_trec_eval: str, ours: str) -> None:
    assert refusal(of_trec_eval) == f"unknown measure {of_trec_eval!r}: did you mean {ours}?"
    parse_measures(ours.split(" or "))


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("nDCG@0", "the cutoff of 'nDCG@0' must be at least 1"),
        ("P", "P needs a cutoff: write P@10."),
        ("ERR", "'ERR' needs a cutoff: write ERR@10."),
        ("IPrec", "IPrec needs a recall: write IPrec@0.1."),
        ("SDCG@5", "SDCG needs a max_rel: write SDCG(max_rel=1)."),
        ("Bpref@10", "Bpref takes no cutoff: write Bpref in place of 'Bpref@10'."),
        ("nDCG(foo=1)@10", "nDCG has no 'foo': it takes cutoff, dcg, gains, judged_only."),
        ("NumQ(rel=1)", "NumQ has no 'rel': it takes nothing."),
        ("nDCG@True", "cutoff of 'nDCG@True' must be a whole number, not True."),
        ("SetF(beta=2)", "beta of 'SetF(beta=2)' must be a number with a point, not 2."),
        ("nDCG(dcg='x')@10", "dcg of \"nDCG(dcg='x')@10\" must be 'log2' or 'exp-log2', not 'x'."),
        ("nDCG(gains=3)@10", "gains of 'nDCG(gains=3)@10' must be gains by grade, such as {1: 1, 2: 3}, not 3."),
        (
            "nDCG(gains={1:2000000})@10",
            "grades and gains of 'nDCG(gains={1:2000000})@10' must be whole numbers up to 1,000,000.",
        ),
        (
            "nDCG(gains={'a':1})@3",
            "grades and gains of \"nDCG(gains={'a':1})@3\" must be whole numbers up to 1,000,000.",
        ),
        ("nDCG(gains={True:2})", "grades and gains of 'nDCG(gains={True:2})' must be whole numbers up to 1,000,000."),
        ("P(rel=0)@5", "rel of 'P(rel=0)@5' must be a grade from 1 to 1,000,000: what is below 1 is not relevant."),
        (
            "AP(rel=1000001)",
            "rel of 'AP(rel=1000001)' must be a grade from 1 to 1,000,000: what is below 1 is not relevant.",
        ),
        ("NumRel(rel=2)", "ir_measures computes 'NumRel(rel=2)' only with other parameters, such as NumRel."),
        ("RBP(p=0.5)@5", "ir_measures computes 'RBP(p=0.5)@5' only with other parameters, such as RBP(p=0.5,rel=1)."),
        ("P@99999999999999999999", "ir_measures cannot compute the measure 'P@99999999999999999999'."),
        ("nDCG@-1", "unknown measure 'nDCG@-1': did you mean nDCG@10?"),
        ("nDCG 10", "'nDCG 10' are 2 words and a measure is one"),
        ("official", "unknown measure 'official': try nDCG@10, RR@10, AP or R@100."),
    ],
    ids=(
        "cutoff of zero,no cutoff,a cutoff helps,no recall,no grade,no cutoff taken,no such parameter,no parameter,"
        "a truth,no point,no such formula,no gains,a gain too large,a grade in letters,a grade that is a truth,"
        "a grade of zero,a grade too large,other parameters,another and no cutoff,beyond counting,below zero,two words,"
        "a nickname"
    ).split(","),
)
def test_what_is_wrong_with_a_measure_is_said(name: str, said: str) -> None:
    assert said in refusal(name)


def test_brackets_without_end_are_an_unknown_measure() -> None:
    assert len(refusal("nDCG(" + "(" * 3000)) < 140


def test_a_measure_whose_program_is_missing_says_which(monkeypatch: pytest.MonkeyPatch) -> None:
    naming._parse.cache_clear()
    monkeypatch.setattr(ir_measures.gdeval, "_is_available", False)
    assert "'ERR@10' needs gdeval, which is not installed (install perl, see" in refusal("ERR@10")


def test_measures_that_know_no_grades_take_the_grade_from_which_on_a_document_is_relevant(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    names = ["nDCG@10", "AP", "RR@10", "P(rel=3)@5", "Judged@10", "R@100"]
    assert list(map(str, asked_measures(names))) == names
    assert relevant_docs({"a": 2, "b": 1, "c": 0}) == ["a", "b"]
    monkeypatch.setenv(RELEVANT_FROM, "2")
    meant = ["nDCG@10", "AP(rel=2)", "RR(rel=2)@10", "P(rel=3)@5", "Judged@10", "R(rel=2)@100"]
    assert list(map(str, asked_measures(names))) == meant
    assert list(map(str, parse_measures(names))) == names  # as an evaluation has stored them
    assert relevant_docs({"a": 2, "b": 1, "c": 0}) == ["a"]
    assert measure_ranking(asked_measures(["RR@10"]), [ScoredDoc("b", 2.0), ScoredDoc("a", 1.0)], {"a": 2, "b": 1}) == {
        "RR(rel=2)@10": 0.5
    }


@pytest.mark.parametrize("written", ["0", "two", "-1", "1.5", "9999999"])
def test_a_grade_that_is_none_is_refused(written: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(RELEVANT_FROM, written)
    with pytest.raises(Problem, match="write a whole number from 1 on"):
        relevant_from()
