from __future__ import annotations

from dataclasses import replace

import pytest

from zsr_tui.domain import CorpusInfo, CorpusState, ModelInfo, Problem
from zsr_tui.ui.setup.preparing.plan import LARGE_ENCODING, plan

READY = CorpusState(downloaded=True, bm25=True, encoded=("small",))
SCIFACT = CorpusInfo("beir/scifact/test", "SciFact", "beir", 5183, 300, 339, 2_800_000)
MODELS = [
    ModelInfo("small", "Small", "bi-encoder", 22_700_000, local=True),
    ModelInfo("org/large", "Large", "bi-encoder", 1_200_000_000),
    ModelInfo("rank", "Rank", "cross-encoder", 33_000_000, local=True),
]
LADDER = ("bm25", "dense(small)", "bm25 % 100 >> rank")


def test_nothing_is_to_do_when_everything_is_there() -> None:
    assert plan(SCIFACT.id, LADDER, [replace(SCIFACT, state=READY)], MODELS).ready


def test_a_download_is_asked_about_with_its_size() -> None:
    found = plan(SCIFACT.id, LADDER, [SCIFACT], MODELS)
    assert found.ask
    assert found.steps == (
        "Download SciFact: 2.8 MB",
        "Index 5,183 documents for BM25",
        "Encode 5,183 documents with small",
    )


def test_a_small_encoding_is_not_asked_about_and_a_large_one_is() -> None:
    state = CorpusState(downloaded=True, bm25=True)
    small = plan(SCIFACT.id, LADDER, [replace(SCIFACT, state=state)], MODELS)
    assert small.steps == ("Encode 5,183 documents with small",)
    assert not small.ask
    assert plan(SCIFACT.id, LADDER, [replace(SCIFACT, state=state, docs=LARGE_ENCODING + 1)], MODELS).ask


def test_a_model_that_is_not_here_is_asked_about_with_its_size_once() -> None:
    systems = ("dense(org/large)", "rrf(bm25, dense(org/large)) % 50 >> acme/unknown")
    found = plan(SCIFACT.id, systems, [replace(SCIFACT, state=READY)], MODELS)
    assert found.ask
    assert [step for step in found.steps if "org/large" in step] == [
        "Get the model org/large: about 4.8 GB",
        "Encode 5,183 documents with org/large",
    ]
    assert any("acme/unknown: size unknown" in step for step in found.steps)


@pytest.mark.parametrize(
    "name", ["./mine", "/models/mine", "~/mine", "package:mine/weights", "http://localhost/rerank"]
)
def test_a_model_in_a_folder_or_at_a_server_is_not_said_to_be_fetched(name: str) -> None:
    assert plan(SCIFACT.id, (f"bm25 % 50 >> {name}",), [replace(SCIFACT, state=READY)], MODELS).ready


def test_a_system_without_bm25_needs_no_index() -> None:
    state = CorpusState(downloaded=True, encoded=("small",))
    assert plan(SCIFACT.id, ("dense(small)",), [replace(SCIFACT, state=state)], MODELS).ready


def test_a_licensed_corpus_says_what_to_do_until_it_is_there() -> None:
    licensed = CorpusInfo("beir/bioasq", "BioASQ", "licensed", how_to="Register at bioasq.org.")
    with pytest.raises(Problem, match=r"BioASQ needs a licence: Register at bioasq\.org\."):
        plan(licensed.id, ("bm25",), [licensed], MODELS)
    assert plan(licensed.id, ("bm25",), [replace(licensed, state=READY)], MODELS).ready


def test_a_folder_of_ones_own_is_not_called_a_download() -> None:
    found = plan("/data/mine", ("bm25",), [SCIFACT], MODELS)
    assert not found.ask
    assert not any(step.startswith("Download") for step in found.steps)
    local = CorpusInfo("/data/mine", "mine", "local", 12)
    assert plan("/data/mine", ("bm25",), [local], MODELS).steps == ("Index 12 documents for BM25",)


def test_a_system_that_cannot_be_read_is_a_problem_and_not_a_crash() -> None:
    with pytest.raises(Problem, match="column"):
        plan(SCIFACT.id, ("bm25 >>",), [SCIFACT], MODELS)
