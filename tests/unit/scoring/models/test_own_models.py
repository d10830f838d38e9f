"""The user's own models.toml: a local copy or a fine-tuned model runs by the recipe that it names."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest
from transformers import BertModel

from zsr_tui import pipeline
from zsr_tui.domain import Problem
from zsr_tui.scoring.models import catalogue, entries, weights
from zsr_tui.scoring.models.catalogue import DEFAULT_RERANKER, Recipe

from .. import tiny, tiny_t5
from ..made_up import model_folder

LIKE = "Luyu/co-condenser-marco-retriever"  # [CLS], where a plain encoder is pooled by the mean


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The configuration folder."""
    monkeypatch.setenv("ZSR_TUI_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("ZSR_TUI_PRECISION", "fp32")
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path / "hub"))
    (tmp_path / "home" / "config").mkdir(parents=True)
    return tmp_path / "home" / "config"


def write(home: Path, text: str) -> None:
    (home / "models.toml").write_text(text, encoding="utf-8")


def test_a_copy_runs_by_the_recipe_of_the_model_that_it_is_like(home: Path, tmp_path: Path) -> None:
    folder = tiny.bert(tmp_path / "a copy")
    write(home, f'[[model]]\nname = "my-condenser"\nlike = "{LIKE}"\nweights = "{folder}"\n')
    by_recipe, by_files = tiny.load("my-condenser"), tiny.load(folder)
    first, second = (m.run(m.prepare(["a b c"], "document")) for m in (by_recipe, by_files))
    hidden = BertModel.from_pretrained(folder)(**tiny.tokenizer()("a b c", return_tensors="pt")).last_hidden_state
    np.testing.assert_allclose(first[0], hidden[0, 0].detach().numpy(), atol=1e-5)  # and by dot product
    assert not np.allclose(first, second, atol=1e-3)
    info = catalogue.describe("my-condenser")
    assert (info.label, info.family, info.local, info.runnable) == ("my-condenser", "bi-encoder", True, True)
    assert info.source == f"folder {folder}"
    assert info.parameters == catalogue.describe(str(folder)).parameters
    assert weights.resolve("my-condenser").fingerprint != weights.resolve(str(folder)).fingerprint


def test_own_fields_go_before_those_of_like(home: Path) -> None:
    write(home, '[[model]]\nname = "mine"\nlike = "intfloat/e5-small-v2"\nweights = "/m"\nquery_prompt = "q "\n')
    recipe = catalogue.recipe_of("mine")
    expected = Recipe(
        query_prompt="q ", document_prompt="passage: ", pooling="mean", similarity="cosine", max_length=512
    )
    assert recipe == expected
    assert catalogue.recipe_of("mine#64") == recipe


def test_a_copy_of_a_castorini_reranker_borrows_the_tokenizer_too(home: Path, tmp_path: Path) -> None:
    folder = tiny_t5.checkpoint(tmp_path / "copy")
    (folder / "tokenizer.json").unlink()
    write(home, f'[[model]]\nname = "mono"\nlike = "castorini/monot5-base-msmarco"\nweights = "{folder}"\n')
    with pytest.raises(Problem, match=r"mono has no tokenizer of its own: .* that of google-t5/t5-base"):
        weights.resolve("mono", download=False)
    lender = tmp_path / "hub" / "models--google-t5--t5-base"
    (lender / "refs").mkdir(parents=True)
    (lender / "refs" / "main").write_text("c0ffee")
    tiny_t5.checkpoint(lender / "snapshots" / "c0ffee")
    scorer = tiny.load("mono")
    assert scorer.run(scorer.prepare("vitamin", ["water"])) < 0


def test_a_hub_model_that_the_catalogue_lacks_gets_a_recipe(home: Path, tmp_path: Path) -> None:
    write(home, '[[model]]\nname = "someone/tuned"\nfamily = "bi-encoder"\npooling = "cls"\nmax_length = 64\n')
    before = catalogue.describe("someone/tuned")
    assert (before.family, before.max_length, before.local) == ("bi-encoder", 64, False)
    assert catalogue.recipe_of("someone/tuned@v2").pooling == "cls"
    assert catalogue.weights_reference("someone/tuned@v2").revision == "v2"


def test_own_models_are_listed_and_can_be_written_in_the_notation(home: Path) -> None:
    write(home, '[[model]]\nname = "my-reranker"\nlabel = "Mine"\nfamily = "cross-encoder"\nweights = "./here"\n')
    last = catalogue.known_models()[-1]
    assert (last.name, last.label, last.local) == ("my-reranker", "Mine", False)
    assert pipeline.models(pipeline.parse("bm25 % 100 >> my-reranker")) == ("my-reranker",)
    assert catalogue.nearest("my-rerankr")[0] == "my-reranker"
    model_folder(home / "here", {"config.json": {"architectures": ["BertForSequenceClassification"]}})
    assert catalogue.describe("my-reranker").local, "a relative folder starts beside the file"


def test_a_changed_file_is_read_again(home: Path) -> None:
    text = '[[model]]\nname = "mine"\nlike = "intfloat/e5-small-v2"\nweights = "/m"\n'
    write(home, text)
    assert catalogue.recipe_of("mine").query_prompt == "query: "
    write(home, text + 'query_prompt = "q"\n')
    assert catalogue.recipe_of("mine").query_prompt == "q"
    os.remove(home / "models.toml")
    with pytest.raises(Problem, match="unknown model 'mine'"):
        catalogue.describe("mine")


def test_weights_that_are_gone_are_named(home: Path, tmp_path: Path) -> None:
    write(home, f'[[model]]\nname = "mine"\nlike = "{LIKE}"\nweights = "{tmp_path}/gone"\n')
    assert not catalogue.describe("mine").local
    with pytest.raises(Problem, match=f"weights of mine are missing: there is no folder {tmp_path}/gone") as caught:
        weights.resolve("mine")
    assert caught.value.usage


def test_a_family_that_the_files_are_not_is_named(home: Path, tmp_path: Path) -> None:
    folder = tiny.reranker(tmp_path / "model")
    write(home, f'[[model]]\nname = "mine"\nfamily = "monot5"\nweights = "{folder}"\n')
    with pytest.raises(Problem, match="mine should be of the family monot5, but its files hold a model of another"):
        weights.resolve("mine")


_GOOD = {"name": '"mine"', "family": '"bi-encoder"', "weights": '"./m"'}


@pytest.mark.parametrize(
    ("change", "said"),
    [
        pytest.param({"name": None}, "model number 1 in .*models.toml: .*missing required field `name`", id="no name"),
        pytest.param(
            {"name": "3"}, "model number 1 in .*Expected `str`, got `int` - at `\\$.name`", id="name is a number"
        ),
        pytest.param({"name": '"two words"'}, "a name is made of letters", id="name of two words"),
        pytest.param({"name": '"./folder"', "weights": None}, "a name is made of letters", id="name is a folder"),
        pytest.param({"name": '"org/name@v2"', "weights": None}, "a name is made of letters", id="name with revision"),
        pytest.param({"name": '"org/name"'}, "names its own weights: leave weights out", id="hub id with weights"),
        pytest.param(
            {"name": f'"{DEFAULT_RERANKER}"'},
            "it is a model of the catalogue: give it another name",
            id="name of the catalogue",
        ),
        pytest.param({"weights": None}, "it needs weights: a folder", id="no weights"),
        pytest.param(
            {"weights": '"http://host/rerank"'}, "a model that a server runs has no entry", id="weights on a server"
        ),
        pytest.param(
            {"family": None}, "it needs a family, or like: write one of bi-encoder, cross-encoder", id="no family"
        ),
        pytest.param({"family": '"bicycle"'}, "'bicycle' is no family", id="unknown family"),
        pytest.param({"family": '"endpoint"'}, "'endpoint' is no family", id="family endpoint"),
        pytest.param(
            {"like": '"BAAI/bge-nothing"'},
            "like names 'BAAI/bge-nothing', which is no model of the catalogue",
            id="like an unknown model",
        ),
        pytest.param({"prompt_query": '"q"'}, "unknown field `prompt_query`", id="unknown field"),
        pytest.param(
            {"query_prompt": "1"}, "Expected `str | null`, got `int` - at `\\$.query_prompt`", id="prompt is a number"
        ),
        pytest.param({"max_length": "0"}, "max_length must be 1 or more", id="no length"),
        pytest.param({"query_brackets": '["["]'}, "query_brackets must be 2 texts", id="one bracket"),
        pytest.param({"query_brackets": '["[", "]"]'}, "must be given together", id="brackets without a prompt"),
        pytest.param(
            {"family": '"monot5"', "true_token": '"a"'},
            "true_token and false_token must be given together",
            id="one token of two",
        ),
        pytest.param(
            {"family": '"causal-lm"', "prompt": '["{query}"]', "yes": '"y"'},
            "one piece that ends with {document}",
            id="prompt without document",
        ),
        pytest.param(
            {"tokenizer": '"google-t5/t5-base"'}, "families monot5, duot5, rankt5", id="tokenizer of another family"
        ),
        pytest.param({"cut": '"anywhere"'}, "cut must be 'prompt', or left out", id="unknown cut"),
    ],
)
def test_an_entry_that_cannot_be_meant_is_one_sentence(home: Path, change: dict[str, str | None], said: str) -> None:
    values = {name: value for name, value in {**_GOOD, **change}.items() if value is not None}
    write(home, "[[model]]\n" + "\n".join(f"{name} = {value}" for name, value in values.items()))
    with pytest.raises(Problem, match=said) as caught:
        catalogue.known_models()
    assert caught.value.usage
    assert "\n" not in caught.value.message
    assert caught.value.message.endswith(".")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        pytest.param("[[model]\n", "models.toml is not valid TOML", id="no TOML"),
        pytest.param(f"a = {'9' * 5000}\n", "models.toml is not valid TOML", id="a number of 5,000 digits"),
        pytest.param(f"a = {'[' * 3000}\n", "models.toml is not valid TOML: it is nested too deeply", id="nested"),
        pytest.param("model = 3\n", "must hold nothing but models", id="a number"),
        pytest.param('[model]\nname = "mine"\n', "must hold nothing but models", id="a table for a list"),
        pytest.param("[[models]]\n", "must hold nothing but models", id="another key"),
        pytest.param(
            '[[model]]\nname = "a"\nlike = "intfloat/e5-small-v2"\nweights = "/m"\n' * 2,
            "twice in this file",
            id="twice the same name",
        ),
    ],
)
def test_a_file_that_cannot_be_read_is_one_sentence(home: Path, text: str, said: str) -> None:
    write(home, text)
    with pytest.raises(Problem, match=said):
        catalogue.describe(DEFAULT_RERANKER)


def test_every_entry_of_the_catalogue_would_pass_as_a_users(home: Path) -> None:
    for entry in entries.all_entries().values():
        entries._check(entry)
