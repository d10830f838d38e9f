"""ONNX files of the encoder families, against the same arithmetic in numpy: each token has a vector, and no more."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from zsr_tui.domain import Problem

from .. import tiny
from ..made_up import model_folder, onnx_graph

TEXTS = ["a b c", "d", "", "a c e g b d f " * 8]
TABLE = np.random.default_rng(7).normal(size=(len(tiny.WORDS), 4)).astype(np.float32)
INPUTS = {"input_ids": 7}
PER_TOKEN = ("batch", "tokens", "width")


def folder(place: Path, file: bytes, files: dict[str, Any] | None = None) -> Path:
    contents = {
        "config.json": {"max_position_embeddings": 16},
        "config_sentence_transformers.json": {"similarity_fn_name": "dot"},
        "tokenizer.json": None,
        "model.safetensors": None,
    }
    model_folder(place, {**contents, "model.onnx": file, **(files or {})})
    tiny.text_tokenizer().save(str(place / "tokenizer.json"))
    return place


def token_vectors(output: str = "last_hidden_state", inputs: dict[str, int] | None = None) -> bytes:
    node = ("Gather", ("table", next(iter(inputs or INPUTS))), output)
    return onnx_graph([node], {"table": TABLE}, inputs or INPUTS, {output: PER_TOKEN})


def vectors(text: str) -> np.ndarray:
    ids = [tiny.WORDS.index(word) if word in tiny.WORDS else 1 for word in text.split()][:14]
    return TABLE[[2, *ids, 3]]


POOLED = {
    "cls": lambda each: each[0],
    "mean": lambda each: each.mean(0),
    "max": lambda each: each.max(0),
    "lasttoken": lambda each: each[-1],
    "mean_sqrt_len_tokens": lambda each: each.sum(0) / np.sqrt(len(each)),
    "weightedmean": lambda each: np.average(each, axis=0, weights=np.arange(1, len(each) + 1)),
}


@pytest.mark.parametrize("pooling", POOLED)
def test_token_vectors_are_pooled_as_the_files_say(tmp_path: Path, pooling: str) -> None:
    model = tiny.load(folder(tmp_path, token_vectors(), {"1_Pooling/config.json": {"pooling_mode": pooling}}))
    prepared = model.prepare(TEXTS, "document")
    expected = np.stack([POOLED[pooling](vectors(text)) for text in TEXTS])
    assert np.allclose(model.run(prepared), expected, atol=1e-6)
    assert [each.cut for each in prepared] == [False, False, False, True]


def test_several_poolings_stand_one_after_the_other_and_a_dimension_cuts_them(tmp_path: Path) -> None:
    place = folder(tmp_path, token_vectors(), {"1_Pooling/config.json": {"pooling_mode": ["cls", "mean"]}})
    found = tiny.load(place).run(tiny.load(place).prepare(["a b"], "query"))
    assert np.allclose(found[0], [*vectors("a b")[0], *vectors("a b").mean(0)], atol=1e-6)
    model = tiny.load(f"{place}#3")
    assert np.allclose(model.run(model.prepare(["a b"], "query")), found[:, :3])


def test_a_file_that_pools_by_itself_and_takes_small_numbers_is_run_as_it_is(tmp_path: Path) -> None:
    graph = onnx_graph(
        [("Gather", ("table", "input_ids"), "tokens"), ("ReduceSum", ("tokens", "axis"), "embedding")],
        {"table": TABLE, "axis": np.array([1])},
        {"input_ids": 6},
        {"embedding": ("batch", "one", "width")},
    )
    squeezed = onnx_graph(
        [
            ("Gather", ("table", "input_ids"), "tokens"),
            ("ReduceSum", ("tokens", "axis"), "sum"),
            ("Squeeze", ("sum", "axis"), "embedding"),
        ],
        {"table": TABLE, "axis": np.array([1])},
        {"input_ids": 6},
        {"embedding": ("batch", "width")},
    )
    model = tiny.load(folder(tmp_path / "pooled", squeezed))
    expected = np.stack([vectors(text).sum(0) for text in TEXTS])
    assert np.allclose(model.run(model.prepare(TEXTS, "document")), expected, atol=1e-5)
    with pytest.raises(Problem, match="does not say how its token vectors are pooled"):
        tiny.load(folder(tmp_path / "not pooled", graph))


def test_prompts_and_normalisation_of_the_files_are_used(tmp_path: Path) -> None:
    declared = {"prompts": {"query": "query: ", "passage": "passage: "}, "similarity_fn_name": "cosine"}
    files = {"config_sentence_transformers.json": declared, "1_Pooling/config.json": {"pooling_mode_mean_tokens": True}}
    model = tiny.load(folder(tmp_path, token_vectors(), files))
    for role, prompt in (("query", "query: "), ("document", "passage: ")):
        expected = vectors(f"{prompt}a b").mean(0)
        found = model.run(model.prepare(["a b"], role))[0]
        assert np.allclose(found, expected / np.linalg.norm(expected), atol=1e-6)


MODULES = [
    {"path": "", "type": "sentence_transformers.models.Transformer"},
    {"path": "2_Pooling", "type": "sentence_transformers.models.Pooling"},
    {"path": "3_Normalize", "type": "sentence_transformers.models.Normalize"},
]


def test_a_last_module_normalises_also_what_is_compared_by_dot_product(tmp_path: Path) -> None:
    place = folder(
        tmp_path,
        token_vectors(),
        {
            "modules.json": MODULES,
            "1_Pooling/config.json": {"pooling_mode": "cls"},  # left over, and named nowhere
            "2_Pooling/config.json": {"pooling_mode": "mean"},
        },
    )
    expected = vectors("a b").mean(0) / np.linalg.norm(vectors("a b").mean(0))
    for name, kept in ((str(place), 4), (f"{place}#3", 3)):
        model = tiny.load(name)
        assert np.allclose(model.run(model.prepare(["a b"], "document"))[0], expected[:kept], atol=1e-6)


@pytest.mark.parametrize("place", ["", "0_Transformer"], ids=["its own folder", "a folder of the transformer"])
def test_a_model_of_small_letters_reads_no_others(tmp_path: Path, place: str) -> None:
    settings = str(Path(place) / "sentence_bert_config.json")
    files = {"modules.json": [{**MODULES[0], "path": place}, MODULES[1]], settings: {"do_lower_case": True}}
    model = tiny.load(folder(tmp_path, token_vectors(), {**files, "2_Pooling/config.json": {"pooling_mode": "mean"}}))
    assert np.allclose(model.run(model.prepare(["A B"], "document"))[0], vectors("a b").mean(0), atol=1e-6)


_POOLING = {"1_Pooling/config.json": {"pooling_mode": "mean"}}
_DENSE = [
    {"path": "", "type": "sentence_transformers.models.Transformer"},
    {"path": "1_Pooling", "type": "sentence_transformers.models.Pooling"},
    {"path": "2_Dense", "type": "sentence_transformers.models.Dense"},
]


@pytest.mark.parametrize(
    ("file", "files", "said"),
    [
        pytest.param(token_vectors(), {}, "does not say how its token vectors are pooled", id="no pooling"),
        pytest.param(
            token_vectors(inputs={"tokens": 7}),
            _POOLING,
            "its ONNX file asks for tokens in place of input_ids",
            id="no token ids",
        ),
        pytest.param(
            token_vectors(inputs={"input_ids": 7, "pixels": 7}),
            _POOLING,
            "its ONNX file asks for pixels in place of",
            id="pixels",
        ),
        pytest.param(
            token_vectors(),
            {**_POOLING, "modules.json": _DENSE},
            r"behind its ONNX file that are not in it \(Dense\)",
            id="dense layer behind it",
        ),
        pytest.param(
            token_vectors(),
            {
                "1_Pooling/config.json": {"pooling_mode": "mean", "include_prompt": False},
                "config_sentence_transformers.json": {"prompts": {"query": "query: "}},
            },
            "leaves its prompt out of the pooling",
            id="prompt left out",
        ),
        pytest.param(
            token_vectors(),
            {**_POOLING, "config_sentence_transformers.json": {"similarity_fn_name": "euclidean"}},
            "compares by euclidean distance",
            id="euclidean",
        ),
        pytest.param(
            onnx_graph([("Gather", ("table", "input_ids"), "x")], {"table": TABLE}, INPUTS, {"x": ("batch",)}),
            _POOLING,
            "its ONNX file gives x, and no vectors of texts or tokens",
            id="no vectors",
        ),
    ],
)
def test_a_file_that_cannot_be_run_says_why(tmp_path: Path, file: bytes, files: dict[str, Any], said: str) -> None:
    with pytest.raises(Problem, match=said):
        tiny.load(folder(tmp_path, file, files))


def _logits(width: int) -> bytes:
    """The sum of the tokens' vectors, cut to `width` numbers."""
    nodes = [
        ("Gather", ("table", "input_ids"), "tokens"),
        ("ReduceSum", ("tokens", "axis"), "sum"),
        ("Squeeze", ("sum", "axis"), "logits"),
    ]
    tensors = {"table": np.ascontiguousarray(TABLE[:, :width]), "axis": np.array([1])}
    return onnx_graph(nodes, tensors, INPUTS, {"logits": ("batch", "labels")})


def test_a_cross_encoder_gives_the_raw_logit_of_each_pair(tmp_path: Path) -> None:
    model = tiny.load(folder(tmp_path, _logits(1)))
    expected = [sum(TABLE[[2, 10, 3, *(tiny.WORDS.index(word) for word in text), 3], 0]) for text in ("bc", "d")]
    assert model.run(model.prepare("a", ["b c", "d"])) == pytest.approx(expected, abs=1e-5)


def test_a_query_begins_with_the_prompt_that_a_cross_encoder_names(tmp_path: Path) -> None:
    prompted = {"model_type": "CrossEncoder", "prompts": {"ask": "h g "}, "default_prompt_name": "ask"}
    plain = tiny.load(folder(tmp_path / "plain", _logits(1)))
    model = tiny.load(folder(tmp_path / "prompted", _logits(1), {"config_sentence_transformers.json": prompted}))
    expected = plain.run(plain.prepare("h g a", ["b c"]))
    assert model.run(model.prepare("a", ["b c"])) == pytest.approx(expected, abs=1e-6)
    assert plain.run(plain.prepare("a", ["b c"])) != pytest.approx(expected, abs=1e-3)


def test_a_classifier_in_an_onnx_file_is_no_reranker(tmp_path: Path) -> None:
    model = tiny.load(folder(tmp_path, _logits(3)))
    with pytest.raises(Problem, match="gives 3 labels: a reranker must give one score"):
        model.run(model.prepare("a", ["b"]))


def test_a_model_without_logits_is_no_cross_encoder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    place = folder(tmp_path, token_vectors())
    tiny.catalogued(monkeypatch, place, "cross-encoder")
    with pytest.raises(Problem, match="should be of the family cross-encoder, but its files hold a model of another"):
        tiny.load(place)
