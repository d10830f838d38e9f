from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from zsr_tui.retrieval.manifest import FORMAT, Manifest, UnreadableManifest, read_manifest, versions_of, write_manifest

_GOOD = {"format": FORMAT, "kind": "bm25", "collection": "c", "fingerprint": "f", "state": "complete", "documents": 1}


def test_what_is_written_is_read(tmp_path: Path) -> None:
    manifest = Manifest("dense", "beir/scifact", "f1", "complete", 5183, "org/model@main", "m1", "bf16")

    write_manifest(tmp_path, manifest)
    read = read_manifest(tmp_path)

    assert read is not None
    assert read.same_work(manifest)
    assert (read.state, read.documents, read.precision) == ("complete", 5183, "bf16")
    assert read.written


def test_no_folder_and_no_file_is_no_manifest(tmp_path: Path) -> None:
    assert read_manifest(tmp_path) is None
    assert read_manifest(tmp_path / "nowhere") is None


@pytest.mark.parametrize(
    "text",
    [
        "",
        '{"format": 1, "kind": "bm2',
        "[]",
        "null",
        "{}",
        '{"format": "1"}',
        "\x00" * 100,
        json.dumps({**_GOOD, "documents": "many"}),
        json.dumps({**_GOOD, "state": "done"}),
        json.dumps({**_GOOD, "fingerprint": 3}),
        json.dumps({**_GOOD, "surplus": 3}),
        json.dumps({key: value for key, value in _GOOD.items() if key != "collection"}),
    ],
)
def test_half_written_and_edited_manifests_are_damage(text: str, tmp_path: Path) -> None:
    (tmp_path / "manifest.json").write_text(text)

    with pytest.raises(UnreadableManifest) as caught:
        read_manifest(tmp_path)
    assert not caught.value.foreign


@pytest.mark.parametrize("number", [0, FORMAT + 1])
def test_another_format_is_foreign_whatever_else_it_says(number: int, tmp_path: Path) -> None:
    (tmp_path / "manifest.json").write_text(json.dumps({"format": number, "new": {"shape": True}}))

    with pytest.raises(UnreadableManifest) as caught:
        read_manifest(tmp_path)
    assert caught.value.foreign


@pytest.mark.parametrize(
    "change", [{"fingerprint": "g"}, {"model": "n"}, {"model_fingerprint": "n"}, {"precision": "bf16"}]
)
def test_other_documents_model_or_precision_are_other_work(change: dict[str, Any]) -> None:
    manifest = Manifest("dense", "c", "f", model="m", model_fingerprint="x", precision="fp32")

    assert not replace(manifest, **change).same_work(manifest)


def test_state_and_versions_do_not_make_other_work() -> None:
    one, other = Manifest("bm25", "c", "f"), Manifest("bm25", "c", "f", "complete", 9, versions={"pyserini": "0"})

    assert one.same_work(other)


def test_versions_name_what_is_not_installed() -> None:
    assert versions_of("numpy", "no-such-package")["no-such-package"] == "not installed"
