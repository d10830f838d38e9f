"""TREC run files as they are written."""

from __future__ import annotations

import math
from pathlib import Path

import ir_measures
import numpy as np
import pytest

from zsr_tui.domain import Problem
from zsr_tui.evaluation.runs import read_run
from zsr_tui.trec import run_lines, run_name


def test_a_run_file_is_read_back_by_ir_measures(tmp_path: Path) -> None:
    path = tmp_path / "a.run"
    path.write_text(run_lines("q1", ("d2", "d1"), [2.5, -1.25e-3], run_name("bm25 % 100 >> a/b")))
    read = list(ir_measures.read_trec_run(str(path)))
    assert [(doc.query_id, doc.doc_id, doc.score) for doc in read] == [("q1", "d2", 2.5), ("q1", "d1", -1.25e-3)]
    assert path.read_text().splitlines()[1].split()[3] == "2"


@pytest.mark.parametrize(
    "scores",
    [
        [3.0, 3.0, 3.0, 2.9999998, 1.0],
        [1 / 61 + 1 / 62, 1 / 62 + 1 / 61 - 1e-12, 0.03, 0.03, 0.03],
        [22.087432861328125] * 60 + [22.0874309539794],
        [0.0, 0.0, -0.0, -1e-45, -1e-45],
        [math.inf, math.inf, 1e300, -9.0, -math.inf],
    ],
    ids=["ties", "ties in 32 bits only", "ties that reach the next score", "around nothing", "beyond 32 bits"],
)
def test_trec_eval_reads_what_is_written_in_the_order_of_the_list(tmp_path: Path, scores: list[float]) -> None:
    """And so does every provider of ir_measures, whichever way it breaks ties, and this program."""
    ids = [f"d{number:02}" for number in range(len(scores))]  # trec_eval would turn every tie round
    path = tmp_path / "a.run"
    path.write_text(run_lines("q", ids, scores, "t"))
    read = {doc.doc_id: doc.score for doc in ir_measures.read_trec_run(str(path))}
    written, wanted = (np.clip(each, -3e38, 3e38) for each in ([*read.values()], scores))
    assert written == pytest.approx(wanted, rel=1e-5, abs=1e-30)
    assert read_run(path).ranking("q", 100).doc_ids == tuple(ids)
    for rank, doc_id in enumerate(ids, start=1):
        for measure in (ir_measures.RR, ir_measures.RR @ 1000):  # trec_eval's and MS MARCO's
            assert ir_measures.calc_aggregate([measure], {"q": {doc_id: 1}}, {"q": read})[measure] == 1 / rank


@pytest.mark.parametrize("size", [1e-45, 1e-38, 1.0, 22.0874, 1e30], ids=["smallest", "tiny", "one", "usual", "large"])
@pytest.mark.parametrize("sign", [1, -1], ids=["above zero", "below zero"])
def test_ties_are_one_step_of_32_bits_apart(size: float, sign: int) -> None:
    number = np.float32(sign * size)
    first, second = run_lines("q", "ab", [float(number)] * 2, "t").splitlines()
    assert np.float32(first.split()[4]) == number
    assert np.float32(second.split()[4]) == np.nextafter(number, np.float32(-np.inf))
    assert second.split()[4] == str(np.float32(second.split()[4])) or len(second.split()[4]) <= 13


def test_scores_that_do_not_tie_are_written_as_they_are() -> None:
    scores = [9.313225746154785e-10, 1e-10, -0.1, -2.5]
    lines = run_lines("q", "abcd", scores, "t").splitlines()
    assert [float(line.split()[4]) for line in lines] == scores


def test_systems_that_read_alike_do_not_share_a_file() -> None:
    assert run_name("bm25 % 10 >> a/b") != run_name("bm25 % 10 >> a b")
    assert "/" not in run_name("dense(../../etc/passwd)")
    assert run_name("aux").startswith("_aux.")  # aux.anything is a device of Windows


def test_an_id_with_a_space_is_refused() -> None:
    for qid, doc_id in (("q1", "doc 1"), ("q 1", "d1"), ("q1", "")):
        with pytest.raises(Problem, match="white space"):
            run_lines(qid, (doc_id,), [1.0], "bm25")
