"""MaxSim rerankers against sentence-transformers' encode_query, encode_document and similarity, same tiny weights."""

from __future__ import annotations

import json
import string
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from threading import Thread, current_thread, main_thread
from typing import Any

import numpy as np
import pytest

from tests.waiting import meanwhile
from zsr_tui.domain import ModelInfo, Problem
from zsr_tui.scoring.devices import Device
from zsr_tui.scoring.families import late_interaction
from zsr_tui.scoring.models import checkpoint, weights
from zsr_tui.scoring.models.catalogue import Recipe
from zsr_tui.scoring.models.weights import ResolvedModel
from zsr_tui.scoring.tokens import calling

from . import two_threads

CPU = Device("cpu", 10**10, 2048)
QUERIES = ["does vitamin B12 lower homocysteine?", "folate", "", "维生素B12", "one of many words " * 40]
TEXTS = [
    "Vitamin B12 deficiency raises homocysteine, and folate lowers it.",
    "",
    "!!! ... ,,,",
    "维生素B12缺乏会升高同型半胱氨酸。",
    "plasma",
    "Folate and B12 in plasma; " * 30,
    "plasma homocysteine rises when folate is low. " * 2200,  # about 100,000 characters
]


def bert(folder: Path, *, markers: bool = True) -> Path:
    """A plain encoder with a lower-casing WordPiece vocabulary that knows the markers."""
    import torch
    from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors, trainers
    from transformers import BertConfig, BertModel, PreTrainedTokenizerFast

    special = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *(["[unused0]", "[unused1]"] if markers else [])]
    pieces = Tokenizer(models.WordPiece(unk_token="[UNK]"))
    pieces.normalizer = normalizers.BertNormalizer()
    pieces.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    trainer = trainers.WordPieceTrainer(vocab_size=300, special_tokens=special, show_progress=False)
    pieces.train_from_iterator([*TEXTS[:6], *QUERIES, *string.punctuation], trainer)
    pieces.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]", pair="[CLS] $A [SEP] $B:1 [SEP]:1", special_tokens=[("[CLS]", 2), ("[SEP]", 3)]
    )
    tokenizer = PreTrainedTokenizerFast(
        tokenizer_object=pieces, pad_token="[PAD]", unk_token="[UNK]", cls_token="[CLS]", sep_token="[SEP]",
        mask_token="[MASK]", model_max_length=128,
    )  # fmt: skip
    tokenizer.save_pretrained(folder)
    torch.manual_seed(5)
    config = BertConfig(
        vocab_size=len(tokenizer), hidden_size=32, num_hidden_layers=2, num_attention_heads=4, intermediate_size=64,
        max_position_embeddings=128, initializer_range=0.3,
    )  # fmt: skip
    BertModel(config).save_pretrained(folder)
    return folder


def native(folder: Path, *, similarity: str = "maxsim", **options: Any) -> Path:
    """Saved by sentence-transformers: prompts as markers, a projection, a skiplist."""
    import torch
    from sentence_transformers import MultiVectorEncoder
    from sentence_transformers.base.modules import Normalize, Transformer
    from sentence_transformers.base.modules.dense import Dense
    from sentence_transformers.multi_vector_encoder.modules import MultiVectorMask

    torch.manual_seed(6)
    model = MultiVectorEncoder(
        modules=[
            Transformer(str(bert(folder / "encoder")), **options),
            Dense(32, 16, bias=False, activation_function=torch.nn.Identity(), module_input_name="token_embeddings"),
            MultiVectorMask(skiplist_words=list(string.punctuation)),
            Normalize(module_input_name="token_embeddings"),
        ],
        prompts={"query": "search: ", "document": "passage: "},
        similarity_fn_name=similarity,
        device="cpu",
    )
    model.save_pretrained(str(folder / "saved"))
    return folder / "saved"


def pylate(folder: Path) -> Path:
    """As PyLate saves: prefixes and lengths on top, its own Dense class, neither mask nor normalisation as modules."""
    saved = native(folder)
    settings = {
        "model_type": "ColBERT", "query_prefix": "[unused0]", "document_prefix": "[unused1]", "query_length": 16,
        "document_length": 48, "do_query_expansion": True, "attend_to_expansion_tokens": False,
        "skiplist_words": list(string.punctuation), "similarity_fn_name": "MaxSim",
    }  # fmt: skip
    (saved / "config_sentence_transformers.json").write_text(json.dumps(settings))
    modules = json.loads((saved / "modules.json").read_text())[:2]
    modules[1]["type"] = "pylate.models.Dense.Dense"
    (saved / "modules.json").write_text(json.dumps(modules))
    return saved


def stanford(folder: Path) -> Path:
    """As colbert-ir/colbertv2.0: the projection among BERT's weights, the settings in artifact.metadata."""
    import torch
    from safetensors.torch import load_file, save_file

    bert(folder)
    tensors = {f"bert.{name}": value for name, value in load_file(folder / "model.safetensors").items()}
    torch.manual_seed(7)
    tensors["linear.weight"] = torch.randn(16, 32)
    save_file(tensors, folder / "model.safetensors", metadata={"format": "pt"})
    config = json.loads((folder / "config.json").read_text())
    (folder / "config.json").write_text(json.dumps({**config, "architectures": ["HF_ColBERT"]}))
    settings = {"query_maxlen": 24, "doc_maxlen": 60, "mask_punctuation": True, "attend_to_mask_tokens": False}
    (folder / "artifact.metadata").write_text(json.dumps(settings))
    return folder


MAKERS: dict[str, Callable[[Path], Path]] = {
    "native": native,
    "expanded": lambda folder: native(
        folder, query_expansion={"strategy": "min", "attend": True, "length": 12}, query_length=20, document_length=40
    ),
    "meanmaxsim": lambda folder: native(folder, similarity="meanmaxsim"),
    "pylate": pylate,
    "stanford": stanford,
}
LIMITS = {"native": 128, "expanded": 40, "meanmaxsim": 128, "pylate": 48, "stanford": 60}


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    return {name: make(tmp_path_factory.mktemp(name)) for name, make in MAKERS.items()}


def resolved(folder: Path, recipe: Recipe | None = None) -> ResolvedModel:
    info = ModelInfo(name=folder.name, label=folder.name, family="late-interaction", parameters=1000)
    return ResolvedModel(
        folder, ("model.safetensors",), "", "transformers", "fp32", info, recipe or Recipe(), folder.name
    )


def scores(scorer: Any, query: str, texts: Sequence[str]) -> np.ndarray:
    found: np.ndarray = scorer.run(scorer.prepare(query, texts))
    return found


@pytest.mark.parametrize("name", MAKERS)
def test_scores_are_those_of_sentence_transformers(folders: dict[str, Path], name: str) -> None:
    from sentence_transformers import MultiVectorEncoder

    reference = MultiVectorEncoder(str(folders[name]), device="cpu", local_files_only=True)
    expected = reference.similarity(
        [reference.encode_query(query) for query in QUERIES], [reference.encode_document(text) for text in TEXTS]
    ).numpy()
    scorer = late_interaction.LateInteraction(resolved(folders[name]), CPU)
    found = np.stack([scores(scorer, query, TEXTS) for query in QUERIES])
    np.testing.assert_allclose(found, expected, atol=1e-4)
    assert np.std(expected) > 0.01


def test_documents_of_several_queries_share_a_batch(folders: dict[str, Path]) -> None:
    scorer = late_interaction.LateInteraction(resolved(folders["expanded"]), CPU)
    inputs = [each for query in QUERIES for each in scorer.prepare(query, TEXTS)]
    alone = np.concatenate([scorer.run([each]) for each in inputs])
    np.testing.assert_allclose(scorer.run(inputs), alone, atol=1e-5)
    np.testing.assert_allclose(scorer.run(inputs[::-1])[::-1], alone, atol=1e-5)


@pytest.mark.parametrize("name", ["expanded", "stanford"])
def test_two_threads_at_once_give_the_scores_of_one(folders: dict[str, Path], name: str) -> None:
    scorer = late_interaction.LateInteraction(resolved(folders[name]), CPU)
    inputs = [each for query in QUERIES for each in scorer.prepare(query, TEXTS[:6])]
    two_threads.assert_equal_to_one_thread(scorer, inputs, rounds=6)


def test_two_threads_compute_a_query_once(folders: dict[str, Path]) -> None:
    scorer = late_interaction.LateInteraction(resolved(folders["native"]), CPU)
    inputs = scorer.prepare(QUERIES[0], TEXTS[:6])
    forwards: list[int] = []
    scorer._model[0].register_forward_hook(lambda _, given, out: forwards.append(len(out["token_embeddings"])))
    with ThreadPoolExecutor(2) as threads:
        list(threads.map(scorer.run, [inputs[:3], inputs[3:]]))
    assert sorted(forwards) == [1, 3, 3]


@pytest.mark.parametrize("name", MAKERS)
def test_it_is_known_which_documents_were_cut(folders: dict[str, Path], name: str) -> None:
    from transformers import AutoTokenizer

    limit = LIMITS[name]
    own = AutoTokenizer.from_pretrained(folders[name])
    scorer = late_interaction.LateInteraction(resolved(folders[name]), CPU)
    marked = scorer._prompt("document")
    fits = "plasma " * (limit - len(own(marked)["input_ids"]))
    prepared = scorer.prepare("folate", [fits, f"{fits} plasma", TEXTS[-1], ""])
    assert [(each.tokens, each.cut) for each in prepared[:3]] == [(limit, False), (limit, True), (limit, True)]
    assert not prepared[3].cut
    assert checkpoint.max_length(folders[name]) == limit


def test_a_query_that_does_not_fit_is_known_too(folders: dict[str, Path]) -> None:
    scorer = late_interaction.LateInteraction(resolved(folders["stanford"]), CPU)
    assert scorer.prepare(QUERIES[-1], ["plasma"])[0].cut
    assert not scorer.prepare(QUERIES[0], ["plasma"])[0].cut


def test_the_catalogues_length_limits_documents(folders: dict[str, Path]) -> None:
    scorer = late_interaction.LateInteraction(resolved(folders["native"], Recipe(max_length=20)), CPU)
    assert scorer.prepare("folate", TEXTS[-1:])[0].tokens == 20


def test_query_vectors_are_computed_once(folders: dict[str, Path]) -> None:
    scorer = late_interaction.LateInteraction(resolved(folders["native"]), CPU)
    forwards: list[int] = []
    scorer._model[0].register_forward_hook(lambda _, given, out: forwards.append(len(out["token_embeddings"])))
    inputs = scorer.prepare("folate", TEXTS)
    scorer.run(inputs[:2])
    scorer.run(inputs[2:])
    scores(scorer, "folate", TEXTS[:3])
    assert forwards == [1, 2, 5, 3]


def test_forgotten_queries_are_computed_again(folders: dict[str, Path], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(late_interaction, "KEPT_QUERIES", 2)
    scorer = late_interaction.LateInteraction(resolved(folders["native"]), CPU)
    inputs = [each for query in QUERIES for each in scorer.prepare(query, TEXTS[:2])]
    first = scorer.run(inputs)
    assert scorer._vectors.cache_info().currsize == 2
    np.testing.assert_allclose(scorer.run(inputs), first, atol=1e-6)


def test_half_precision_adds_up_in_fp32(folders: dict[str, Path]) -> None:
    scorer = late_interaction.LateInteraction(replace(resolved(folders["native"]), precision="bf16"), CPU)
    texts = [f"plasma {number} {word}" for number in range(20) for word in ("folate", "low", "rises")]
    found = scores(scorer, QUERIES[0], texts)
    assert found.dtype == np.float32
    exact = scores(late_interaction.LateInteraction(resolved(folders["native"]), CPU), QUERIES[0], texts)
    np.testing.assert_allclose(found, exact, atol=0.3)
    import torch

    rounded = torch.tensor(found).bfloat16().float().numpy()
    assert (found != rounded).any()  # a sum in bf16 would be its own rounding


def test_no_texts_give_no_inputs(folders: dict[str, Path]) -> None:
    assert late_interaction.LateInteraction(resolved(folders["native"]), CPU).prepare("folate", []) == []


def test_a_model_of_chat_messages_is_refused(folders: dict[str, Path], tmp_path: Path) -> None:
    import shutil

    folder = shutil.copytree(folders["meanmaxsim"], tmp_path / "chatty")
    settings = json.loads((folder / "sentence_bert_config.json").read_text())
    settings["modality_config"]["message"] = settings["modality_config"]["text"]
    (folder / "sentence_bert_config.json").write_text(json.dumps(settings))
    with pytest.raises(Problem, match="chatty takes images or chat messages"):
        late_interaction.LateInteraction(resolved(folder), CPU)


@pytest.mark.parametrize("name", MAKERS)
def test_the_family_is_told_from_the_files(folders: dict[str, Path], name: str) -> None:
    found = weights.resolve(str(folders[name]), download=False)
    assert found.info.family == "late-interaction"
    assert (found.recipe, found.trusted) == (Recipe(), False)


def test_colberts_settings_are_among_the_files_that_are_needed(folders: dict[str, Path]) -> None:
    files = checkpoint.select(checkpoint.names_in(folders["stanford"]))
    assert files
    assert "artifact.metadata" in files.all


def test_a_query_is_cut_while_another_thread_looks_at_a_whole_one(
    folders: dict[str, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    scorer = late_interaction.LateInteraction(resolved(folders["stanford"]), CPU)
    [alone] = scorer.prepare(QUERIES[-1], ["plasma"])
    kind, threads = type(scorer.tokenizer), list[Thread]()
    set_up = kind.set_truncation_and_padding

    def between(tokenizer: Any, *given: Any, **named: Any) -> None:
        set_up(tokenizer, *given, **named)
        if current_thread() is main_thread() and not threads:
            threads.append(meanwhile(lambda: calling.whole_ids(tokenizer, [QUERIES[-1]])))

    monkeypatch.setattr(kind, "set_truncation_and_padding", between)
    [found] = scorer.prepare(QUERIES[-1], ["plasma"])
    threads[0].join()
    assert found.cut
    assert found.payload.query["input_ids"].tolist() == alone.payload.query["input_ids"].tolist()
