from __future__ import annotations

import json
from pathlib import Path

import pytest

from zsr_tui.domain import Problem
from zsr_tui.scoring import devices
from zsr_tui.scoring.models import catalogue, digests, weights
from zsr_tui.scoring.models.catalogue import Recipe

from ..made_up import BERT, model_folder, onnx, safetensors


@pytest.fixture(autouse=True)
def full_precision(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ZSR_TUI_PRECISION", "fp32")


def test_a_folder_is_resolved_without_a_network(tmp_path: Path) -> None:
    folder = model_folder(tmp_path / "mine")
    model = weights.resolve(str(folder))
    assert (model.path, model.weights, model.kind, model.precision) == (
        folder,
        ("model.safetensors",),
        "transformers",
        "fp32",
    )
    assert (model.revision, model.memory_bytes) == ("", 24)


def test_the_fingerprint_follows_what_scores_depend_on_and_nothing_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = model_folder(tmp_path / "mine")
    before = weights.resolve(str(folder)).fingerprint
    (folder / "README.md").write_text("about")
    assert weights.resolve(str(folder)).fingerprint == before
    copy = model_folder(tmp_path / "copy elsewhere")
    assert weights.resolve(str(copy)).fingerprint == before

    changed = safetensors({"a": ("F32", (3, 2)), "position_ids": ("I64", (1, 512))})
    for name, content in [("model.safetensors", changed), ("tokenizer.json", b'{"a": 1}'), ("config.json", b"{}")]:
        other = model_folder(tmp_path / name, {name: content, "modules.json": []})
        if name == "config.json":
            (other / "config.json").write_text('{"architectures": ["BertModel"], "model_type": "bert"}')
        assert weights.resolve(str(other)).fingerprint != before

    entry = catalogue.Entry(
        "x", "x", "bi-encoder", catalogue.weights_reference(str(folder)), Recipe(query_prompt="q: ")
    )
    monkeypatch.setattr(catalogue, "entry_of", lambda _: entry)
    assert weights.resolve(str(folder)).fingerprint != before


def test_a_large_file_is_hashed_again_only_when_it_changed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(digests, "_SMALL", 4)
    monkeypatch.setattr(digests, "_known", None)
    hashed: list[str] = []
    real = digests.hashlib.file_digest

    def counting(file: object, name: str) -> object:
        hashed.append(name)
        return real(file, name)  # type: ignore[arg-type]

    monkeypatch.setattr(digests.hashlib, "file_digest", counting)
    path = tmp_path / "weights.bin"
    path.write_bytes(b"first content")
    first = digests.of(path)
    monkeypatch.setattr(digests, "_known", None)  # another process
    assert digests.of(path) == first
    assert len(hashed) == 1
    path.write_bytes(b"other content, longer")
    assert digests.of(path) != first
    assert len(hashed) == 2


def test_a_damaged_memory_of_hashes_is_made_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ZSR_TUI_HOME", str(tmp_path))
    monkeypatch.setattr(digests, "_SMALL", 4)
    monkeypatch.setattr(digests, "_known", None)
    (tmp_path / "cache").mkdir()
    (tmp_path / "cache" / "weight-digests.json").write_text("{torn")
    path = tmp_path / "weights.bin"
    path.write_bytes(b"content")
    assert len(digests.of(path)) == 64


@pytest.mark.parametrize(
    ("files", "said"),
    [
        pytest.param({"model.safetensors": None}, "holds no complete weights", id="no weights"),
        pytest.param({"tokenizer.json": None}, "is incomplete: it needs config.json, a tokenizer", id="no tokenizer"),
        pytest.param({"config.json": {}}, "does not say what kind of model it is", id="nothing said"),
        pytest.param(
            {"config.json": {"architectures": ["ViTForImageClassification"]}},
            "is a ViTForImageClassification, and not",
            id="vision",
        ),
        pytest.param(
            {"config.json": {**BERT, "model_type": "novel", "auto_map": {"AutoModel": "modeling_novel.Novel"}}},
            r"code from its own repository \(modeling_novel.Novel, trust_remote_code\).*ZSR_TUI_TRUST_REMOTE_CODE=",
            id="model code of its own",
        ),
        pytest.param(
            {"modules.json": [{"path": "", "type": "custom_st.Transformer"}]},
            r"runs code from its own repository \(custom_st.Transformer",
            id="module code of its own",
        ),
        pytest.param(
            {
                "model.safetensors": None,
                "config.json": None,
                "adapter_model.safetensors": b"",
                "adapter_config.json": {"peft_type": "LORA", "base_model_name_or_path": "./base"},
            },
            "is a LoRA adapter for ./base, which is not there: write the folder or the Hugging Face id",
            id="LoRA adapter alone",
        ),
        pytest.param({"adapter_config.json": {"peft_type": "IA3"}}, "It is an adapter .*json. of", id="beside weights"),
        pytest.param(
            {"model.safetensors": None, "a.onnx": b"", "b.onnx": b""},
            r"holds several ONNX files: name one of them.*a\.onnx",
            id="several ONNX files",
        ),
    ],
)
def test_a_folder_that_cannot_be_run_says_why(tmp_path: Path, files: dict[str, object], said: str) -> None:
    folder = model_folder(tmp_path / "mine", files)
    with pytest.raises(Problem, match=said):
        weights.resolve(str(folder))


def test_code_of_its_own_does_not_matter_where_transformers_knows_the_architecture(tmp_path: Path) -> None:
    folder = model_folder(tmp_path, {"config.json": {**BERT, "auto_map": {"AutoModel": "modeling_bert.Bert"}}})
    assert weights.resolve(str(folder)).info.family == "bi-encoder"


def test_an_onnx_folder_runs_in_its_own_precision(tmp_path: Path) -> None:
    file = onnx([(3, (4, 4))], "logits")
    folder = model_folder(tmp_path, {"config.json": None, "model.safetensors": None, "model.onnx": file})
    model = weights.resolve(str(folder))
    assert (model.kind, model.precision, model.memory_bytes) == ("onnx", "int8", len(file))


@pytest.mark.parametrize(("kind", "bounded"), [("xlm-roberta", True), ("modernbert", False), ("qwen3", False)])
def test_only_berts_layers_are_taken_for_bounded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str, bounded: bool
) -> None:
    asked = []
    monkeypatch.setattr(devices, "torch_precision", lambda wanted, bounded: asked.append(bounded) or "fp16")
    (tmp_path / "config.json").write_text(json.dumps({"model_type": kind}))
    assert (weights._precision(tmp_path, None), asked) == ("fp16", [bounded])


def test_a_file_that_is_no_model_is_refused(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("no model")
    with pytest.raises(Problem, match=r"notes\.txt is no model"):
        weights.resolve(str(tmp_path / "notes.txt"))


def test_a_folder_without_weights_cannot_run_and_is_nothing_to_be_downloaded(tmp_path: Path) -> None:
    info = catalogue.describe(str(model_folder(tmp_path / "mine", {"model.safetensors": None})))
    assert not info.runnable
    assert "holds no complete weights" in info.why_not
