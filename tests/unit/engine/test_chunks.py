"""Lists of chunks, as they are measured: by the first chunk of each document."""

from __future__ import annotations

from pathlib import Path

import pytest

from zsr_tui.corpora import download
from zsr_tui.domain import ScoredDoc
from zsr_tui.engine.library import Library
from zsr_tui.progress import CancelToken, ignore_progress


def test_a_list_of_chunks_is_measured_by_documents(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ZSR_TUI_HOME", str(tmp_path))
    download("demo(size=60)", ignore_progress, CancelToken())
    chunks, whole = Library().corpus("demo(size=60)"), Library().corpus("demo")
    ranking = [ScoredDoc("cooking-03#2", 3.0), ScoredDoc("cooking-01#1", 2.0), ScoredDoc("cooking-03#1", 1.0)]
    assert chunks.by_document(ranking) == [ScoredDoc("cooking-03", 3.0), ScoredDoc("cooking-01", 2.0)]
    assert whole.by_document(ranking) == ranking
    assert (chunks.document_of("cooking-03#2"), chunks.document_of("cooking-03")) == ("cooking-03", "cooking-03")
    assert chunks.queries == whole.queries
    assert chunks.judgments("q-cooking-1") == whole.judgments("q-cooking-1")
