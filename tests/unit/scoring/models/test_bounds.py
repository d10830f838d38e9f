"""Model files that would fill the memory are refused before anything is made of them."""

from __future__ import annotations

import io
import json
import pickle
import struct
import zipfile
from pathlib import Path
from typing import Any

import pytest

from zsr_tui.domain import Problem
from zsr_tui.scoring.models import bounds, checkpoint, weights

from ..made_up import BERT, model_folder, safetensors


@pytest.fixture(autouse=True)
def full_precision(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("zsr_tui.scoring.devices.torch_precision", lambda named=None, **_: "fp32")


LARGE: dict[str, dict[str, Any]] = {
    "a million layers": {"num_hidden_layers": 1_000_000},
    "layers with nothing in them": {"num_hidden_layers": 1001, "hidden_size": 1},
    "wide layers": {"num_hidden_layers": 1000, "hidden_size": 1000},
    "a vocabulary without vectors": {"vocab_size": 1_000_000, "hidden_size": 768},
    "an inner size": {"intermediate_size": 1_000_000, "hidden_size": 768},
    "positions": {"max_position_embeddings": 10_000_000, "hidden_size": 768},
    "a million experts": {"num_experts": 1_000_000},
    "layers of a part": {"text_config": {"num_hidden_layers": 1_000_000}},
}


@pytest.mark.parametrize("said", LARGE)
def test_a_model_that_says_more_than_its_weights_hold_is_refused(tmp_path: Path, said: str) -> None:
    folder = model_folder(tmp_path, {"config.json": {**BERT, **LARGE[said]}})
    with pytest.raises(Problem, match=r"config\.json of the model says \w+ = [\d,]+, which its weights .* cannot hold"):
        weights.resolve(str(folder))


def test_a_layer_behind_the_model_is_bounded_too(tmp_path: Path) -> None:
    parts = [{"path": "", "type": "sentence_transformers.models.Transformer"},
             {"path": "2_Dense", "type": "sentence_transformers.models.Dense"}]  # fmt: skip
    dense = {"in_features": 100_000, "out_features": 100_000}
    files = {"modules.json": parts, "2_Dense/config.json": dense, "2_Dense/model.safetensors": safetensors({})}
    with pytest.raises(Problem, match="says out_features = 100,000"):
        weights.resolve(str(model_folder(tmp_path, files)))


HONEST: dict[str, dict[str, Any]] = {
    "large": {"num_hidden_layers": 24, "hidden_size": 1024, "vocab_size": 30_522, "intermediate_size": 4096},
    "with shared layers": {"model_type": "albert", "num_hidden_layers": 24, "hidden_size": 2048},
    "quantised": {"num_hidden_layers": 32, "hidden_size": 4096, "quantization_config": {"bits": 4}},
}
STORED = {"large": 335_000_000, "with shared layers": 59_000_000, "quantised": 263_000_000}


@pytest.mark.parametrize("kind", HONEST)
def test_a_model_as_people_publish_it_is_not_too_large(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    folder = model_folder(tmp_path, {"config.json": {**BERT, **HONEST[kind]}})
    files = checkpoint.select(checkpoint.names_in(folder))
    assert files is not None
    monkeypatch.setattr(checkpoint, "parameters", lambda *_: STORED[kind])
    bounds.check(folder, files)


def test_a_huge_tokenizer_file_is_refused(tmp_path: Path) -> None:
    folder = model_folder(tmp_path)
    with (folder / "vocab.txt").open("wb") as file:
        file.truncate(bounds.SMALL + 1)
    with pytest.raises(Problem, match=r"vocab\.txt of the model has more than 256 MiB"):
        weights.resolve(str(folder))


def _normalizer(tmp_path: Path, steps: list[dict[str, Any]]) -> Path:
    place = tmp_path / "tokenizer.json"
    place.write_text(json.dumps({"normalizer": {"type": "Sequence", "normalizers": steps}}))
    return place


def _replaced(pattern: dict[str, str], content: str) -> dict[str, Any]:
    return {"type": "Replace", "pattern": pattern, "content": content}


GROWING: dict[str, list[dict[str, Any]]] = {
    "doubled": [_replaced({"String": "a"}, "aa")] * 10,
    "between characters": [_replaced({"String": ""}, "a")] * 10,
    "an expression": [_replaced({"Regex": "a|b"}, "a")] * 10,
    "begun": [{"type": "Sequence", "normalizers": [{"type": "Prepend", "prepend": "a" * 40}]}] * 2,
    "three maps": [{"type": "Precompiled", "precompiled_charsmap": ""}] * 3,
}


@pytest.mark.parametrize("kind", GROWING)
def test_a_tokenizer_that_makes_a_text_ever_longer_is_refused(tmp_path: Path, kind: str) -> None:
    with pytest.raises(
        Problem, match=r"normalizers in tokenizer\.json of the model can make a text more than 1,000 times"
    ):
        bounds.check_growth([_normalizer(tmp_path, GROWING[kind])])


def test_tokenizers_as_people_publish_them_do_not_grow_too_much(tmp_path: Path) -> None:
    t5 = [{"type": "Precompiled"}, {"type": "Strip"}, _replaced({"Regex": " {2,}"}, "\u2581")]
    llama = [{"type": "Prepend", "prepend": "\u2581"}, _replaced({"String": " "}, "\u2581")]
    albert = [
        _replaced({"String": "``"}, '"'),
        _replaced({"String": "''"}, '"'),
        {"type": "NFKD"},
        {"type": "Lowercase"},
    ]
    many = [_replaced({"Regex": r"[\r\n\t]+"}, " ")] * 30
    for steps in (t5, llama, albert, many):
        bounds.check_growth([_normalizer(tmp_path, steps), tmp_path / "not there" / "tokenizer.json"])


def _packed(data: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a/data.pkl", data)
    return out.getvalue()


def _stored(data: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("a/data.pkl", data)
    return out.getvalue()


def _old(data: bytes) -> bytes:
    """As torch wrote before 1.6: three pickles before the one with the tensors."""
    return pickle.dumps(1) * 3 + data


PLACE = b"\x80\x02}r" + struct.pack("<I", 400_000_000) + b"."  # names place 400,000,000 of the memory
PICKLES = {
    "packed": (_packed(pickle.dumps(bytes(1_000_000))), "is packed"),
    "a far place of the memory": (_stored(PLACE), "takes more than 2,000,000 steps"),
    "a far place, as written before": (_old(PLACE), "takes more than 2,000,000 steps"),
    "a length without its bytes": (_stored(b"\x80\x04\x8e" + struct.pack("<Q", 6 << 30) + b"."), "not a complete"),
}


@pytest.mark.parametrize("kind", PICKLES)
def test_a_pickle_that_would_fill_the_memory_is_refused(tmp_path: Path, kind: str) -> None:
    data, said = PICKLES[kind]
    folder = model_folder(tmp_path, {"model.safetensors": None, "pytorch_model.bin": data})
    files = checkpoint.select(checkpoint.names_in(folder))
    assert files is not None
    with pytest.raises(Problem, match=said):
        checkpoint.parameters(folder, files)


def test_a_pickle_of_too_many_steps_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("zsr_tui.scoring.models.pickle_file._STEPS", 100)
    data = _stored(b"\x80\x02" + b"]" * 200 + b".")
    folder = model_folder(tmp_path, {"model.safetensors": None, "pytorch_model.bin": data})
    files = checkpoint.select(checkpoint.names_in(folder))
    assert files is not None
    with pytest.raises(Problem, match="takes more than 100 steps to read, as torch writes no checkpoint"):
        checkpoint.parameters(folder, files)


HEADER = b'{"a":{"dtype":"F32","shape":[1000000,1000000],"data_offsets":[0,4]}}'
HEADERS = {
    "a large header in an empty file": (struct.pack("<Q", (64 << 20) - 8), 64 << 20),
    "a tensor larger than the file": (struct.pack("<Q", len(HEADER)) + HEADER, 8 + len(HEADER) + 4),
    "deep nesting": (struct.pack("<Q", 100_000) + b"[" * 100_000, 100_008),
}


@pytest.mark.parametrize("kind", HEADERS)
def test_a_safetensors_header_that_no_file_has_is_refused(tmp_path: Path, kind: str) -> None:
    data, size = HEADERS[kind]
    folder = model_folder(tmp_path, {"model.safetensors": data})
    with (folder / "model.safetensors").open("r+b") as file:
        file.truncate(size)
    with pytest.raises(Problem, match=r"model\.safetensors is not a complete safetensors file"):
        weights.resolve(str(folder))


def test_deep_settings_are_no_settings(tmp_path: Path) -> None:
    folder = model_folder(tmp_path, {"config.json": b'{"architectures":' + b"[" * 100_000 + b"]" * 100_000 + b"}"})
    with pytest.raises(Problem, match=r"config\.json of the model is not valid JSON"):
        weights.resolve(str(folder))
