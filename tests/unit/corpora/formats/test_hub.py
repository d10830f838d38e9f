"""Datasets of the Hugging Face hub, from folders that are laid out as one."""

from __future__ import annotations

import json
import re
import socket
from dataclasses import replace
from pathlib import Path

import pytest

from tests.unit.corpora.formats.conftest import ROWS, TEN, csv, read
from zsr_tui.domain import Problem


def test_a_dataset_of_the_hub_is_read_row_by_row_and_only_as_data(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HF_HOME", str(tmp_path / "hf"))
    hub = tmp_path / "hub"
    (hub / "data").mkdir(parents=True)
    for split, rows in (("train", ROWS[:3]), ("test", ROWS[3:])):
        (hub / "data" / f"{split}.jsonl").write_text("\n".join(map(json.dumps, rows)))
    with pytest.raises(Problem, match=r"has the splits train, test: name one, as in split=train\."):
        read(f"hf:{hub}")
    corpus = read(f"hf:{hub}(split=test)")
    assert [replace(doc, metadata=()) for doc in corpus.iter_docs()] == [replace(doc, metadata=()) for doc in TEN[3:]]
    (hub / "data" / "train.jsonl").unlink()
    assert read(f"hf:{hub}").doc_count() == 7  # the only split
    (hub / "hub.py").write_text("raise SystemExit('it was run')")
    with pytest.raises(Problem, match="cannot be read"):
        read(f"hf:{hub}(id=docno)")


@pytest.mark.parametrize("named", ["absolute", "server", "above", "packed"])
def test_a_dataset_of_the_hub_has_its_own_files_read_and_no_others(
    named: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HF_HOME", str(tmp_path / "hf"))
    (tmp_path / "secret.txt").write_text("a password\n")
    hub = tmp_path / "hub"
    hub.mkdir()
    (hub / "own.txt").write_text("one\ntwo\n")
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.setblocking(False)
        foreign = {
            "absolute": str(tmp_path / "secret.txt"),
            "server": f"http://127.0.0.1:{server.getsockname()[1]}/secret.txt",
            "above": "../secret.txt",
            "packed": f"zip://*.txt::{tmp_path}/secret.zip",
        }[named]
        (hub / "README.md").write_text(f"---\nconfigs:\n- config_name: one\n  data_files: '{foreign}'\n---\n")
        with pytest.raises(Problem, match=rf"names files that are not its own \({re.escape(foreign)}\)"):
            read(f"hf:{hub}")
        with pytest.raises(BlockingIOError):
            server.accept()
    (hub / "README.md").write_text("---\nconfigs:\n- config_name: one\n  data_files: '*.txt'\n---\n")
    assert read(f"hf:{hub}").doc_count() == 2


def test_the_name_of_a_dataset_of_the_hub_is_no_folder_of_where_the_program_runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HF_HOME", str(tmp_path / "hf"))
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
    csv(tmp_path)
    (tmp_path / "org" / "name").mkdir(parents=True)
    csv(tmp_path / "org" / "name")
    monkeypatch.chdir(tmp_path)
    with pytest.raises(Problem, match="hf:org/name cannot be read"):
        read("hf:org/name")
    with pytest.raises(Problem, match="hf:csv is no name of the hub: write hf:organisation/name"):
        read("hf:csv")  # which `datasets` takes for its reader of all tables of this folder
    corpus = read("hf:./org/name")
    assert (corpus.doc_count(), corpus.id) == (10, f"hf:{tmp_path}/org/name")
