"""Vectors as pyserini publishes them: faiss' file, and a file of ids beside it."""

from __future__ import annotations

from pathlib import Path

import faiss
import numpy as np
import pytest

from zsr_tui.domain import Problem
from zsr_tui.retrieval.prebuilt.faiss_flat import FaissVectors
from zsr_tui.retrieval.problems import DamagedIndex

QUERY = np.array([[0.5, 2.0, 0.0, 0.0]], dtype=np.float32)


def written(folder: Path, ids: str, index: faiss.Index | None = None) -> Path:
    index = index or faiss.IndexFlatIP(4)
    index.add(np.eye(3, 4, dtype=np.float32))
    faiss.write_index(index, str(folder / "index"))
    (folder / "docid").write_text(ids, newline="")
    return folder


@pytest.mark.parametrize("ids", ["a\nb\nc\n", "a\r\nb\r\nc"], ids=["Unix", "Windows"])
def test_documents_are_found_by_the_ids_beside_them(tmp_path: Path, ids: str) -> None:
    held = FaissVectors(written(tmp_path, ids))
    assert (held.documents, held.dimension) == (3, 4)
    [found] = held.search(QUERY, 2)
    assert [(doc.doc_id, doc.score) for doc in found] == [("b", 2.0), ("a", 0.5)]
    first, second = held.search(np.concatenate([QUERY, np.roll(QUERY, 1)]).astype(np.float64), 99)
    assert [doc.doc_id for doc in first] == ["b", "a", "c"]
    assert [(doc.doc_id, doc.score) for doc in second] == [("c", 2.0), ("b", 0.5), ("a", 0.0)]


def test_a_list_of_a_graph_that_found_fewer_ends_there(tmp_path: Path) -> None:
    index = faiss.IndexIVFFlat(faiss.IndexFlatIP(4), 4, 2, faiss.METRIC_INNER_PRODUCT)
    index.cp.min_points_per_centroid = 1
    index.train(np.eye(3, 4, dtype=np.float32))
    [found] = FaissVectors(written(tmp_path, "a\nb\nc\n", index)).search(QUERY, 3)  # looks into one list of two
    assert 0 < len(found) < 3


def test_files_that_do_not_fit_are_damage(tmp_path: Path) -> None:
    with pytest.raises(DamagedIndex, match=r"^The index in .* has 2 ids for 3 vectors\.$"):
        FaissVectors(written(tmp_path, "a\nb\n"))
    (tmp_path / "docid").unlink()
    with pytest.raises(DamagedIndex, match=r"^The index in .* cannot be read: .*No such file.*docid"):
        FaissVectors(tmp_path)


def test_vectors_that_are_compared_otherwise_and_queries_of_another_model_are_refused(tmp_path: Path) -> None:
    with pytest.raises(Problem, match="holds no vectors whose inner product is searched"):
        FaissVectors(written(tmp_path, "a\nb\nc\n", faiss.IndexFlatL2(4)))
    held = FaissVectors(written(tmp_path, "a\nb\nc\n"))
    with pytest.raises(Problem, match="The query vectors have 3 dimensions and the index 4: name the model"):
        held.search(np.ones((1, 3), dtype=np.float32), 1)
