"""Yes/no rerankers against sentence-transformers and the published way of Qwen and FlagEmbedding, same tiny weights."""

from __future__ import annotations

import json
import shutil
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from zsr_tui.domain import ModelInfo, Problem
from zsr_tui.scoring.devices import Device
from zsr_tui.scoring.families import causal_lm
from zsr_tui.scoring.models import catalogue, checkpoint, weights
from zsr_tui.scoring.models.catalogue import Recipe
from zsr_tui.scoring.models.weights import ResolvedModel

from . import two_threads

CPU = Device("cpu", 10**10, 2048)
QUERY = "does vitamin B12 lower homocysteine"
LONG = "plasma homocysteine rises when folate is low. " * 2200  # about 100,000 characters
TEXTS = [
    "Vitamin B12 deficiency raises homocysteine.",
    "",
    "维生素B12缺乏会升高同型半胱氨酸。",
    "Folate\n\nand  B12 in\tplasma " * 8,
    "yes",
]
CHAT = (
    '{%- set asked = messages | selectattr("role", "eq", "system") | map(attribute="content") | first'
    ' | default("find passages that answer the query", true) -%}'
    "<|im_start|>system\nAnswer yes or no.<|im_end|>\n<|im_start|>user\n<Instruct>: {{ asked }}\n"
    '<Query>: {{ messages | selectattr("role", "eq", "query") | map(attribute="content") | first }}\n'
    '<Document>: {{ messages | selectattr("role", "eq", "document") | map(attribute="content") | first }}'
    r'{{ "<|im_end|>\n<|im_start|>assistant\n<think>\n\n</think>\n\n" }}'
)


def tokenizer(folder: Path, words: Sequence[str], *, start: bool, chat: str | None = None, length: int = 512) -> Any:
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
    from transformers import PreTrainedTokenizerFast

    bytes_ = Tokenizer(models.BPE())
    bytes_.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    bytes_.decoder = decoders.ByteLevel()
    special = ["<pad>", "<bos>", "<|im_start|>", "<|im_end|>"]
    trainer = trainers.BpeTrainer(
        vocab_size=420,
        special_tokens=special,
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    bytes_.train_from_iterator([*TEXTS, QUERY, *(word for word in words for _ in range(50))], trainer)
    made = PreTrainedTokenizerFast(
        tokenizer_object=bytes_,
        pad_token="<pad>",
        bos_token="<bos>" if start else None,
        additional_special_tokens=special[2:],
        model_max_length=length,
    )
    made.chat_template = chat
    made.save_pretrained(folder)
    return made


def qwen(folder: Path, *, chat: str | None, words: Sequence[str] = ("yes", "no"), length: int = 512) -> Path:
    import torch
    from transformers import Qwen3Config, Qwen3ForCausalLM

    vocabulary = len(tokenizer(folder, words, start=False, chat=chat, length=length))
    torch.manual_seed(3)
    config = Qwen3Config(
        vocab_size=vocabulary, hidden_size=32, intermediate_size=64, num_hidden_layers=2, num_attention_heads=4,
        num_key_value_heads=2, head_dim=8, max_position_embeddings=1024, tie_word_embeddings=True,
        initializer_range=0.3, bos_token_id=None, eos_token_id=None, pad_token_id=0,
    )  # fmt: skip
    Qwen3ForCausalLM(config).save_pretrained(folder)
    return folder


@pytest.fixture(scope="module")
def chat_qwen(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return qwen(tmp_path_factory.mktemp("models") / "chat-qwen", chat=CHAT)


@pytest.fixture(scope="module")
def plain_qwen(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return qwen(tmp_path_factory.mktemp("models") / "plain-qwen", chat=None)


@pytest.fixture(scope="module")
def gemma(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Gemma 2, whose logits go through a soft cap: the part of the projection must go through it too."""
    import torch
    from transformers import Gemma2Config, Gemma2ForCausalLM

    folder = tmp_path_factory.mktemp("models") / "gemma"
    vocabulary = len(tokenizer(folder, ["Yes", "No"], start=True))
    torch.manual_seed(4)
    config = Gemma2Config(
        vocab_size=vocabulary, hidden_size=32, intermediate_size=64, num_hidden_layers=2, num_attention_heads=4,
        num_key_value_heads=2, head_dim=8, max_position_embeddings=1024, sliding_window=64, initializer_range=0.3,
        final_logit_softcapping=5.0, query_pre_attn_scalar=8, bos_token_id=1, eos_token_id=None, pad_token_id=0,
    )  # fmt: skip
    Gemma2ForCausalLM(config).save_pretrained(folder)
    return folder


def resolved(folder: Path, recipe: Recipe | None = None) -> ResolvedModel:
    info = ModelInfo(name=folder.name, label=folder.name, family="causal-lm", parameters=1000)
    return ResolvedModel(
        folder, ("model.safetensors",), "", "transformers", "fp32", info, recipe or Recipe(), folder.name
    )


def scores(scorer: Any, query: str, texts: Sequence[str]) -> np.ndarray:
    found: np.ndarray = scorer.run(scorer.prepare(query, texts))
    return found


def full_logits(folder: Path, ids: list[int]) -> np.ndarray:
    """Of the whole vocabulary after the last token, one input at a time, without padding."""
    import torch
    from transformers import AutoModelForCausalLM

    model = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32).eval()
    with torch.inference_mode():
        logits: np.ndarray = model(input_ids=torch.tensor([ids])).logits[0, -1].numpy()
    return logits


@pytest.mark.parametrize("maximum", [None, 190], ids=["as the files say", "short"])
def test_the_chat_template_of_the_files_gives_what_sentence_transformers_gives(
    chat_qwen: Path, maximum: int | None
) -> None:
    from sentence_transformers import CrossEncoder
    from torch.nn import Identity

    reference = CrossEncoder(str(chat_qwen), device="cpu", local_files_only=True, max_length=maximum)
    texts = [*TEXTS, LONG]
    expected = reference.predict([(QUERY, text) for text in texts], activation_fn=Identity(), batch_size=1)
    scorer = causal_lm.load(resolved(chat_qwen, Recipe(max_length=maximum)), CPU)
    prepared = scorer.prepare(QUERY, texts)
    np.testing.assert_allclose(scorer.run(prepared), expected, atol=1e-4)
    assert np.std(expected) > 0.01
    limit = maximum or 512
    assert [each.cut for each in prepared] == [
        len(reference.tokenizer(text)["input_ids"]) + prepared[1].tokens > limit for text in texts
    ]
    assert prepared[-1].tokens == limit


def test_what_sentence_transformers_saved_is_followed(
    chat_qwen: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """modules.json, LogitScore without a token for no, an instruction as default prompt; as the published rerankers."""
    from sentence_transformers import CrossEncoder
    from torch.nn import Identity

    model = CrossEncoder(str(chat_qwen), device="cpu", prompts={"web": "is it about plasma"}, default_prompt_name="web")
    model[1].false_token_id = None
    model.save_pretrained(str(tmp_path / "saved"))
    reference = CrossEncoder(str(tmp_path / "saved"), device="cpu", local_files_only=True)
    expected = reference.predict([(QUERY, text) for text in TEXTS], activation_fn=Identity())
    unasked = model.predict([(QUERY, text) for text in TEXTS], activation_fn=Identity(), prompt="another")
    assert np.abs(expected - unasked).max() > 1e-3
    scorer = causal_lm.load(resolved(tmp_path / "saved"), CPU)
    np.testing.assert_allclose(scores(scorer, QUERY, TEXTS), expected, atol=1e-4)
    named = weights.resolve(str(tmp_path / "saved"), download=False)
    assert named.info.family == "causal-lm"


def test_qwens_card_is_followed_where_the_files_have_no_template(plain_qwen: Path) -> None:
    """https://huggingface.co/Qwen/Qwen3-Reranker-0.6B: prefix, instruction with query and document, suffix."""
    from transformers import AutoTokenizer

    entry = catalogue.entry_of("Qwen/Qwen3-Reranker-0.6B")
    assert entry
    scorer = causal_lm.load(resolved(plain_qwen, replace(entry.recipe, max_length=None)), CPU)
    own = AutoTokenizer.from_pretrained(plain_qwen)
    prefix = (
        "<|im_start|>system\nJudge whether the Document meets the requirements based on the Query and the Instruct "
        'provided. Note that the answer can only be "yes" or "no".<|im_end|>\n<|im_start|>user\n'
    )
    suffix = own.encode("<|im_end|>\n<|im_start|>assistant\n<think>\n\n</think>\n\n", add_special_tokens=False)
    before = own.encode(prefix, add_special_tokens=False)
    instruction = "Given a web search query, retrieve relevant passages that answer the query"
    expected = []
    for text in [*TEXTS, LONG]:
        pair = f"<Instruct>: {instruction}\n<Query>: {QUERY}\n<Document>: {text}"
        room = 512 - len(before) - len(suffix)
        ids = before + own.encode(pair, add_special_tokens=False, truncation=True, max_length=room) + suffix
        logits = full_logits(plain_qwen, ids)
        expected.append(logits[own.convert_tokens_to_ids("yes")] - logits[own.convert_tokens_to_ids("no")])
    np.testing.assert_allclose(scores(scorer, QUERY, [*TEXTS, LONG]), expected, atol=1e-4)
    assert np.std(expected) > 0.01


def test_bge_gemma_is_asked_as_flagembedding_asks_it(gemma: Path) -> None:
    """Start token, "A: query", "B: passage" and the question, tokenised apart; the score is the logit of Yes."""
    from transformers import AutoTokenizer

    entry = catalogue.entry_of("BAAI/bge-reranker-v2-gemma")
    assert entry
    scorer = causal_lm.load(resolved(gemma, replace(entry.recipe, max_length=300)), CPU)
    own = AutoTokenizer.from_pretrained(gemma)

    def plain(text: str) -> list[int]:
        ids: list[int] = own.encode(text, add_special_tokens=False)
        return ids

    question = plain(
        "Given a query A and a passage B, determine whether the passage contains an answer to the query by providing "
        "a prediction of either 'Yes' or 'No'."
    )
    line = plain("\n")
    expected = []
    for text in [*TEXTS, LONG]:
        front = [own.bos_token_id, *plain(f"A: {QUERY}"), *line, *plain(f"B: {text}")]
        ids = [*front[: 300 - len(line) - len(question)], *line, *question]
        expected.append(full_logits(gemma, ids)[own.convert_tokens_to_ids("Yes")])
    np.testing.assert_allclose(scores(scorer, QUERY, [*TEXTS, LONG]), expected, atol=1e-4)
    assert np.std(expected) > 0.01


def test_a_score_does_not_depend_on_its_batch(chat_qwen: Path) -> None:
    scorer = causal_lm.load(resolved(chat_qwen), CPU)
    inputs = [*scorer.prepare(QUERY, TEXTS), *scorer.prepare("folate", TEXTS), *scorer.prepare("", [LONG])]
    together = scorer.run(inputs)
    alone = np.concatenate([scorer.run([each]) for each in inputs])
    np.testing.assert_allclose(together, alone, atol=1e-5)
    np.testing.assert_allclose(scorer.run(inputs[::-1])[::-1], alone, atol=1e-5)


@pytest.mark.parametrize("kind", ["chat_qwen", "gemma"])
def test_two_threads_at_once_give_the_scores_of_one(kind: str, request: pytest.FixtureRequest) -> None:
    """The gemma has a window and a soft cap."""
    bge = catalogue.entry_of("BAAI/bge-reranker-v2-gemma")
    assert bge is not None
    recipe = Recipe() if kind == "chat_qwen" else bge.recipe
    scorer = causal_lm.load(resolved(request.getfixturevalue(kind), recipe), CPU)
    two_threads.assert_equal_to_one_thread(
        scorer, [*scorer.prepare(QUERY, TEXTS), *scorer.prepare("folate", [*TEXTS, LONG])]
    )


@pytest.mark.parametrize("query", [QUERY, "", LONG, "维生素" * 400], ids=["short", "empty", "long", "CJK"])
def test_the_question_is_always_asked(chat_qwen: Path, query: str) -> None:
    """The prompt ends with the template's last words however long query and document are, and shows both."""
    scorer = causal_lm.load(resolved(chat_qwen), CPU)
    from transformers import AutoTokenizer

    own = AutoTokenizer.from_pretrained(chat_qwen)
    for text in (LONG, "维生素B12" * 10_000, "x", ""):
        (prepared,) = scorer.prepare(query, [text])
        ids = np.concatenate(prepared.payload.pieces)
        shown = str(own.decode(ids))
        assert prepared.tokens == len(ids) <= 512
        assert shown.endswith("<|im_end|>\n<|im_start|>assistant\n<think>\n\n</think>\n\n")
        head, _, document = shown.partition("<Document>: ")
        assert document.startswith(text[:5])
        assert query[:5] in head.partition("<Query>: ")[2]
        assert prepared.cut == (len(query) > 500 or len(text) > 500)
        assert np.isfinite(scorer.run([prepared])).all()


def test_half_precision_scores_are_told_apart_in_fp32(chat_qwen: Path) -> None:
    """The last step in bf16 would leave few distinct scores among many."""
    scorer = causal_lm.load(replace(resolved(chat_qwen), precision="bf16"), CPU)
    found = scores(scorer, QUERY, [f"{text} {number}" for number in range(12) for text in TEXTS])
    assert found.dtype == np.float32
    assert len(set(found.tolist())) > 55
    exact = scores(causal_lm.load(resolved(chat_qwen), CPU), QUERY, TEXTS)
    np.testing.assert_allclose(scores(scorer, QUERY, TEXTS), exact, atol=0.3)


def test_only_the_needed_rows_are_computed(gemma: Path) -> None:
    bge = catalogue.entry_of("BAAI/bge-reranker-v2-gemma")
    assert bge is not None
    scorer = causal_lm.load(resolved(gemma, bge.recipe), CPU)
    shapes = []
    scorer._forward._head.register_forward_hook(lambda _, given, out: shapes.append((given[0].shape[0], *out.shape)))
    scores(scorer, QUERY, TEXTS)
    assert shapes == [(len(TEXTS), len(TEXTS), 1, 1)]


def test_padding_is_computed_only_where_there_is_no_network(chat_qwen: Path, gemma: Path) -> None:
    bge = catalogue.entry_of("BAAI/bge-reranker-v2-gemma")
    assert bge is not None
    assert causal_lm.load(resolved(chat_qwen), CPU).packed
    assert not causal_lm.load(resolved(gemma, bge.recipe), CPU).packed
    assert not causal_lm.load(replace(resolved(chat_qwen), trusted=True), CPU).packed


def test_no_texts_give_no_inputs(chat_qwen: Path) -> None:
    assert causal_lm.load(resolved(chat_qwen), CPU).prepare(QUERY, []) == []


class TestWhatCannotBeAsked:
    def test_no_template(self, plain_qwen: Path) -> None:
        with pytest.raises(Problem, match=r"plain-qwen does not say how to ask it .* 'query' and 'document'"):
            causal_lm.load(resolved(plain_qwen), CPU)

    def test_a_template_of_a_chat_model(self, plain_qwen: Path, tmp_path: Path) -> None:
        folder = shutil.copytree(plain_qwen, tmp_path / "chatty")
        (folder / "chat_template.jinja").write_text(
            "{% for m in messages %}{% if m.role == 'user' %}{{ m.content }}{% endif %}{% endfor %}"
        )
        with pytest.raises(Problem, match="chatty does not say how to ask it"):
            causal_lm.load(resolved(folder), CPU)

    def test_a_template_that_hides_where_the_document_ends(self, plain_qwen: Path, tmp_path: Path) -> None:
        folder = shutil.copytree(plain_qwen, tmp_path / "twice")
        (folder / "chat_template.jinja").write_text(
            "{% for m in messages %}{{ m.content }}/{{ m.content }}{% endfor %}"
        )
        with pytest.raises(Problem, match="cannot be cut"):
            causal_lm.load(resolved(folder), CPU)

    def test_no_tokens_to_answer_with(self, tmp_path: Path) -> None:
        folder = qwen(tmp_path / "mute", chat=CHAT, words=("maybe",))
        with pytest.raises(Problem, match="mute has no token 'no' to answer with"):
            causal_lm.load(resolved(folder), CPU)

    def test_a_maximum_length_below_the_prompt(self, chat_qwen: Path) -> None:
        with pytest.raises(Problem, match="maximum length of 40 tokens has no room"):
            causal_lm.load(resolved(chat_qwen, Recipe(max_length=40)), CPU)

    def test_modules_that_are_not_known(self, chat_qwen: Path, tmp_path: Path) -> None:
        from sentence_transformers import CrossEncoder

        CrossEncoder(str(chat_qwen), device="cpu").save_pretrained(str(tmp_path / "short"))
        path = tmp_path / "short" / "modules.json"
        path.write_text(json.dumps(json.loads(path.read_text())[:1]))
        with pytest.raises(Problem, match="short is made of Transformer, where"):
            causal_lm.load(resolved(tmp_path / "short"), CPU)


def test_the_family_is_told_from_the_files(chat_qwen: Path, plain_qwen: Path, gemma: Path) -> None:
    for folder in (chat_qwen, plain_qwen, gemma):
        files = checkpoint.select(checkpoint.names_in(folder))
        assert files
        assert checkpoint.family(folder, files) == "causal-lm"
    assert "chat_template.jinja" in checkpoint.select(checkpoint.names_in(chat_qwen)).others  # type: ignore[union-attr]
