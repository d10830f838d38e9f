"""A folder that seems to be a copy of a model of the catalogue, by its name or by that of what it was made of."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from zsr_tui.domain import Problem
from zsr_tui.engine import systems
from zsr_tui.scoring.models import catalogue, weights

from ..made_up import BERT, model_folder

T5 = {"architectures": ["T5ForConditionalGeneration"], "model_type": "t5"}


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("ZSR_TUI_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path / "hub"))
    (tmp_path / "home" / "config").mkdir(parents=True)
    return tmp_path / "home" / "config"


@pytest.mark.parametrize(
    ("name", "made_of", "family", "answers"),
    [
        pytest.param("duo-t5-base-msmarco", None, "duot5", "true and false", id="duo with a hyphen"),
        pytest.param("tuned", "castorini/duot5-base-msmarco", "duot5", "true and false", id="made of duoT5"),
        pytest.param("tuned", "/data/DuoT5-3b-med/", "duot5", "true and false", id="made of a folder of duoT5"),
        pytest.param("my-monot5", "castorini/duot5-base-msmarco", "monot5", "true and false", id="own name first"),
        pytest.param("tuned", "someone/monoptt5-xl", "monot5", "Sim and Não", id="made of MonoPTT5"),
        pytest.param("tuned", "someone/ptt5-large-msmarco-x", "monot5", "sim and não", id="made of mono-PTT5"),
    ],
)
def test_a_t5_is_asked_as_its_names_tell(
    name: str, made_of: str | None, family: str, answers: str, tmp_path: Path
) -> None:
    config = T5 | ({"_name_or_path": made_of} if made_of else {})
    info = catalogue.describe(str(model_folder(tmp_path / name, {"config.json": config})))
    assert (info.family, info.guessed, info.runnable) == (family, (f"answers {answers}",), True)


_SNAPSHOT = "snapshots/3d7cfbdacd47fdda877c5cd8a79fbcc4f2a574f3"
_OLD = [{"name": "0", "path": "0_Transformer", "type": "sentence_transformers.models.Transformer"}]


@pytest.mark.parametrize(
    ("name", "files", "said"),
    [
        pytest.param(
            f"models--facebook--contriever-msmarco/{_SNAPSHOT}", {}, "copy of facebook/contriever-msmarco, whose sim",
            id="snapshot of the hub's cache",
        ),
        pytest.param(
            f"models--someone--tuned-e5/{_SNAPSHOT}", {}, "it is an E5, whose prompts", id="snapshot of an E5",
        ),
        pytest.param(
            "mine",
            {"config.json": {**BERT, "_name_or_path": f"/cache/models--intfloat--e5-base-v2/{_SNAPSHOT}/"}},
            "copy of intfloat/e5-base-v2, whose prompts", id="made of a snapshot",
        ),
        pytest.param(
            "mine",
            {
                "modules.json": _OLD,
                "config.json": {"__version__": "0.3.0"},
                "0_Transformer/config.json": {**BERT, "_name_or_path": "intfloat/multilingual-e5-base"},
            },
            "copy of intfloat/multilingual-e5-base, whose prompts", id="first module in a folder",
        ),
        pytest.param(
            "mine", {"config.json": {**BERT, "_name_or_path": "/data/e5/runs/bert-base-uncased"}}, "",
            id="folder above that is called e5",
        ),
    ],
)  # fmt: skip
def test_a_copy_is_known_by_the_last_part_of_its_paths(
    name: str, files: dict[str, Any], said: str, tmp_path: Path
) -> None:
    info = catalogue.describe(str(model_folder(tmp_path / name, files)))
    assert said in info.why_not
    assert info.runnable == (not said)


QWEN3 = {"architectures": ["Qwen3ForCausalLM"], "model_type": "qwen3"}
PLAIN = {"architectures": ["BertForSequenceClassification"], "id2label": {"0": "LABEL_0"}}


@pytest.mark.parametrize(
    ("name", "config", "said"),
    [
        pytest.param("tct_colbert-v2-hnp-msmarco", BERT, "its first four tokens are left out", id="TCT-ColBERT"),
        pytest.param("ance-msmarco-passage", BERT, "Its head and its norm are named", id="ANCE"),
        pytest.param("jina-embeddings-v3", BERT, "Its adapters are chosen for each task", id="bi-encoder"),
        pytest.param("jina-reranker-v3", QWEN3, "It reads all documents of a list at once", id="language model"),
        pytest.param(
            "mine", BERT | {"_name_or_path": "castorini/tct_colbert-msmarco"}, "its first four tokens", id="made of one"
        ),
        pytest.param(
            "mine", BERT | PLAIN | {"_name_or_path": "castorini/tct_colbert-msmarco"}, "", id="cross-encoder made of it"
        ),
    ],
)
def test_a_copy_of_what_no_family_runs_is_refused_with_what_it_needs(
    name: str, config: dict[str, Any], said: str, tmp_path: Path
) -> None:
    folder = model_folder(tmp_path / name, {"config.json": config})
    head = systems.head(str(folder))
    assert head.runnable == (not said)
    if said:
        with pytest.raises(Problem, match=f"seems to be a copy of .*, and that cannot be run: .*{said}"):
            weights.resolve(str(folder))


def test_the_user_can_say_how_a_model_made_of_what_no_family_runs_is_run(home: Path, tmp_path: Path) -> None:
    folder = model_folder(
        tmp_path / "tuned", {"config.json": BERT | {"_name_or_path": "castorini/tct_colbert-msmarco"}}
    )
    entry = f'[[model]]\nname = "mine"\nfamily = "bi-encoder"\nweights = "{folder}"\n'
    (home / "models.toml").write_text(entry)
    assert "cannot be run" in catalogue.describe("mine").why_not
    (home / "models.toml").write_text(entry + 'pooling = "mean"\nsimilarity = "dot"\nquery_prompt = ""\n')
    info = catalogue.describe("mine")
    assert (info.runnable, info.guessed) == (True, ())


WHOLE = {
    "modules.json": [
        {"name": "0", "path": "", "type": "sentence_transformers.models.Transformer"},
        {"name": "1", "path": "1_Pooling", "type": "sentence_transformers.models.Pooling"},
    ],
    "1_Pooling/config.json": {"pooling_mode": "cls"},
    "config_sentence_transformers.json": {"prompts": {"query": "", "document": ""}, "similarity_fn_name": "dot"},
}


@pytest.mark.parametrize(
    "name",
    [
        "gtr-t5-base", "snowflake-arctic-embed-xs", "snowflake-arctic-embed-l-v2.0", "granite-embedding-english-r2",
        "msmarco-distilbert-base-tas-b",
    ],
)  # fmt: skip
def test_a_copy_that_lost_the_files_which_alone_say_its_pooling_is_refused(name: str, tmp_path: Path) -> None:
    folder = model_folder(tmp_path / name)
    with pytest.raises(Problem, match=rf"a copy of .*/{name}, without the files that say .*: copy modules\.json, "):
        weights.resolve(str(folder))
    model_folder(folder, WHOLE)
    assert weights.resolve(str(folder)).info.guessed == ()


def test_what_is_made_of_another_family_is_no_copy(tmp_path: Path) -> None:
    made_of = {"_name_or_path": "cross-encoder/ms-marco-MiniLM-L-6-v2"}
    folder = model_folder(tmp_path / "mine", {"config.json": BERT | made_of})
    assert catalogue.describe(str(folder)).guessed == ("mean pooling", "no prompts", "cosine")


def prompted(folder: Path, prompts: dict[str, str], **more: Any) -> Path:
    settings = {"config_sentence_transformers.json": {"prompts": prompts, "similarity_fn_name": "cosine", **more}}
    pooling = {"1_Pooling/config.json": {"pooling_mode": "cls" if "bge" in folder.name else "mean"}}
    return model_folder(folder, WHOLE | pooling | settings)


EMPTY = {"query": "", "document": ""}  # as sentence-transformers writes it where none was given


@pytest.mark.parametrize(
    ("name", "prompts", "said"),
    [
        pytest.param("nomic-embed-text-v1.5", EMPTY, 'prompts ("search_query: " and "search_document: ")', id="nomic"),
        pytest.param("embeddinggemma-300m", EMPTY, "copy of google/embeddinggemma-300m, whose prompts", id="gemma"),
        pytest.param("modernbert-embed-base", EMPTY, "whose prompts", id="modernbert"),
        pytest.param(
            "nomic-embed-text-v1.5", EMPTY | {"query": "search_query: "},
            'prompt for documents ("search_document: ") its files do not say', id="documents' is empty",
        ),
        pytest.param(
            "my-e5", EMPTY | {"query": "query: "}, 'an E5, whose prompt for documents ("passage: ") its', id="E5",
        ),
        pytest.param("my-e5", {"document": "passage: "}, 'whose prompt for queries ("query: ") its', id="E5's queries"),
        pytest.param(
            "multilingual-e5-small-instruct", EMPTY, 'like = "intfloat/multilingual-e5-large-instruct"', id="instruct",
        ),
        pytest.param("my-e5", EMPTY | {"query": "query: ", "passage": "passage: "}, "", id="E5 with both"),
        pytest.param("my-e5-instruct", EMPTY | {"query": "Instruct: search\nQuery: "}, "", id="instruct with its own"),
        pytest.param("mine", EMPTY, "", id="no copy"),
    ],
)  # fmt: skip
def test_an_empty_prompt_is_none_where_the_model_that_is_copied_has_one(
    name: str, prompts: dict[str, str], said: str, tmp_path: Path
) -> None:
    info = catalogue.describe(str(prompted(tmp_path / name, prompts)))
    assert said.lower() in info.why_not.lower()
    assert (info.runnable, info.guessed) == (not said, ())


@pytest.mark.parametrize(
    ("prompts", "guessed"),
    [
        pytest.param(EMPTY, ("no prompts",), id="both"),
        pytest.param({"query": "", "document": "passage: "}, ("no prompt for queries",), id="queries'"),
        pytest.param({"query": "Represent: ", "document": ""}, (), id="documents', which has none"),
    ],
)
def test_a_prompt_that_a_copy_can_do_without_is_guessed_to_be_none(
    prompts: dict[str, str], guessed: tuple[str, ...], tmp_path: Path
) -> None:
    info = catalogue.describe(str(prompted(tmp_path / "bge-base-en-v1.5", prompts)))
    assert (info.runnable, info.guessed) == (True, guessed)


def test_the_user_can_say_that_an_e5_has_no_prompt_for_documents(home: Path, tmp_path: Path) -> None:
    folder = prompted(tmp_path / "my-e5", EMPTY | {"query": "query: "})
    entry = f'[[model]]\nname = "mine"\nfamily = "bi-encoder"\nweights = "{folder}"\n'
    (home / "models.toml").write_text(entry)
    assert "whose prompt for documents" in catalogue.describe("mine").why_not
    (home / "models.toml").write_text(entry + 'document_prompt = ""\n')
    info = catalogue.describe("mine")
    assert (info.runnable, info.guessed) == (True, ())


@pytest.mark.parametrize(
    ("prompts", "guessed"),
    [
        pytest.param({"retrieval": "query: "}, ("no prompts (its files name others: retrieval)",), id="default"),
        pytest.param(EMPTY | {"retrieval": "q: "}, ("no prompts (its files name others: retrieval)",), id="empty ones"),
        pytest.param(EMPTY | {"query": "q: ", "retrieval": "query: "}, (), id="one beside the queries'"),
        pytest.param(
            dict.fromkeys("vwxyz", "p: "), ("no prompts (its files name others: v, w, x ...)",), id="many",
        ),
    ],
)  # fmt: skip
def test_prompts_for_neither_side_are_named_where_none_is_sent(
    prompts: dict[str, str], guessed: tuple[str, ...], tmp_path: Path
) -> None:
    info = catalogue.describe(str(prompted(tmp_path / "mine", prompts, default_prompt_name="retrieval")))
    assert (info.runnable, info.guessed) == (True, guessed)
