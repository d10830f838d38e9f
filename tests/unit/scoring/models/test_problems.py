"""Checkpoints that are not what they should be: each is refused in one sentence, and nothing in it is run."""

from __future__ import annotations

import argparse
import json
import os
from pathlib import Path
from typing import Any

import pytest
import torch
from sentence_transformers import CrossEncoder, SentenceTransformer
from transformers import BertForSequenceClassification, BertModel, T5Config, T5ForConditionalGeneration

from zsr_tui.domain import Problem
from zsr_tui.scoring import ScoringService
from zsr_tui.scoring.models import catalogue, problems, weights
from zsr_tui.scoring.models.catalogue import Recipe

from .. import tiny, tiny_t5


@pytest.fixture(autouse=True)
def full_precision(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ZSR_TUI_PRECISION", "fp32")


def refused(folder: Path, *, dense: bool = False) -> str:
    """The sentence of the Problem that using the model ends in."""
    service = ScoringService()

    def use() -> None:
        if dense:
            service.encoder(str(folder)).encode_queries(["a"])
        else:
            list(service.score(str(folder), "a", ["b"]))

    try:
        with pytest.raises(Problem) as caught:
            use()
    finally:
        service.close()
    message = caught.value.message
    assert "\n" not in message
    assert "Traceback" not in message
    assert message.endswith(".")
    return message


def in_a_pickle(folder: Path, content: Any = None, *, legacy: bool = False) -> Path:
    """Replaces the safetensors of a reranker by a pickle: of its tensors, or of `content`."""
    tensors = BertForSequenceClassification.from_pretrained(folder).state_dict()
    saved = {**tensors, **content} if isinstance(content, dict) else content or tensors
    torch.save(saved, folder / "pytorch_model.bin", _use_new_zipfile_serialization=not legacy)
    (folder / "model.safetensors").unlink()
    return folder


class Payload:
    def __init__(self, command: str) -> None:
        self.command = command

    def __reduce__(self) -> tuple[Any, tuple[str]]:
        return os.system, (self.command,)


# --- pickles ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("legacy", [False, True])
def test_a_pickle_of_tensors_is_counted_and_loaded(tmp_path: Path, legacy: bool) -> None:
    folder = tiny.reranker(tmp_path / "model")
    counted = catalogue.describe(str(folder)).parameters
    expected = CrossEncoder(str(folder), device="cpu", activation_fn=torch.nn.Identity()).predict([("a", "b c")])
    in_a_pickle(folder, legacy=legacy)
    assert catalogue.describe(str(folder)).parameters == counted == 5601
    model = tiny.load(folder)
    assert model.run(model.prepare("a", ["b c"])) == pytest.approx(expected, abs=1e-5)


def test_tensors_that_share_their_memory_are_counted_once(tmp_path: Path) -> None:
    config = T5Config(vocab_size=24, d_model=16, d_kv=8, d_ff=32, num_layers=2, num_heads=2)
    model = T5ForConditionalGeneration(config)
    folder = tiny.saved(tmp_path / "t5", model)
    counted = catalogue.describe(str(folder)).parameters
    torch.save(model.state_dict(), folder / "pytorch_model.bin")
    (folder / "model.safetensors").unlink()
    assert catalogue.describe(str(folder)).parameters == counted == model.num_parameters()


def test_a_pickle_in_several_parts_is_counted_and_loaded(tmp_path: Path) -> None:
    folder = tiny.reranker(tmp_path / "model")
    counted = catalogue.describe(str(folder)).parameters
    before = tiny.load(folder)
    expected = before.run(before.prepare("a", ["b c"]))
    tensors = BertForSequenceClassification.from_pretrained(folder).state_dict()
    (folder / "model.safetensors").unlink()
    names = sorted(tensors)
    parts = {"pytorch_model-00001-of-00002.bin": names[:20], "pytorch_model-00002-of-00002.bin": names[20:]}
    for file, inside in parts.items():
        torch.save({name: tensors[name] for name in inside}, folder / file)
    index = {"metadata": {}, "weight_map": {name: file for file, inside in parts.items() for name in inside}}
    (folder / "pytorch_model.bin.index.json").write_text(json.dumps(index))
    assert catalogue.describe(str(folder)).parameters == counted
    model = tiny.load(folder)
    assert model.run(model.prepare("a", ["b c"])) == pytest.approx(expected, abs=1e-6)
    (folder / "pytorch_model-00002-of-00002.bin").unlink()
    assert "holds no complete weights" in refused(folder)


@pytest.mark.parametrize("legacy", [False, True])
def test_a_command_in_a_pickle_is_not_run(tmp_path: Path, legacy: bool) -> None:
    trace = tmp_path / "it ran"
    folder = tiny.reranker(tmp_path / "model")
    in_a_pickle(folder, {"evil": Payload(f"touch '{trace}'")}, legacy=legacy)
    catalogue.describe(str(folder))
    message = refused(folder)
    assert "in a pickle that asks to run posix.system: only plain tensors are loaded" in message
    assert "safetensors" in message
    assert not trace.exists()


def test_objects_beside_the_tensors_of_a_pickle_are_named(tmp_path: Path) -> None:
    folder = in_a_pickle(tiny.reranker(tmp_path / "model"), {"args": argparse.Namespace(epochs=3)})
    assert "asks to run argparse.Namespace" in refused(folder)


def test_a_whole_model_in_a_pickle_is_refused_before_it_is_loaded(tmp_path: Path) -> None:
    folder = in_a_pickle(tiny.reranker(tmp_path / "model"), torch.nn.Linear(2, 2))
    assert "holds a whole Python object (Linear) and not tensors by name" in refused(folder)


@pytest.mark.parametrize("legacy", [False, True])
def test_a_pickle_that_ends_early_is_damaged(tmp_path: Path, legacy: bool) -> None:
    file = in_a_pickle(tiny.reranker(tmp_path / "model"), legacy=legacy) / "pytorch_model.bin"
    file.write_bytes(file.read_bytes()[:-500])
    message = refused(file.parent)
    assert "not a complete checkpoint" in message or "are damaged or incomplete" in message
    assert "copy or download" in message


def test_a_placeholder_of_git_lfs_is_no_checkpoint(tmp_path: Path) -> None:
    file = in_a_pickle(tiny.reranker(tmp_path / "model")) / "pytorch_model.bin"
    file.write_text("version https://git-lfs.github.com/spec/v1\noid sha256:abc\nsize 12\n")
    assert "not a complete checkpoint" in refused(file.parent)


# --- weights of something else ---------------------------------------------------------------------------------------


def test_a_reranker_whose_head_is_not_in_its_weights_is_not_scored_with_random_numbers(tmp_path: Path) -> None:
    folder = tiny.reranker(tmp_path / "model")
    BertModel.from_pretrained(folder).save_pretrained(tmp_path / "encoder")
    (tmp_path / "encoder" / "model.safetensors").replace(folder / "model.safetensors")
    message = refused(folder)
    assert "has no weights for classifier.weight, classifier.bias" in message
    assert "BertForSequenceClassification" in message


def test_a_masked_language_model_without_its_head_is_no_sparse_encoder(tmp_path: Path) -> None:
    folder = tiny.bert(tmp_path / "model")
    config = json.loads((folder / "config.json").read_text())
    (folder / "config.json").write_text(json.dumps({**config, "architectures": ["BertForMaskedLM"]}))
    assert "has no weights for cls.predictions" in refused(folder)


def test_a_t5_without_its_decoder_is_no_reranker(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tiny.t5_encoder(tmp_path / "model")
    tiny.catalogued(monkeypatch, folder, "monot5", Recipe(true_token="a", false_token="b"))
    tiny_t5.edit_config(folder, architectures=["T5ForConditionalGeneration"])
    assert "has a tokenizer without an end token" in refused(folder)
    settings = json.loads((folder / "tokenizer_config.json").read_text())
    (folder / "tokenizer_config.json").write_text(json.dumps({**settings, "eos_token": "[SEP]"}))
    assert "has no weights for decoder.block.0" in refused(folder)


def test_an_encoder_with_missing_layers_is_refused(tmp_path: Path) -> None:
    folder = tiny.bert(tmp_path / "model")
    config = json.loads((folder / "config.json").read_text())
    (folder / "config.json").write_text(json.dumps({**config, "num_hidden_layers": 3}))
    message = refused(folder, dense=True)
    assert "has no weights for encoder.layer.2" in message
    assert "and 14 more of a BertModel" in message


def test_an_encoder_without_the_pooler_that_nothing_reads_is_not_refused(tmp_path: Path) -> None:
    folder = tiny.bert(tmp_path / "model")
    model = tiny.load(folder)
    found = model.run(model.prepare(["a b"], "document"))
    reference = SentenceTransformer(str(folder), device="cpu")
    assert found == pytest.approx(reference.encode(["a b"], normalize_embeddings=True), abs=1e-5)


def test_weights_of_other_shapes_than_the_config_are_refused(tmp_path: Path) -> None:
    folder = tiny.reranker(tmp_path / "model")
    config = json.loads((folder / "config.json").read_text())
    (folder / "config.json").write_text(json.dumps({**config, "hidden_size": 24, "intermediate_size": 8}))
    assert "do not have the shapes that its config.json says" in refused(folder)


def test_a_t5_in_the_place_of_a_cross_encoder_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    config = T5Config(vocab_size=24, d_model=16, d_kv=8, d_ff=32, num_layers=1, num_heads=2)
    folder = tiny.saved(tmp_path / "t5", T5ForConditionalGeneration(config))
    tiny.catalogued(monkeypatch, folder, "cross-encoder")
    assert "should be of the family cross-encoder" in (message := refused(folder))
    assert "(T5ForConditionalGeneration)" in message


def test_a_classifier_is_no_reranker(tmp_path: Path) -> None:
    assert "is a classifier with 3 labels" in refused(tiny.reranker(tmp_path / "model", labels=3))


@pytest.mark.parametrize(
    ("config", "said"),
    [
        pytest.param(
            {"architectures": ["ViTForImageClassification"], "model_type": "vit"},
            "is a ViTForImageClassification",
            id="vision classifier",
        ),
        pytest.param(
            {"architectures": ["ViTModel"], "model_type": "vit", "image_size": 224},
            "is a ViTModel",
            id="vision encoder",
        ),
        pytest.param(
            {"architectures": ["WhisperForConditionalGeneration"], "model_type": "whisper"},
            "is a WhisperForConditional",
            id="speech",
        ),
        pytest.param(
            {"architectures": ["BertForTokenClassification"], "model_type": "bert"},
            "is a BertForTokenClassification",
            id="token classifier",
        ),
        pytest.param({"model_type": "bert"}, "does not say what kind of model it is", id="not said"),
    ],
)
def test_models_of_something_else_are_named(tmp_path: Path, config: dict[str, Any], said: str) -> None:
    folder = tiny.bert(tmp_path / "model")
    (folder / "config.json").write_text(json.dumps(config))
    assert said in refused(folder, dense=True)


def test_a_truncated_safetensors_file_is_named(tmp_path: Path) -> None:
    file = tiny.reranker(tmp_path / "model") / "model.safetensors"
    file.write_bytes(file.read_bytes()[:-100])
    assert "model.safetensors is not a complete safetensors file" in refused(file.parent)


def test_a_missing_tokenizer_is_named(tmp_path: Path) -> None:
    folder = tiny.reranker(tmp_path / "model")
    (folder / "tokenizer.json").unlink()
    assert "it needs config.json, a tokenizer" in refused(folder)


def test_a_broken_tokenizer_is_named(tmp_path: Path) -> None:
    folder = tiny.reranker(tmp_path / "model")
    (folder / "tokenizer.json").write_text('{"version": "1.0", "model": {"type": "Novel"}}')
    assert "cannot be loaded" in refused(folder)


# --- code of a model's own -------------------------------------------------------------------------------------------

_CODE = """
from transformers import BertConfig, BertForSequenceClassification
class NovelConfig(BertConfig):
    model_type = "novel"
class Novel(BertForSequenceClassification):
    config_class = NovelConfig
"""


@pytest.fixture
def novel(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A reranker of an architecture that only its own code knows."""
    monkeypatch.setattr("transformers.dynamic_module_utils.HF_MODULES_CACHE", str(tmp_path / "modules"))
    folder = tiny.reranker(tmp_path / "novel")
    config = json.loads((folder / "config.json").read_text())
    auto = {"AutoConfig": "code_of_novel.NovelConfig", "AutoModelForSequenceClassification": "code_of_novel.Novel"}
    config.update(model_type="novel", auto_map=auto)
    (folder / "config.json").write_text(json.dumps(config))
    (folder / "code_of_novel.py").write_text(_CODE)
    return folder


def test_code_of_its_own_is_refused_until_the_user_allows_that_model(
    novel: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    message = refused(novel)
    assert "code_of_novel.NovelConfig, trust_remote_code" in message
    assert f"set ZSR_TUI_TRUST_REMOTE_CODE={novel}" in message
    monkeypatch.setenv("ZSR_TUI_TRUST_REMOTE_CODE", f"someone/else, {tmp_path}")
    assert refused(novel) == message
    monkeypatch.setenv("ZSR_TUI_TRUST_REMOTE_CODE", f"someone/else,{novel}/")
    assert weights.resolve(str(novel)).trusted


def test_an_allowed_model_runs_its_code(novel: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ZSR_TUI_TRUST_REMOTE_CODE", str(novel))
    model, plain = tiny.load(novel), tiny.load(tiny.reranker(tmp_path / "plain"))
    assert type(model._model[0].auto_model).__name__ == "Novel"
    assert model.run(model.prepare("a", ["b c"])) == pytest.approx(plain.run(plain.prepare("a", ["b c"])), abs=1e-6)


def test_a_model_that_needs_no_code_is_not_given_leave_to_run_any(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tiny.reranker(tmp_path / "model")
    monkeypatch.setenv("ZSR_TUI_TRUST_REMOTE_CODE", str(folder))
    assert not weights.resolve(str(folder)).trusted


def test_the_allowed_code_is_part_of_the_fingerprint(novel: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ZSR_TUI_TRUST_REMOTE_CODE", str(novel))
    before = weights.resolve(str(novel)).fingerprint
    (novel / "code_of_novel.py").write_text(_CODE + "# changed")
    assert weights.resolve(str(novel)).fingerprint != before


def test_code_from_another_repository_is_pinned_by_nothing(novel: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ZSR_TUI_TRUST_REMOTE_CODE", str(novel))
    config = json.loads((novel / "config.json").read_text())
    config["auto_map"] = {"AutoConfig": "other/code--code_of_novel.NovelConfig"}
    (novel / "config.json").write_text(json.dumps(config))
    assert "takes its code from another repository (other/code)" in refused(novel)


# --- what cannot be made to happen here ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("error", "said"),
    [
        pytest.param(
            torch.OutOfMemoryError("CUDA out of memory. Tried to allocate"), "does not fit into memory", id="GPU memory"
        ),
        pytest.param(OSError(12, "Cannot allocate memory"), "does not fit into memory", id="main memory"),
        pytest.param(
            KeyError("linear.weight"), "cannot be loaded: its files have no linear.weight.", id="missing tensor"
        ),
        pytest.param(ValueError("first\nsecond"), "cannot be loaded: first.", id="two lines"),
        pytest.param(RuntimeError(), "cannot be loaded: RuntimeError.", id="no message"),
    ],
)
def test_an_error_of_the_libraries_is_one_sentence(tmp_path: Path, error: Exception, said: str) -> None:
    found = problems.problem(weights.resolve(str(tiny.bert(tmp_path / "model"))), error)
    assert said in found.message
    assert "\n" not in found.message
    assert str(tmp_path) in found.detail
