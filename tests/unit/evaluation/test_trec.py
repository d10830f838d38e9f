from __future__ import annotations

from pathlib import Path

import ir_measures
import pytest

from zsr_tui.domain import Problem
from zsr_tui.evaluation.trec import run_lines, run_name


def test_a_run_file_is_read_back_by_ir_measures(tmp_path: Path) -> None:
    path = tmp_path / "a.run"
    path.write_text(run_lines("q1", [("d2", 2.5), ("d1", -1.25e-3)], run_name("bm25 % 100 >> a/b")))
    read = list(ir_measures.read_trec_run(str(path)))
    assert [(doc.query_id, doc.doc_id, doc.score) for doc in read] == [("q1", "d2", 2.5), ("q1", "d1", -1.25e-3)]
    assert path.read_text().splitlines()[1].split()[3] == "2"


def test_systems_that_read_alike_do_not_share_a_file() -> None:
    assert run_name("bm25 % 10 >> a/b") != run_name("bm25 % 10 >> a b")
    assert "/" not in run_name("dense(../../etc/passwd)")


def test_an_id_with_a_space_is_refused() -> None:
    for qid, doc_id in (("q1", "doc 1"), ("q 1", "d1"), ("q1", "")):
        with pytest.raises(Problem, match="white space"):
            run_lines(qid, [(doc_id, 1.0)], "bm25")
