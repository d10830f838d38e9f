"""The protocol of the paper's notebooks: what the model reads, where it is cut, and that it has names of its own."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from zsr_tui import pipeline
from zsr_tui.domain import Doc, Problem
from zsr_tui.scoring.families import monot5
from zsr_tui.scoring.models import catalogue, documents, weights
from zsr_tui.scoring.models.catalogue import Recipe

from ..tiny_t5 import CPU, checkpoint, ids_of, reference, resolved, text_of

EXACT = catalogue.recipe_of("monot5-base-paper-exact")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return checkpoint(tmp_path_factory.mktemp("t5") / "tied", longest=512)


@pytest.fixture
def hub(tmp_path: Path, folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A hub cache that holds castorini/monot5-base-msmarco-10k and nothing else."""
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path / "hub"))
    repository = tmp_path / "hub" / "models--castorini--monot5-base-msmarco-10k"
    (repository / "refs").mkdir(parents=True)
    (repository / "refs" / "main").write_text("c0ffee")
    (repository / "snapshots").mkdir()
    (repository / "snapshots" / "c0ffee").symlink_to(folder)
    return repository


# What JsonCollection of Anserini 1.7.1 with Jackson 2.20 stores as raw text for these documents.
@pytest.mark.parametrize(
    ("doc", "raw"),
    [
        pytest.param(Doc("MED-1", "", ""), '{\n  "id" : "MED-1",\n  "contents" : " "\n}', id="empty"),
        pytest.param(Doc("7", "", "Text."), '{\n  "id" : "7",\n  "contents" : " Text."\n}', id="no title"),
        pytest.param(
            Doc("4983", 'Vitamin "B12"', "a\\b /c\td\ne\x00\x1b\x7f é 😀 <b>"),
            '{\n  "id" : "4983",\n  "contents" : "Vitamin \\"B12\\" a\\\\b /c\\td\\ne\\u0000\\u001B\x7f é 😀 <b>"\n}',
            id="signs and escapes",
        ),
        pytest.param(
            Doc('a"b', "\\u001b", "\x1b\x1b\\\x1b x"),
            '{\n  "id" : "a\\"b",\n  "contents" : "\\\\u001b \\u001B\\u001B\\\\\\u001B x"\n}',
            id="backslashes and escapes",
        ),
    ],
)
def test_documents_are_written_as_anserini_stores_them(doc: Doc, raw: str) -> None:
    assert documents.text_of(EXACT, doc) == raw
    assert json.loads(raw) == {"id": doc.id, "contents": f"{doc.title} {doc.text}"}


def test_other_models_read_title_and_text() -> None:
    doc = Doc("1", "", "Only text. ")
    assert documents.text_of(Recipe(), doc) == doc.content == "Only text."
    assert documents.text_of(catalogue.recipe_of("castorini/monot5-base-msmarco-10k"), doc) == "Only text."


def test_an_unknown_format_is_a_problem_not_a_guess() -> None:
    with pytest.raises(Problem, match="unknown document format 'xml'"):
        documents.text_of(Recipe(document_format="xml"), Doc("1", "", ""))


def test_candidates_are_retrieved_with_1024_characters_of_the_query() -> None:
    query = "é" * 1023 + "xyz"
    assert documents.retrieval_query(EXACT, query) == "é" * 1023 + "x"
    assert documents.retrieval_query(Recipe(), query) == query


def test_the_whole_prompt_is_cut_and_a_long_document_loses_its_question(folder: Path) -> None:
    from transformers import AutoTokenizer

    tokenizer = AutoTokenizer.from_pretrained(folder)
    model = monot5.MonoT5(resolved(folder, EXACT), CPU)
    docs = [Doc("1", "cold", "water"), Doc("2", "", "blood " * 600)]
    texts = [documents.text_of(EXACT, doc) for doc in docs]
    short, long = model.prepare("vitamin", texts)
    for prepared, text in ((short, texts[0]), (long, texts[1])):
        prompt = f"Query: vitamin Document: {text} Relevant:"
        assert ids_of(prepared.payload) == tokenizer(prompt, truncation=True, max_length=512)["input_ids"]
    assert (short.cut, long.cut, long.tokens) == (False, True, 512)
    assert text_of(folder, short.payload).endswith('" } Relevant:</s>')
    assert text_of(folder, long.payload).endswith("blood blood</s>")
    expected = reference(folder, [f"Query: vitamin Document: {texts[0]} Relevant:"])
    np.testing.assert_allclose(model.run([short]), expected, atol=1e-4)


def test_the_clean_recipe_keeps_the_question_of_the_same_document(folder: Path) -> None:
    model = monot5.MonoT5(resolved(folder, Recipe(max_length=512)), CPU)
    (prepared,) = model.prepare("vitamin", ["blood " * 600])
    assert prepared.cut
    assert text_of(folder, prepared.payload).endswith("Relevant:</s>")


def test_a_prompt_that_just_fits_is_not_cut(folder: Path) -> None:
    model = monot5.MonoT5(resolved(folder, EXACT), CPU)
    (empty,) = model.prepare("vitamin", [""])
    fits, too_long = model.prepare("vitamin", ["blood " * (512 - empty.tokens + extra) for extra in (0, 1)])
    assert (fits.tokens, fits.cut) == (512, False)
    assert (too_long.tokens, too_long.cut) == (512, True)


def test_a_long_query_alone_fills_the_prompt(folder: Path) -> None:
    model = monot5.MonoT5(resolved(folder, EXACT), CPU)
    (prepared,) = model.prepare("cold " * 600, ["water"])
    assert (prepared.tokens, prepared.cut) == (512, True)
    assert "Document" not in text_of(folder, prepared.payload)


@pytest.mark.parametrize("size", ["small", "base", "3b"])
def test_the_weights_are_those_of_the_clean_model(size: str) -> None:
    info = catalogue.describe(f"monot5-{size}-paper-exact")
    clean = catalogue.describe(f"castorini/monot5-{size}-msmarco-10k")
    assert catalogue.weights_reference(info.name) == catalogue.weights_reference(clean.name)
    assert catalogue.weights_reference(f"{info.name}@v2").text == f"{clean.name}@v2"
    assert (info.family, info.parameters, info.runnable) == ("monot5", clean.parameters, True)
    assert "paper" in info.label
    assert info.source.startswith(f"Hugging Face castorini/monot5-{size}-msmarco-10k, ")


def test_one_download_serves_both_and_scores_are_never_confused(hub: Path) -> None:
    exact, clean = (
        weights.resolve(name, download=False)
        for name in ("monot5-base-paper-exact", "castorini/monot5-base-msmarco-10k")
    )
    assert exact.path == clean.path
    assert exact.fingerprint != clean.fingerprint
    assert exact.recipe == EXACT
    with pytest.raises(Problem, match="castorini/monot5-small-msmarco-10k is not on this machine"):
        weights.resolve("monot5-small-paper-exact", download=False)


def test_the_preset_shows_the_clean_and_the_exact_protocol_on_the_same_candidates() -> None:
    (preset,) = [preset for preset in catalogue.presets("demo") if preset.name == "Paper-exact"]
    steps = [pipeline.parse(text) for text in preset.systems]
    assert steps[0] == pipeline.Bm25()
    clean, exact = steps[1:]
    assert isinstance(clean, pipeline.Rerank)
    assert isinstance(exact, pipeline.Rerank)
    assert clean.source == exact.source == pipeline.Cut(pipeline.Bm25(), 1000)
    assert catalogue.weights_reference(clean.model) == catalogue.weights_reference(exact.model)
    assert catalogue.recipe_of(clean.model).cut is None
    assert catalogue.recipe_of(exact.model).cut == "prompt"
    assert "not reproduced" in preset.about
