"""Corpora in BEIR layout that tests write, and fresh places for everything that is kept."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

DOCS = [
    {"_id": "d1", "title": "Rye", "text": "Rye grows on poor soil."},
    {"_id": "d2", "title": "", "text": "Wheat wants warmth."},
    {"_id": "d3", "text": "Oats like rain."},
]
QUERIES = [{"_id": "q1", "text": "poor soil"}, {"_id": "q2", "text": "rain"}]
QRELS = "query-id\tcorpus-id\tscore\nq1\td1\t2\nq1\td2\t0\nq2\td3\t1\n"

Write = Callable[..., Path]


@pytest.fixture(autouse=True)
def fresh(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home for what the program keeps and one for ir_datasets, both empty. ir_datasets looks at its variable when
    it is imported: tests that let it read data do so in a process of their own (`in_new_process`)."""
    home = tmp_path / "home"
    monkeypatch.setenv("ZSR_TUI_HOME", str(home))
    monkeypatch.setenv("IR_DATASETS_HOME", str(tmp_path / "irds"))
    return home


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Writes a folder in BEIR layout; lines may be given as records or as raw text, `None` leaves a file out."""

    def make(
        docs: Sequence[object] = DOCS,
        queries: Sequence[object] | None = QUERIES,
        *,
        name: str = "corpus",
        **qrels: str,
    ) -> Path:
        folder = tmp_path / name
        folder.mkdir(exist_ok=True)
        _lines(folder / "corpus.jsonl", docs)
        if queries is not None:
            _lines(folder / "queries.jsonl", queries)
        for split, text in (qrels or {"test": QRELS}).items():
            (folder / "qrels").mkdir(exist_ok=True)
            (folder / "qrels" / f"{split}.tsv").write_text(text)
        return folder

    return make


def _lines(path: Path, records: Sequence[object]) -> None:
    lines = [record if isinstance(record, bytes) else json.dumps(record).encode() for record in records]
    path.write_bytes(b"".join(line + b"\n" for line in lines))


@pytest.fixture
def in_new_process(tmp_path: Path) -> Callable[[str], object]:
    """Runs code that prints one JSON value, in an interpreter that has not imported ir_datasets yet. Anything else on
    stdout or stderr fails the test."""

    def run(code: str) -> object:
        done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=dict(os.environ))
        assert done.returncode == 0, done.stderr
        assert done.stderr == ""
        return json.loads(done.stdout)

    return run
