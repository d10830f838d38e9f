from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from zsr_tui.retrieval.manifest import (
    BUILDING_FORMAT,
    FORMAT,
    Manifest,
    UnreadableManifest,
    read_manifest,
    versions_of,
    write_manifest,
)

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
        pytest.param("", id="empty"),
        pytest.param('{"format": 1, "kind": "bm2', id="cut short"),
        pytest.param("[]", id="list"),
        pytest.param("null", id="null"),
        pytest.param("{}", id="no fields"),
        pytest.param('{"format": "1"}', id="format as text"),
        pytest.param("\x00" * 100, id="zeros"),
        pytest.param(json.dumps({**_GOOD, "documents": "many"}), id="documents as text"),
        pytest.param(json.dumps({**_GOOD, "state": "done"}), id="unknown state"),
        pytest.param(json.dumps({**_GOOD, "fingerprint": 3}), id="fingerprint as number"),
        pytest.param(json.dumps({**_GOOD, "surplus": 3}), id="surplus field"),
        pytest.param(
            json.dumps({key: value for key, value in _GOOD.items() if key != "collection"}), id="missing field"
        ),
    ],
)
def test_half_written_and_edited_manifests_are_damage(text: str, tmp_path: Path) -> None:
    (tmp_path / "manifest.json").write_text(text)

    with pytest.raises(UnreadableManifest) as caught:
        read_manifest(tmp_path)
    assert not caught.value.foreign


def test_a_manifest_with_other_fields_says_so(tmp_path: Path) -> None:
    (tmp_path / "manifest.json").write_text(json.dumps({**_GOOD, "surplus": 3}))
    with pytest.raises(UnreadableManifest, match=f"lacks fields of format {FORMAT}: its fields are others$"):
        read_manifest(tmp_path)


@pytest.mark.parametrize("number", [0, BUILDING_FORMAT, BUILDING_FORMAT + 1])
def test_another_format_is_foreign_whatever_else_it_says(number: int, tmp_path: Path) -> None:
    (tmp_path / "manifest.json").write_text(json.dumps({"format": number, "new": {"shape": True}}))

    with pytest.raises(UnreadableManifest) as caught:
        read_manifest(tmp_path)
    assert caught.value.foreign


@pytest.mark.parametrize(
    "change",
    [
        pytest.param({"fingerprint": "g"}, id="documents"),
        pytest.param({"model": "n"}, id="model"),
        pytest.param({"model_fingerprint": "n"}, id="weights"),
        pytest.param({"precision": "bf16"}, id="precision"),
    ],
)
def test_other_documents_model_or_precision_are_other_work(change: dict[str, Any]) -> None:
    manifest = Manifest("dense", "c", "f", model="m", model_fingerprint="x", precision="fp32")

    assert not replace(manifest, **change).same_work(manifest)


def test_state_and_versions_do_not_make_other_work() -> None:
    one, other = Manifest("bm25", "c", "f"), Manifest("bm25", "c", "f", "complete", 9, versions={"pyserini": "0"})

    assert one.same_work(other)


def test_versions_name_what_is_not_installed() -> None:
    assert versions_of("numpy", "no-such-package")["no-such-package"] == "not installed"
