from __future__ import annotations

import io
import struct
import zipfile
from pathlib import Path

import pytest

from zsr_tui.domain import Problem
from zsr_tui.scoring.models import checkpoint, onnx_file

from ..made_up import BERT, model_folder, onnx, safetensors

_HUB_REPOSITORY = [
    "README.md", ".gitattributes", "config.json", "modules.json", "1_Pooling/config.json", "2_Dense/config.json",
    "2_Dense/model.safetensors", "2_Dense/pytorch_model.bin", "flax_model.msgpack", "model.safetensors",
    "onnx/model.onnx", "onnx/model_O3.onnx", "openvino/openvino_model.bin", "pytorch_model.bin", "rust_model.ot",
    "sentence_bert_config.json", "tf_model.h5", "tokenizer.json", "train_script.py", "vocab.txt", "runs/1/weights.bin",
]  # fmt: skip


def test_one_copy_of_the_weights_and_nothing_of_other_frameworks_is_selected() -> None:
    files = checkpoint.select(_HUB_REPOSITORY)
    assert files is not None
    assert files.weights == ("model.safetensors", "2_Dense/model.safetensors")
    assert set(files.others) == {
        "config.json", "modules.json", "1_Pooling/config.json", "2_Dense/config.json", "sentence_bert_config.json",
        "tokenizer.json", "vocab.txt",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("names", "kind", "weights"),
    [
        pytest.param(
            ["pytorch_model.bin", "tf_model.h5"], "transformers", ("pytorch_model.bin",), id="PyTorch and TensorFlow"
        ),
        pytest.param(
            ["pytorch_model-00001-of-00002.bin", "pytorch_model-00002-of-00002.bin"],
            "transformers",
            ("pytorch_model-00001-of-00002.bin", "pytorch_model-00002-of-00002.bin"),
            id="two shards",
        ),
        pytest.param(["model.onnx", "model.onnx_data"], "onnx", ("model.onnx", "model.onnx_data"), id="ONNX with data"),
        pytest.param(
            ["onnx/model.onnx", "onnx/model_fp16.onnx"], "onnx", ("onnx/model.onnx",), id="two precisions of ONNX"
        ),
        pytest.param(["encoder_int8.onnx"], "onnx", ("encoder_int8.onnx",), id="int8 ONNX"),
    ],
)
def test_what_there_is_is_taken(names: list[str], kind: str, weights: tuple[str, ...]) -> None:
    files = checkpoint.select(names)
    assert files is not None
    assert (files.kind, files.weights) == (kind, weights)


@pytest.mark.parametrize(
    "names",
    [
        pytest.param([], id="no files"),
        pytest.param(["config.json"], id="no weights"),
        pytest.param(["model-00001-of-00002.safetensors"], id="one shard of two"),
        pytest.param(["a_int8.onnx", "b_fp16.onnx"], id="two ONNX files"),
    ],
)
def test_missing_incomplete_and_ambiguous_weights_are_no_weights(names: list[str]) -> None:
    assert checkpoint.select(names) is None


_MODULES = [
    {"path": "", "type": "sentence_transformers.models.Transformer"},
    {"path": "1_Pooling", "type": "sentence_transformers.models.Pooling"},
    {"path": "2_Dense", "type": "sentence_transformers.models.Dense"},
    {"path": "3_Normalize", "type": "sentence_transformers.models.Normalize"},
]


@pytest.mark.parametrize("missing", ["config.json", "tokenizer.json", "model.safetensors"])
def test_a_folder_that_lacks_a_file_is_not_complete(tmp_path: Path, missing: str) -> None:
    assert checkpoint.is_complete(model_folder(tmp_path / "whole"))
    assert not checkpoint.is_complete(model_folder(tmp_path / "part", {missing: None}))


def test_every_module_must_be_there_but_normalize_has_no_files(tmp_path: Path) -> None:
    dense = safetensors({"linear.weight": ("F32", (2, 2))})
    files = {"modules.json": _MODULES, "1_Pooling/config.json": {}, "2_Dense/config.json": {}}
    assert checkpoint.is_complete(model_folder(tmp_path / "whole", {**files, "2_Dense/model.safetensors": dense}))
    assert not checkpoint.is_complete(model_folder(tmp_path / "no dense", files))


@pytest.mark.parametrize(
    ("files", "family"),
    [
        pytest.param({}, "bi-encoder", id="plain encoder"),
        pytest.param({"modules.json": _MODULES}, "bi-encoder", id="encoder with modules"),
        pytest.param(
            {"config.json": {**BERT, "architectures": ["BertForSequenceClassification"]}},
            "cross-encoder",
            id="BERT with a class head",
        ),
        pytest.param({"config.json": {"architectures": ["T5ForConditionalGeneration"]}}, "monot5", id="T5"),
        pytest.param({"config.json": {"architectures": ["Qwen3ForCausalLM"]}}, "causal-lm", id="Qwen3"),
        pytest.param({"config.json": {"architectures": ["BertForMaskedLM"]}}, "sparse", id="BERT with a language head"),
        pytest.param({"config.json": {"architectures": ["HF_ColBERT"]}}, "late-interaction", id="HF_ColBERT"),
        pytest.param({"config.json": {"architectures": ["T5EncoderModel"]}}, "bi-encoder", id="encoder of T5"),
        pytest.param(
            {"config.json": {"architectures": ["MT5ForConditionalGeneration"], "model_type": "mt5"}}, "monot5", id="mT5"
        ),
        pytest.param(
            {"config.json": {"architectures": ["BartForConditionalGeneration"], "model_type": "bart"}}, "", id="BART"
        ),
        pytest.param(
            {"config.json": {"architectures": ["ModernBertModel"], "model_type": "modernbert"}},
            "bi-encoder",
            id="ModernBERT",
        ),
        pytest.param(
            {"config.json": {"architectures": ["ModernBertForSequenceClassification"], "model_type": "modernbert"}},
            "cross-encoder",
            id="ModernBERT with a class head",
        ),
        pytest.param(
            {"config.json": {"architectures": ["GemmaForCausalLM"], "model_type": "gemma"}}, "causal-lm", id="Gemma"
        ),
        pytest.param(
            {"config.json": {"architectures": ["Qwen3ForCausalLM"]}, "modules.json": _MODULES},
            "bi-encoder",
            id="Qwen3 with modules",
        ),
        pytest.param({"config.json": {"architectures": ["ViTModel"], "image_size": 224}}, "", id="vision encoder"),
        pytest.param({"config.json": {"architectures": ["ViTForImageClassification"]}}, "", id="vision classifier"),
        pytest.param({"config.json": {"architectures": ["WhisperThing"]}}, "", id="speech"),
        pytest.param({"config.json": {"architectures": []}}, "", id="no architecture named"),
        pytest.param({"config.json": {}}, "", id="empty config"),
        pytest.param(
            {"config_sentence_transformers.json": {"model_type": "CrossEncoder"}}, "cross-encoder", id="CrossEncoder"
        ),
        pytest.param(
            {"config_sentence_transformers.json": {"model_type": "SparseEncoder"}, "modules.json": _MODULES},
            "sparse",
            id="SparseEncoder",
        ),
        pytest.param(
            {"modules.json": [_MODULES[0], {"path": "1_Dense", "type": "pylate.models.Dense.Dense"}]},
            "late-interaction",
            id="PyLate",
        ),
        pytest.param(
            {"config_sentence_transformers.json": {"model_type": "MultiVectorEncoder"}},
            "late-interaction",
            id="MultiVectorEncoder",
        ),
        pytest.param(
            {"config_sentence_transformers.json": {"model_type": "ColBERT"}},
            "late-interaction",
            id="ColBERT of sentence-transformers",
        ),
        pytest.param(
            {"modules.json": [_MODULES[0], {"type": "sentence_transformers.sparse_encoder.models.SpladePooling"}]},
            "sparse",
            id="SPLADE pooling",
        ),
        pytest.param(
            {
                "config_sentence_transformers.json": {"model_type": "CrossEncoder"},
                "modules.json": [
                    _MODULES[0],
                    {"type": "sentence_transformers.cross_encoder.modules.logit_score.LogitScore"},
                ],
            },
            "causal-lm",
            id="LogitScore",
        ),
        pytest.param(
            {"config.json": None, "model.safetensors": None, "model.onnx": onnx([(1, (2, 2))], "logits")},
            "cross-encoder",
            id="ONNX with logits",
        ),
        pytest.param(
            {"config.json": None, "model.safetensors": None, "model.onnx": onnx([(1, (2,))], "last_hidden_state")},
            "bi-encoder",
            id="ONNX with token vectors",
        ),
    ],
)
def test_the_family_is_found_from_the_files(tmp_path: Path, files: dict[str, object], family: str) -> None:
    folder = model_folder(tmp_path, files)
    found = checkpoint.select(checkpoint.names_in(folder))
    assert found is not None
    assert checkpoint.family(folder, found) == family


_WHOLE = safetensors({"a": ("F32", (2, 3))})


def test_parameters_are_counted_without_position_buffers(tmp_path: Path) -> None:
    folder = model_folder(tmp_path)
    files = checkpoint.select(checkpoint.names_in(folder))
    assert files is not None
    assert checkpoint.parameters(folder, files) == 6


def test_masks_and_counters_are_no_parameters(tmp_path: Path) -> None:
    shapes = {"a": ("F32", (2, 3)), "mask": ("U8", (9, 9)), "step": ("I64", ()), "half": ("F16", (5,))}
    folder = model_folder(tmp_path, {"model.safetensors": safetensors(shapes)})
    files = checkpoint.select(checkpoint.names_in(folder))
    assert files is not None
    assert checkpoint.parameters(folder, files) == 11


def packed(**changed: int) -> bytes:
    """A zip archive as torch writes them, whose directory says another thing of its member."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("archive/data.pkl", b"\x80\x02}q\x00.")
    content, begin = bytearray(file.getvalue()), file.getvalue().index(b"PK\x01\x02")
    for name, value in changed.items():
        for start, place in ((begin, {"version": 6, "flags": 8, "method": 10}), (0, {"flags": 6, "method": 8})):
            if name in place:
                struct.pack_into("<H", content, start + place[name], value)
    return bytes(content)


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(b"pickle", id="text"),
        pytest.param(b"", id="empty"),
        pytest.param(b"\x80\x02}q\x00.", id="no tensors"),
        pytest.param(b"PK\x03\x04", id="start of a zip"),
        pytest.param(packed(flags=1), id="encrypted"),
        pytest.param(packed(method=97), id="a compression that nobody knows"),
        pytest.param(packed(version=99), id="a version that nobody knows"),
    ],
)
def test_a_pickle_that_is_no_checkpoint_is_named(tmp_path: Path, content: bytes) -> None:
    folder = model_folder(tmp_path, {"model.safetensors": None, "pytorch_model.bin": content})
    files = checkpoint.select(checkpoint.names_in(folder))
    assert files is not None
    with pytest.raises(Problem, match=r"pytorch_model\.bin is not a complete checkpoint of tensors by name"):
        checkpoint.parameters(folder, files)


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(b"", id="empty"),
        pytest.param(b"\x01", id="one byte"),
        pytest.param(b"\xff" * 64, id="too large a header"),
        pytest.param(b"\x05\0\0\0\0\0\0\0[1,2]", id="header is a list"),
        pytest.param(_WHOLE[:-1], id="last byte missing"),
    ],
)
def test_a_torn_safetensors_file_is_named(tmp_path: Path, content: bytes) -> None:
    folder = model_folder(tmp_path, {"model.safetensors": content})
    files = checkpoint.select(checkpoint.names_in(folder))
    assert files is not None
    with pytest.raises(Problem, match=r"model\.safetensors is not a complete safetensors file"):
        checkpoint.parameters(folder, files)


def test_broken_json_is_named(tmp_path: Path) -> None:
    folder = model_folder(tmp_path, {"config.json": b'{"architectures": ['})
    with pytest.raises(Problem, match=r"config\.json of the model is not valid JSON"):
        checkpoint.max_length(folder)


@pytest.mark.parametrize(
    ("files", "tokens"),
    [
        pytest.param({}, 512, id="positions"),
        pytest.param({"sentence_bert_config.json": {"max_seq_length": 256}}, 256, id="module settings"),
        pytest.param({"tokenizer_config.json": {"model_max_length": 1e30}}, 512, id="endless tokenizer"),
        pytest.param(
            {"config.json": {"model_type": "roberta", "max_position_embeddings": 514}}, 512, id="roberta positions"
        ),
        pytest.param({"config.json": {}}, None, id="nothing said"),
    ],
)
def test_the_maximum_length_is_the_smallest_that_the_files_say(
    tmp_path: Path, files: dict[str, object], tokens: int | None
) -> None:
    assert checkpoint.max_length(model_folder(tmp_path, files)) == tokens


def test_an_onnx_file_is_read_without_its_weights(tmp_path: Path) -> None:
    path = tmp_path / "model.onnx"
    path.write_bytes(onnx([(3, (10, 20)), (1, (5,)), (1, ()), (3, ()), (7, (2,))], "logits"))
    read = onnx_file.read(path)
    assert read == onnx_file.OnnxFile(parameters=205, precision="int8", outputs=("logits",))


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(b"", id="empty"),
        pytest.param(b"not protobuf at all", id="text"),
        pytest.param(onnx([(1, (2, 2))], "logits")[:-3], id="cut short"),
        pytest.param(b"\x08\x08", id="no graph"),
    ],
)
def test_what_is_no_onnx_file_is_named(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "model.onnx"
    path.write_bytes(content)
    with pytest.raises(Problem, match=r"model\.onnx is not"):
        onnx_file.read(path)


@pytest.mark.parametrize(
    ("files", "classes"),
    [
        pytest.param({"modules.json": _MODULES}, [], id="module of a library"),
        pytest.param(
            {"modules.json": [_MODULES[0], {"type": "pylate.models.Dense.Dense"}]}, [], id="module of another library"
        ),
        pytest.param(
            {"modules.json": [{"path": "", "type": "custom_x.Transformer"}]},
            ["custom_x.Transformer"],
            id="module of its own",
        ),
        pytest.param(
            {"config.json": {**BERT, "auto_map": {"AutoModel": "modeling_x.X"}}},
            ["modeling_x.X"],
            id="model of its own",
        ),
        pytest.param(
            {"config.json": {**BERT, "auto_map": {"AutoTokenizer": ["a.Slow", None], "AutoConfig": "other/b--c.C"}}},
            ["a.Slow", "other/b--c.C"],
            id="tokenizer and config of its own",
        ),
    ],
)
def test_code_of_a_models_own_is_noticed(tmp_path: Path, files: dict[str, object], classes: list[str]) -> None:
    assert checkpoint.own_classes(model_folder(tmp_path, files)) == classes


def test_code_is_selected_and_missed_only_where_it_is_asked_for(tmp_path: Path) -> None:
    auto = {"config.json": {**BERT, "auto_map": {"AutoModel": "modeling_x.X"}}}
    folder = model_folder(tmp_path, {**auto, "train/script.py": b""})
    assert checkpoint.is_complete(folder)
    assert not checkpoint.is_complete(folder, code=True)
    (folder / "modeling_x.py").write_text("")
    assert checkpoint.is_complete(folder, code=True)
    plain, whole = (checkpoint.select(checkpoint.names_in(folder), code=code) for code in (False, True))
    assert plain is not None
    assert whole is not None
    assert set(whole.others) - set(plain.others) == {"modeling_x.py"}


@pytest.mark.parametrize(
    ("said", "found", "agrees"),
    [
        ("bi-encoder", "sparse", True),  # a masked language model, pooled
        ("duot5", "monot5", True),
        ("causal-lm", "cross-encoder", True),
        ("late-interaction", "bi-encoder", False),  # its projection would be random
        ("cross-encoder", "", True),
        ("cross-encoder", "monot5", False),
        ("monot5", "cross-encoder", False),
        ("bi-encoder", "cross-encoder", False),
        ("cross-encoder", "bi-encoder", False),
    ],
)
def test_what_the_catalogue_says_must_be_possible_for_the_files(said: str, found: str, agrees: bool) -> None:
    assert checkpoint.agrees(said, found) == agrees
