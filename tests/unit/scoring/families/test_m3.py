"""bge-m3's heads against FlagEmbedding's formulas (1.4.2, finetune/embedder/encoder_only/m3/modeling.py) on the same
random weights, one text at a time, in plain torch."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from sentence_transformers import SentenceTransformer
from sentence_transformers.base.modules import Transformer
from sentence_transformers.sentence_transformer.modules import Normalize, Pooling
from tokenizers import Tokenizer, models, pre_tokenizers, processors
from torch.nn.functional import linear, normalize
from transformers import AutoModel, PreTrainedTokenizerFast, XLMRobertaConfig, XLMRobertaModel

from zsr_tui import pipeline
from zsr_tui.domain import Problem
from zsr_tui.engine import systems
from zsr_tui.explain import late
from zsr_tui.scoring.devices import Device
from zsr_tui.scoring.families import sharing
from zsr_tui.scoring.models import catalogue, weights
from zsr_tui.scoring.networks import choose
from zsr_tui.scoring.queue.pool import Pool
from zsr_tui.scoring.tokens import reading
from zsr_tui.scoring.tokens.probes import PROBES

from .. import tiny

WORDS = ["<s>", "<pad>", "</s>", "<unk>", *"abcdefgh"]
QUERIES = ["a b", "c a c", ""]
TEXTS = ["a b c", "d", "", "e f g h a b a a", "h <s> g </s> zz", *PROBES[::3]]
WIDTH = 16


def tokenizer() -> PreTrainedTokenizerFast:
    inner = Tokenizer(models.WordLevel({word: index for index, word in enumerate(WORDS)}, unk_token="<unk>"))
    inner.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    inner.post_processor = processors.RobertaProcessing(("</s>", 2), ("<s>", 0), trim_offsets=False)
    return PreTrainedTokenizerFast(
        tokenizer_object=inner, bos_token="<s>", cls_token="<s>", eos_token="</s>", sep_token="</s>", pad_token="<pad>",
        unk_token="<unk>", model_max_length=32, model_input_names=["input_ids", "attention_mask"],
    )  # fmt: skip


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    torch.manual_seed(4)
    place = tmp_path_factory.mktemp("m3")
    config = XLMRobertaConfig(
        vocab_size=len(WORDS), hidden_size=WIDTH, num_hidden_layers=2, num_attention_heads=2, intermediate_size=32,
        max_position_embeddings=40, initializer_range=0.5, pad_token_id=1, type_vocab_size=1,
    )  # fmt: skip
    XLMRobertaModel(config, add_pooling_layer=False).save_pretrained(place / "plain")
    tokenizer().save_pretrained(place / "plain")
    parts = [Transformer(str(place / "plain")), Pooling(WIDTH, "cls"), Normalize()]
    SentenceTransformer(modules=parts, device="cpu").save_pretrained(str(place / "m3"))
    for name, rows in (("sparse", 1), ("colbert", WIDTH)):
        torch.save(torch.nn.Linear(WIDTH, rows).state_dict(), place / "m3" / f"{name}_linear.pt")
    return place / "m3"


@pytest.fixture
def load(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], Any]:
    """By the entry that a model is like."""
    monkeypatch.setenv("ZSR_TUI_PRECISION", "fp32")
    monkeypatch.setenv("ZSR_TUI_HOME", str(tmp_path / "home"))
    (tmp_path / "home" / "config").mkdir(parents=True)

    def loaded(like: str) -> Any:
        text = f'[[model]]\nname = "mine"\nlike = "{like}"\nweights = "{folder}"\n'
        (tmp_path / "home" / "config" / "models.toml").write_text(text)
        return tiny.load("mine")

    return loaded


def heads(folder: Path, model: Any, text: str) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """Dense vector, weights of the vocabulary, vectors of tokens."""
    ids = tokenizer()(text, return_tensors="pt", truncation=True)["input_ids"]
    with torch.inference_mode():
        states = model(ids).last_hidden_state[0]
    sparse, colbert = (torch.load(folder / f"{name}_linear.pt", weights_only=True) for name in ("sparse", "colbert"))
    words = torch.zeros(len(WORDS))
    for token, weight in zip(ids[0], linear(states, sparse["weight"], sparse["bias"])[:, 0].relu(), strict=True):
        words[token] = max(words[token], weight)
    words[[0, 1, 2, 3]] = 0
    return normalize(states[0], dim=0), words, normalize(linear(states[1:], colbert["weight"], colbert["bias"]), dim=1)


def scores(asked: tuple[torch.Tensor, ...], found: tuple[torch.Tensor, ...]) -> dict[str, float]:
    dense, sparse = float(asked[0] @ found[0]), float(asked[1] @ found[1])
    colbert = float((asked[2] @ found[2].T).amax(dim=1).sum() / len(asked[2]))
    return {"sparse": sparse, "colbert": colbert, "all": 0.4 * dense + 0.2 * sparse + 0.4 * colbert}


@pytest.mark.parametrize("packed", [True, False], ids=["a network of ours", "transformers' own"])
def test_each_head_gives_what_flagembedding_gives(
    packed: bool, folder: Path, load: Callable[[str], Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("zsr_tui.scoring.families.packing.possible", lambda *_: packed)
    plain = AutoModel.from_pretrained(folder).eval()
    expected = {text: heads(folder, plain, text) for text in {*TEXTS, *QUERIES}}
    encoder = load("bge-m3-sparse")
    assert encoder.packed == packed
    vectors = encoder.run(encoder.prepare(TEXTS, "document"))
    np.testing.assert_allclose(vectors, np.stack([expected[text][1] for text in TEXTS]), atol=1e-5)
    assert (vectors > 0).any()
    for head in ("sparse", "colbert", "all") if packed else ("all",):
        model = load(f"bge-m3-{head}")
        prepare = model.rerank_inputs if head == "sparse" else model.prepare
        found = model.run([each for query in QUERIES for each in prepare(query, TEXTS)])
        wanted = [scores(expected[query], expected[text])[head] for query in QUERIES for text in TEXTS]
        np.testing.assert_allclose(found, wanted, atol=1e-5)


def test_its_tokens_explain_a_score(folder: Path, load: Callable[[str], Any]) -> None:
    model = load("bge-m3-colbert")
    asked, found, products = model.matches("a b", "c a")
    assert ([WORDS[one] for one in asked], [WORDS[one] for one in found]) == (["a", "b", "</s>"], ["c", "a", "</s>"])
    (score,) = model.run(model.prepare("a b", ["c a"]))
    assert products.max(axis=1).mean() == pytest.approx(float(score), abs=1e-6)

    class Scoring:
        def examine(self, name: str, ask: Callable[[Any], Any], **_: object) -> Any:
            return ask(model)

    explained = late.explain(Scoring(), "mine", "a b", "c a")  # type: ignore[arg-type]
    assert explained.sum == pytest.approx(float(score), abs=1e-6)
    own = reading.of_own_query(model, "a b")
    assert own is not None
    assert [token for token, of in zip(own.tokens, own.of, strict=True) if of == "query"] == ["a", "b"]


@pytest.mark.parametrize(
    ("written", "read"),
    [
        pytest.param("sparse(BAAI/bge-m3)", "sparse(bge-m3-sparse)", id="sparse"),
        pytest.param("dense(BAAI/bge-m3) % 50 >> BAAI/bge-m3", "dense(BAAI/bge-m3) % 50 >> bge-m3-colbert", id="both"),
        pytest.param(
            "rrf(bm25, sparse(BAAI/bge-m3)) >> bge-m3-all", "rrf(bm25, sparse(bge-m3-sparse)) >> bge-m3-all", id="fused"
        ),
    ],
)
def test_a_use_of_the_model_names_its_head(written: str, read: str) -> None:
    assert systems.head(written).notation == read
    assert pipeline.parse(systems.head(read).notation) == pipeline.parse(read)


def test_a_head_that_is_lacking_or_another_is_named(folder: Path, load: Callable[[str], Any]) -> None:
    load("bge-m3-sparse")
    whole, colbert = weights.resolve("mine").fingerprint, folder / "colbert_linear.pt"
    content = colbert.read_bytes()
    try:
        torch.save({"weight": torch.zeros(3, 5), "bias": torch.zeros(3)}, colbert)
        assert weights.resolve("mine").fingerprint != whole
        with pytest.raises(Problem, match=r"colbert_linear\.pt of mine is not the head of a bge-m3"):
            load("bge-m3-colbert")
        colbert.write_bytes(b"no checkpoint")
        with pytest.raises(Problem, match=r"colbert_linear\.pt is not a complete checkpoint"):
            load("bge-m3-colbert")
        colbert.unlink()
        assert not catalogue.describe("mine").local
        with pytest.raises(Problem, match=r"mine reads colbert_linear\.pt of a bge-m3, which its folder does not have"):
            load("bge-m3-all")
    finally:
        colbert.write_bytes(content)


def test_all_of_its_heads_run_on_one_network_that_is_loaded_and_counted_once(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ZSR_TUI_PRECISION", "fp32")
    monkeypatch.setenv("ZSR_TUI_HOME", str(tmp_path))
    (tmp_path / "config").mkdir()
    own = shutil.copytree(folder, tmp_path / "own")  # of which nothing is loaded by another test
    names = ["BAAI/bge-m3", "bge-m3-sparse", "bge-m3-colbert", "bge-m3-all"]
    entries = (f'[[model]]\nname = "m{at}"\nlike = "{like}"\nweights = "{own}"\n' for at, like in enumerate(names))
    (tmp_path / "config" / "models.toml").write_text("".join(entries))
    found = [weights.resolve(f"m{at}") for at in range(len(names))]
    assert len({each.fingerprint for each in found}) == len(names)
    size = found[0].memory_bytes
    made = list[object]()
    network = choose.network
    monkeypatch.setattr(choose, "network", lambda *given: made.append(given) or network(*given))
    pool = Pool(Device("cpu", size + 1, 2048))
    scorers = [pool.get(each, None).scorer for each in found]
    assert len({id(each.network) for each in scorers}) == len(made) == 1  # type: ignore[attr-defined]
    assert [pool.holds(each.fingerprint) for each in found] == [True] * len(names)
    assert pool.memory_bytes == size
    plain = AutoModel.from_pretrained(folder).eval()
    asked = heads(folder, plain, "a b")
    wanted = [scores(asked, heads(folder, plain, text))["all"] for text in TEXTS[:4]]
    np.testing.assert_allclose(scorers[3].run(scorers[3].prepare("a b", TEXTS[:4])), wanted, atol=1e-5)  # type: ignore[call-arg]
    del scorers
    pool.clear()
    assert not sharing.is_loaded(found[0], Device("cpu", 0, 0))
