from __future__ import annotations

from pathlib import Path

import ir_measures
import pytest

from zsr_tui.domain import Problem
from zsr_tui.evaluation.trec import RunFile, run_name


def test_a_run_file_is_read_back_by_ir_measures(tmp_path: Path) -> None:
    run = RunFile(tmp_path / "runs", "bm25 % 100 >> a/b")
    run.write("q1", [("d2", 2.5), ("d1", -1.25e-3)])
    path = run.finish()
    read = list(ir_measures.read_trec_run(str(path)))
    assert [(doc.query_id, doc.doc_id, doc.score) for doc in read] == [("q1", "d2", 2.5), ("q1", "d1", -1.25e-3)]
    assert path.read_text().splitlines()[1].split()[3] == "2"


def test_nothing_is_left_of_a_run_that_was_not_finished(tmp_path: Path) -> None:
    run = RunFile(tmp_path, "bm25")
    run.write("q1", [("d1", 1.0)])
    run.discard()
    assert list(tmp_path.iterdir()) == []


def test_systems_that_read_alike_do_not_share_a_file() -> None:
    assert run_name("bm25 % 10 >> a/b") != run_name("bm25 % 10 >> a b")
    assert "/" not in run_name("dense(../../etc/passwd)")


def test_an_id_with_a_space_is_refused(tmp_path: Path) -> None:
    run = RunFile(tmp_path, "bm25")
    with pytest.raises(Problem, match="white space"):
        run.write("q1", [("doc 1", 1.0)])
    run.discard()


def test_a_folder_that_cannot_be_written_is_said_so(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(Problem, match="choose another --run-dir"):
        RunFile(tmp_path / "file" / "runs", "bm25")
