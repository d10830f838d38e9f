"""Checkpoints without tokenizer files whose catalogue entry names another repository's, from a stand-in for the hub."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from pathlib import Path

import huggingface_hub.constants
import pytest

from zsr_tui.domain import Problem
from zsr_tui.progress import Cancelled, CancelToken, Meter, Progress
from zsr_tui.scoring import ScoringService, families
from zsr_tui.scoring.models import catalogue, located, weights

from .. import tiny_t5
from .fake_hub import FakeHub

MODEL = "castorini/monot5-base-msmarco-10k"
LENDER = "google-t5/t5-base"
QUERY, TEXT = "vitamin blood", "water of the cold sleep"


def without_a_tokenizer(folder: Path) -> Path:
    tiny_t5.checkpoint(folder)
    for name in ("tokenizer.json", "tokenizer_config.json", "spiece.model", "special_tokens_map.json"):
        (folder / name).unlink(missing_ok=True)
    return folder


def content(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


@pytest.fixture
def whole(tmp_path: Path) -> Path:
    return tiny_t5.checkpoint(tmp_path / "whole-monot5")


@pytest.fixture
def hub(tmp_path: Path, whole: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeHub]:
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path / "hub"))
    monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_OFFLINE", False)
    bare = content(without_a_tokenizer(tmp_path / "bare-monot5"))
    lent = {name: data for name, data in content(whole).items() if name != "model.safetensors"}
    others = {LENDER: {**lent, "model.safetensors": b"far too large"}}
    with FakeHub(bare, repository=MODEL, others=others).running() as hub:
        monkeypatch.setenv("HF_ENDPOINT", hub.url)
        yield hub


def score(model: str) -> float:
    resolved = weights.resolve(model)
    scorer = families.loader("monot5", "transformers")(resolved, tiny_t5.CPU)
    return float(scorer.run(scorer.prepare(QUERY, [TEXT]))[0])


def test_the_lenders_tokenizer_is_fetched_without_its_weights_and_gives_the_same_score(
    hub: FakeHub, whole: Path
) -> None:
    before = catalogue.describe(MODEL)
    assert not before.local
    found = score(MODEL)
    assert found == pytest.approx(score(str(whole)), abs=1e-6)
    assert hub.served.count("model.safetensors") == 1, "the lender's weights were fetched"
    assert weights.resolve(MODEL).path != weights.resolve(MODEL).tokenizer_path
    after = catalogue.describe(MODEL)
    assert (after.local, after.family) == (True, "monot5")
    hub.served.clear()
    hub.refusal = (500, "")
    assert score(MODEL) == found, "the network was asked again"


def test_a_lent_tokenizer_is_part_of_the_fingerprint(hub: FakeHub) -> None:
    before = weights.resolve(MODEL)
    assert before.tokenizer is not None
    config = before.tokenizer / "tokenizer_config.json"
    text = config.read_bytes()
    config.unlink()  # a link into the hub's cache
    config.write_bytes(text + b"\n")
    assert weights.resolve(MODEL).fingerprint != before.fingerprint


def test_a_repository_with_a_tokenizer_borrows_none(hub: FakeHub, whole: Path) -> None:
    hub.files = content(whole)
    resolved = weights.resolve(MODEL)
    assert resolved.tokenizer is None
    assert located.tokenizer_snapshot(catalogue.reference.parse(LENDER)) is None
    assert resolved.fingerprint != weights.resolve(str(whole)).fingerprint  # the revision and the recipe, as ever


def test_an_interrupted_download_is_not_taken_for_a_repository_without_a_tokenizer(
    hub: FakeHub, whole: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    hub.files = content(whole)
    monkeypatch.setattr("zsr_tui.scoring.models.hub.Meter", partial(Meter, per_second=1e9))  # whatever the clock says
    cancel = CancelToken()

    small = sum(len(data) for name, data in hub.files.items() if name != "model.safetensors")

    def stop(progress: Progress) -> None:
        if progress.done > small:  # within the weights
            cancel.cancel()

    with pytest.raises(Cancelled):
        weights.resolve(MODEL, report=stop, cancel=cancel)
    assert hub.served.index("model.safetensors") == len(hub.served) - 1, "weights came before a small file"
    assert weights.resolve(MODEL).tokenizer is None


def test_a_lender_that_cannot_be_had_is_one_sentence_with_what_to_do(hub: FakeHub) -> None:
    hub.refused, hub.refusal = (LENDER,), (500, "")
    with pytest.raises(Problem, match="monot5-base-msmarco-10k has no tokenizer of its own") as caught:
        weights.resolve(MODEL)
    message = caught.value.message
    assert "put tokenizer.json or spiece.model beside its weights, or get that of google-t5/t5-base (" in message
    assert message.endswith(").")
    assert "\n" not in message
    info = catalogue.describe(MODEL)
    assert not info.local, "the weights alone do not run"
    assert info.parameters, "the weights are here to be counted"
    with pytest.raises(Problem, match="google-t5/t5-base is not on this machine"):
        weights.resolve(MODEL, download=False)


def test_a_lender_without_a_tokenizer_is_named(hub: FakeHub) -> None:
    del hub.others[LENDER]["tokenizer.json"]
    with pytest.raises(Problem, match="google-t5/t5-base on the Hugging Face hub has no tokenizer"):
        weights.resolve(MODEL)


def test_a_model_whose_entry_names_no_lender_still_needs_its_own(hub: FakeHub, tmp_path: Path) -> None:
    with pytest.raises(Problem, match=r"is incomplete: it needs config\.json, a tokenizer"):
        weights.resolve(str(tmp_path / "bare-monot5"))
    hub.repository = "unicamp-dl/monoptt5-small"
    with pytest.raises(Problem, match=r"is not a model that can be run: config\.json, the tokenizer"):
        weights.resolve(hub.repository)


def test_the_service_asks_for_both_downloads_in_words(hub: FakeHub) -> None:
    said: list[str] = []
    service = ScoringService()
    try:
        assert len(list(service.score(MODEL, QUERY, [TEXT], on_load=said.append))) == 1
    finally:
        service.close()
    assert said[0] == f"downloading {MODEL}"
