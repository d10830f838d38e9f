"""monoT5 against transformers' own forward pass on the same random weights."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from zsr_tui.domain import Problem
from zsr_tui.scoring.families import monot5
from zsr_tui.scoring.models import catalogue
from zsr_tui.scoring.models.catalogue import Recipe

from ..tiny_t5 import CPU, checkpoint, edit_config, ids_of, reference, resolved, text_of

QUERY = "vitamin of the blood"
TEXTS = [
    "cold water",
    "the blood is cold and vitamin acid sleep",
    "",
    "health",
    "sleep of \"the\" {blood}\n\n  'zx' Não in   acid",
    "water " * 17,
]


@pytest.fixture(scope="session")
def folders(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    made: dict[str, Path] = {}

    def get(kind: str) -> Path:
        if kind not in made:
            made[kind] = checkpoint(tmp_path_factory.mktemp("t5") / kind, kind)
        return made[kind]

    return get


def prompt(query: str, text: str) -> str:
    return f"Query: {query} Document: {text} Relevant:"


@pytest.mark.parametrize("kind", ["tied", "untied", "mt5"])
@pytest.mark.parametrize("query", [QUERY, ""])
def test_scores_are_those_of_the_full_forward_pass(folders: Callable[[str], Path], kind: str, query: str) -> None:
    model = monot5.MonoT5(resolved(folders(kind)), CPU)
    scores = model.run(model.prepare(query, TEXTS))
    assert scores.dtype == np.float32
    expected = reference(folders(kind), [prompt(query, text) for text in TEXTS])
    np.testing.assert_allclose(scores, expected, atol=1e-4)
    assert np.ptp(scores) > 0.01  # texts are told apart


def test_a_score_does_not_depend_on_its_batch(folders: Callable[[str], Path]) -> None:
    model = monot5.MonoT5(resolved(folders("tied")), CPU)
    inputs = [*model.prepare(QUERY, TEXTS), *model.prepare("cold sleep", TEXTS)]
    together = model.run(inputs)
    alone = np.concatenate([model.run([each]) for each in inputs])
    np.testing.assert_allclose(together, alone, atol=1e-5)
    np.testing.assert_allclose(model.run(inputs[::-1]), together[::-1], atol=1e-5)


def test_parts_are_tokenised_as_the_whole_prompt(folders: Callable[[str], Path]) -> None:
    from transformers import AutoTokenizer

    tokenizer = AutoTokenizer.from_pretrained(folders("tied"))
    model = monot5.MonoT5(resolved(folders("tied"), Recipe(max_length=512)), CPU)
    texts = [*TEXTS, " blood ", "\tthe\u00a0acid", "a</s>b", "<extra_id_0> is", "日本 water"]
    for query in (QUERY, " cold\nwater ", "Document: Relevant:"):
        for text, prepared in zip(texts, model.prepare(query, texts), strict=True):
            if not prepared.cut:
                assert ids_of(prepared.payload) == tokenizer(prompt(query, text))["input_ids"]
            assert prepared.tokens == len(ids_of(prepared.payload))


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("blood " * 17_000, id="many words"),
        pytest.param("z" * 100_000, id="one long word"),
        pytest.param("the cold, " * 10_000, id="many pieces"),
    ],
)
def test_only_a_long_document_is_cut(folders: Callable[[str], Path], text: str) -> None:
    model = monot5.MonoT5(resolved(folders("tied")), CPU)
    (prepared,) = model.prepare(QUERY, [text])
    shown = text_of(folders("tied"), prepared.payload)
    assert (prepared.tokens, prepared.cut) == (64, True)
    assert shown.startswith(f"Query: {QUERY} Document: {text[:3]}")
    assert shown.endswith(" Relevant:</s>")
    assert np.isfinite(model.run([prepared])).all()


def test_cut_says_exactly_whether_text_is_missing(folders: Callable[[str], Path]) -> None:
    model = monot5.MonoT5(resolved(folders("tied")), CPU)
    (empty,) = model.prepare(QUERY, [""])
    room = 64 - empty.tokens
    fits, too_long = model.prepare(QUERY, ["blood " * room, "blood " * (room + 1)])
    assert (fits.tokens, fits.cut) == (64, False)
    assert (too_long.tokens, too_long.cut) == (64, True)


def test_a_very_long_query_leaves_room_for_the_document(folders: Callable[[str], Path]) -> None:
    model = monot5.MonoT5(resolved(folders("tied")), CPU)
    short, long = model.prepare("cold " * 50_000, ["health", "water " * 500])
    assert short.cut
    assert long.cut
    for prepared, word in ((short, "health"), (long, "water water water")):
        shown = text_of(folders("tied"), prepared.payload)
        assert f" Document: {word}" in shown
        assert shown.endswith(" Relevant:</s>")
    assert long.tokens == 64
    # the same beginning of the query for every document
    assert (
        text_of(folders("tied"), short.payload).split("Document")[0]
        == (text_of(folders("tied"), long.payload).split("Document")[0])
    )


def test_a_query_is_whole_while_64_tokens_remain_for_the_document(tmp_path: Path) -> None:
    model = monot5.MonoT5(resolved(checkpoint(tmp_path / "longer", longest=200)), CPU)
    room = 200 - model.prepare("", [""])[0].tokens
    whole, cut = (model.prepare("cold " * count, ["water " * 64])[0] for count in (room - 64, room - 63))
    assert (whole.tokens, whole.cut) == (200, False)
    assert (cut.tokens, cut.cut) == (200, True)


@pytest.mark.parametrize(
    ("recipe", "name", "pair"),
    [
        pytest.param(Recipe(true_token="▁yes", false_token="▁no"), "any", ("▁yes", "▁no"), id="written in the recipe"),
        pytest.param(
            catalogue.recipe_of("unicamp-dl/ptt5-base-pt-msmarco-100k-v2"), "any", ("▁sim", "▁não"), id="Portuguese"
        ),
        pytest.param(
            catalogue.recipe_of("somebody/my-ptt5-base"), "any", ("▁sim", "▁não"), id="Portuguese by its name"
        ),
        pytest.param(catalogue.recipe_of("unicamp-dl/mt5-base-mmarco-v2"), "any", ("▁yes", "▁no"), id="mT5"),
        pytest.param(Recipe(), "any", ("▁true", "▁false"), id="default"),
    ],
)
def test_the_answer_is_the_checkpoints_own_pair(
    folders: Callable[[str], Path], recipe: Recipe, name: str, pair: tuple[str, str]
) -> None:
    model = monot5.MonoT5(resolved(folders("untied"), recipe), CPU)
    scores = model.run(model.prepare(QUERY, TEXTS))
    expected = reference(folders("untied"), [prompt(QUERY, text) for text in TEXTS], pair)
    np.testing.assert_allclose(scores, expected, atol=1e-4)


def test_portuguese_models_are_asked_in_portuguese(folders: Callable[[str], Path]) -> None:
    for name in ("unicamp-dl/monoptt5-base", "./copies/monoptt5-base"):
        model = monot5.MonoT5(resolved(folders("tied"), catalogue.recipe_of(name)), CPU)
        scores = model.run(model.prepare(QUERY, TEXTS))
        prompts = [f"Pergunta: {QUERY} Documento: {text} Relevante:" for text in TEXTS]
        np.testing.assert_allclose(scores, reference(folders("tied"), prompts, ("▁Sim", "▁Não")), atol=1e-4)


def test_a_vocabulary_without_false_answers_with_yes_and_no(tmp_path: Path) -> None:
    folder = checkpoint(tmp_path / "mt5", "mt5", leave_out=["▁false"])
    model = monot5.MonoT5(resolved(folder), CPU)
    scores = model.run(model.prepare(QUERY, TEXTS[:2]))
    expected = reference(folder, [prompt(QUERY, text) for text in TEXTS[:2]], ("▁yes", "▁no"))
    np.testing.assert_allclose(scores, expected, atol=1e-4)


def test_a_missing_pair_is_one_clear_problem(tmp_path: Path, folders: Callable[[str], Path]) -> None:
    with pytest.raises(Problem, match="has no tokens ▁ja and ▁nee in its vocabulary"):
        monot5.MonoT5(resolved(folders("tied"), Recipe(true_token="▁ja", false_token="▁nee")), CPU)
    folder = checkpoint(tmp_path / "none", leave_out=["▁false", "▁no"])
    with pytest.raises(Problem, match="has no tokens ▁true and ▁false or ▁yes and ▁no in its vocabulary"):
        monot5.MonoT5(resolved(folder), CPU)


def test_another_architecture_is_refused_by_name(tmp_path: Path) -> None:
    folder = checkpoint(tmp_path / "other")
    edit_config(folder, model_type="bart", architectures=["BartForConditionalGeneration"])
    with pytest.raises(Problem, match="is a model of type 'bart': monoT5, duoT5 and RankT5 need a T5 or mT5"):
        monot5.MonoT5(resolved(folder), CPU)


def test_a_maximum_length_without_room_is_a_problem(tmp_path: Path) -> None:
    folder = checkpoint(tmp_path / "short", longest=10)
    with pytest.raises(Problem, match="reads 10 tokens, and the prompt alone takes"):
        monot5.MonoT5(resolved(folder), CPU)


@pytest.mark.parametrize("precision", ["bf16", "fp16"])
def test_half_precision_keeps_the_order_and_does_not_overflow(folders: Callable[[str], Path], precision: str) -> None:
    model = monot5.MonoT5(resolved(folders("tied"), precision=precision), CPU)
    scores = model.run(model.prepare(QUERY, TEXTS))
    assert scores.dtype == np.float32
    expected = reference(folders("tied"), [prompt(QUERY, text) for text in TEXTS])
    np.testing.assert_allclose(scores, expected, atol=0.15)


def test_states_beyond_the_range_of_fp16_do_not_break_the_score(tmp_path: Path) -> None:
    import torch
    from safetensors.torch import load_file, save_file

    folder = checkpoint(tmp_path / "large")
    weights = load_file(folder / "model.safetensors")
    for name in weights:
        if name.endswith(".wo.weight"):
            weights[name] = weights[name] * 30_000  # each layer adds more than fp16's 65504
    save_file(weights, folder / "model.safetensors", metadata={"format": "pt"})
    model = monot5.MonoT5(resolved(folder, precision="fp16"), CPU)
    scores = torch.tensor(model.run(model.prepare(QUERY, TEXTS)))
    np.testing.assert_allclose(scores, reference(folder, [prompt(QUERY, text) for text in TEXTS]), atol=0.15)


def test_a_checkpoint_with_a_sentencepiece_file_alone(tmp_path: Path, folders: Callable[[str], Path]) -> None:
    """As castorini's are: no tokenizer.json."""
    import io

    import sentencepiece
    from transformers import AutoModelForSeq2SeqLM, AutoTokenizer

    sentences = [prompt(QUERY, text) for text in TEXTS] * 20 + ["true false"] * 60
    trained = io.BytesIO()
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=iter(sentences), model_writer=trained, vocab_size=90, model_type="unigram", pad_id=0,
        eos_id=1, unk_id=2, bos_id=-1, hard_vocab_limit=False, minloglevel=2, user_defined_symbols=["▁true", "▁false"],
    )  # fmt: skip
    folder = tmp_path / "monot5"
    AutoModelForSeq2SeqLM.from_pretrained(folders("tied")).save_pretrained(folder)
    (folder / "spiece.model").write_bytes(trained.getvalue())
    (folder / "tokenizer_config.json").write_text(
        '{"tokenizer_class": "T5Tokenizer", "extra_ids": 0, "additional_special_tokens": [], "model_max_length": 512}'
    )
    slow = sentencepiece.SentencePieceProcessor(model_proto=trained.getvalue())
    model = monot5.MonoT5(resolved(folder), CPU)
    for text, prepared in zip(TEXTS, model.prepare(QUERY, TEXTS), strict=True):
        assert ids_of(prepared.payload) == [*slow.encode(prompt(QUERY, text)), 1]
    assert AutoTokenizer.from_pretrained(folder).convert_tokens_to_ids("▁true") == slow.piece_to_id("▁true")
    scores = model.run(model.prepare(QUERY, TEXTS))
    np.testing.assert_allclose(scores, reference(folder, [prompt(QUERY, text) for text in TEXTS]), atol=1e-4)
