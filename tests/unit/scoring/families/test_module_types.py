"""Every kind of module that sentence-transformers makes bi-encoders of, against sentence-transformers itself."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from safetensors.torch import load_file, save_file
from sentence_transformers import SentenceTransformer
from sentence_transformers.sentence_transformer import modules
from sentence_transformers.sentence_transformer.modules.tokenizer import WhitespaceTokenizer

from zsr_tui.domain import Problem
from zsr_tui.scoring.models import unchanged, weights

from .. import tiny

QUERIES = ["a b", "h", "c a c e"]
TEXTS = ["a b c", "d", "a c e g b d f " * 8, "h g f e d c b a"]
WIDTH = 16


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny.bert(tmp_path_factory.mktemp("plain") / "bert")


def _table() -> modules.StaticEmbedding:
    return modules.StaticEmbedding(tiny.text_tokenizer(), embedding_dim=WIDTH)


def _words(plain: Path) -> list[Any]:
    words = WhitespaceTokenizer(list("abcdefgh"), stop_words=[])
    return [modules.WordEmbeddings(words, torch.randn(8, WIDTH))]


def _transformer(plain: Path) -> list[Any]:
    return [modules.Transformer(str(plain))]


def _all_layers(plain: Path) -> list[Any]:
    return [modules.Transformer(str(plain), config_kwargs={"output_hidden_states": True})]


def _routed(plain: Path) -> list[Any]:
    document = [*_transformer(plain), modules.Pooling(WIDTH, "cls"), modules.Dense(WIDTH, WIDTH)]
    return [modules.Router.for_query_document([_table()], document)]


_CHAINS: dict[str, Callable[[Path], list[Any]]] = {
    **{
        f"pooling {mode}": lambda plain, mode=mode: [*_transformer(plain), modules.Pooling(WIDTH, mode)]
        for mode in modules.Pooling.POOLING_MODES
    },
    "two poolings": lambda plain: [*_transformer(plain), modules.Pooling(WIDTH, ("max", "mean"))],
    "dense and normalize": lambda plain: [
        *_transformer(plain), modules.Pooling(WIDTH), modules.Dense(WIDTH, 6), modules.Normalize(),
    ],
    "layer norm and dropout": lambda plain: [
        *_transformer(plain), modules.Pooling(WIDTH), modules.LayerNorm(WIDTH), modules.Dropout(0.5),
    ],
    "weighted layers": lambda plain: [
        *_all_layers(plain), modules.WeightedLayerPooling(WIDTH, num_hidden_layers=2, layer_start=1),
        modules.Pooling(WIDTH),
    ],
    "convolutions": lambda plain: [
        *_transformer(plain), modules.CNN(WIDTH, out_channels=4, kernel_sizes=[1, 3]), modules.Pooling(8),
    ],
    "word vectors": lambda plain: [*_words(plain), modules.Pooling(WIDTH)],
    "weighted words": lambda plain: [
        *_words(plain), modules.WordWeights(list("abcdefgh"), {"a": 3.0, "c": 0.5}), modules.Pooling(WIDTH),
    ],
    "LSTM": lambda plain: [*_words(plain), modules.LSTM(WIDTH, 5), modules.Pooling(10)],
    "bag of words": lambda plain: [modules.BoW(list("abcdefgh"), {"a": 3.0}), modules.Dense(8, 4)],
    "bag of words alone": lambda plain: [modules.BoW(list("abcdefgh"), {"a": 3.0})],
    "static table": lambda plain: [_table()],
    "static table and normalize": lambda plain: [_table(), modules.Normalize()],
    "router": _routed,
}  # fmt: skip


@pytest.mark.parametrize("kind", _CHAINS)
def test_queries_and_documents_compare_as_in_sentence_transformers(
    kind: str, plain: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ZSR_TUI_PRECISION", "fp32")
    torch.manual_seed(3)
    made = SentenceTransformer(modules=_CHAINS[kind](plain), device="cpu")
    made.save(str(tmp_path / "model"))
    reference: Any = SentenceTransformer(str(tmp_path / "model"), device="cpu")
    expected = reference.similarity(reference.encode_query(QUERIES), reference.encode_document(TEXTS)).numpy()
    model = tiny.load(tmp_path / "model")
    queries, documents = (model.run(model.prepare(*asked)) for asked in ((QUERIES, "query"), (TEXTS, "document")))
    np.testing.assert_allclose(queries @ documents.T, expected, atol=1e-5)
    assert np.ptp(expected) > 0.1


@pytest.mark.parametrize(("kind", "tolerance"), [("static table", 1e-6), ("router", 0.1)])
def test_only_transformers_are_rounded(
    kind: str, tolerance: float, plain: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ZSR_TUI_PRECISION", "bf16")
    torch.manual_seed(3)
    made: Any = SentenceTransformer(modules=_CHAINS[kind](plain), device="cpu")
    made.save(str(tmp_path / "model"))
    model = tiny.load(tmp_path / "model")
    found = model.run(model.prepare(TEXTS, "document"))
    np.testing.assert_allclose(found, made.encode_document(TEXTS, normalize_embeddings=True), atol=tolerance)


def test_every_module_of_sentence_transformers_is_compared() -> None:
    kinds = {name for name in dir(modules) if isinstance(getattr(modules, name), type)}
    seen = "Transformer Pooling Dense Normalize LayerNorm Dropout WeightedLayerPooling CNN WordEmbeddings WordWeights"
    seen += " LSTM BoW StaticEmbedding Router"
    bases = {"InputModule", "Module"}
    images = {"CLIPModel"}  # a Transformer with a tower for images beside the one for texts
    assert kinds == {*seen.split(), "Asym", *bases, *images}


def _named_routes(query: str, document: str) -> Callable[[Path], list[Any]]:
    def chain(plain: Path) -> list[Any]:
        routes = {query: [_table()], document: [*_transformer(plain), modules.Pooling(WIDTH, "cls")]}
        mappings = {("query", "text"): query, ("document", "text"): document}
        return [modules.Router(routes, route_mappings=mappings), modules.Dense(WIDTH, 6)]

    return chain


@pytest.mark.parametrize(
    ("query", "document", "dense"),
    [
        pytest.param("query", "doc_text", "1_Dense", id="one route of two words"),
        pytest.param("query_text", "doc_text", "proj", id="two of two words, and a module of another name"),
        pytest.param("QRY", "v1-doc", "behind/dense", id="capitals, a hyphen, and a folder in a folder"),
    ],
)
def test_routes_and_modules_may_be_called_as_one_likes(
    query: str, document: str, dense: str, plain: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ZSR_TUI_PRECISION", "fp32")
    torch.manual_seed(3)
    folder = tmp_path / "model"
    SentenceTransformer(modules=_named_routes(query, document)(plain), device="cpu").save(str(folder))
    listed = json.loads((folder / "modules.json").read_text())
    (folder / dense).parent.mkdir(exist_ok=True)
    (folder / listed[1]["path"]).rename(folder / dense)
    (folder / "modules.json").write_text(json.dumps([listed[0], {**listed[1], "path": dense}]))
    reference: Any = SentenceTransformer(str(folder), device="cpu")
    model, known = tiny.load(folder), weights.resolve(str(folder))
    expected = reference.encode_document(TEXTS, normalize_embeddings=True)
    np.testing.assert_allclose(model.run(model.prepare(TEXTS, "document")), expected, atol=1e-5)
    seen = {known.fingerprint}
    for name in (f"{query}_0_StaticEmbedding", f"{document}_0_Transformer", dense):
        still = unchanged.found(weights.resolve(str(folder)))
        torch.manual_seed(len(seen))
        tensors = load_file(folder / name / "model.safetensors")
        save_file(
            {each: torch.rand_like(value) for each, value in tensors.items()}, folder / name / "model.safetensors"
        )
        assert still
        assert not still.still
        seen.add(weights.resolve(str(folder)).fingerprint)
    assert len(seen) == 4
    (folder / f"{document}_0_Transformer" / "model.safetensors").unlink()
    with pytest.raises(Problem, match="is incomplete"):
        tiny.load(folder)
