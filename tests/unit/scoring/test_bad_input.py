"""Texts that nobody would choose, through the service, for every family: each list is whole and finite."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from zsr_tui.domain import Problem
from zsr_tui.scoring import ScoringService
from zsr_tui.scoring.cache import ScoreCache
from zsr_tui.scoring.models import catalogue, digests, weights
from zsr_tui.scoring.models.catalogue import DEFAULT_ENCODER, DEFAULT_RERANKER

from . import tiny, tiny_splade, tiny_t5
from .families import test_causal_lm, test_late_interaction

LONG = "the cold water of the blood a b c. " * 3000  # about 100,000 characters
TEXTS = ["the cold water", "", LONG, " \n\t", "\x00\x07\u200b", "\ud800 half a pair", "維生素🙂", "z" * 100_000]
QUERIES = ["cold a b", "", " ", LONG, "\udfff"]

_RERANKERS: dict[str, Callable[[Path], Path]] = {
    "cross-encoder": tiny.reranker,
    "monot5": lambda folder: tiny_t5.checkpoint(folder / "monot5"),
    "duot5": lambda folder: tiny_t5.checkpoint(folder / "duot5"),
    "causal-lm": lambda folder: test_causal_lm.qwen(folder, chat=test_causal_lm.CHAT),
    "late-interaction": test_late_interaction.native,
    "sparse": lambda folder: tiny_splade.save(folder, [*tiny_splade.SPECIAL, *"abcdefgh"], 24),
}
_ENCODERS = {"bi-encoder": tiny.bert, "sparse": _RERANKERS["sparse"]}


@pytest.fixture(scope="module")
def service() -> Iterator[ScoringService]:
    service = ScoringService()
    yield service
    service.close()


@pytest.fixture(scope="module")
def model_of(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], str]:
    made: dict[str, str] = {}

    def model(family: str) -> str:
        if family == "onnx":
            return DEFAULT_RERANKER
        if family not in made:
            maker = (_RERANKERS | _ENCODERS)[family]
            made[family] = str(maker(tmp_path_factory.mktemp(family) / "model"))
        return made[family]

    return model


@pytest.mark.parametrize("family", [*_RERANKERS, "onnx"])
def test_every_family_scores_every_text_for_every_query(
    service: ScoringService, model_of: Callable[[str], str], family: str
) -> None:
    model = model_of(family)
    if family != "onnx":
        assert catalogue.describe(model).family == family
    for query in QUERIES:
        batches = list(service.score(model, query, TEXTS))
        scores = {i: s for batch in batches for i, s in zip(batch.indices, batch.scores, strict=True)}
        assert sorted(scores) == list(range(len(TEXTS)))
        assert all(math.isfinite(score) for score in scores.values())
        cut = {i: c for batch in batches for i, c in zip(batch.indices, batch.cut, strict=True)}
        assert cut[2], "100,000 characters were read whole"
        assert family == "duot5" or query == LONG or not cut[0]
        if family != "duot5":  # whose scores are made of all the others
            alone = [s for batch in service.score(model, query, TEXTS[5:6]) for s in batch.scores]
            assert alone == pytest.approx([scores[5]], abs=0.02 if family == "onnx" else 1e-4)


@pytest.mark.parametrize("family", _ENCODERS)
def test_every_encoder_gives_every_text_a_finite_vector(
    service: ScoringService, model_of: Callable[[str], str], family: str
) -> None:
    model = model_of(family)
    encoder = service.encoder(model, "dense" if family == "bi-encoder" else "sparse")
    for vectors in (encoder.encode_documents(TEXTS), encoder.encode_queries(QUERIES)):
        assert np.isfinite(vectors).all()
    np.testing.assert_allclose(encoder.encode_documents(TEXTS[5:6])[0], encoder.encode_documents(TEXTS)[5], atol=1e-5)


def test_the_embedded_encoder_too(service: ScoringService) -> None:
    found = service.encoder(DEFAULT_ENCODER).encode_documents([text[:2000] for text in TEXTS])
    np.testing.assert_allclose(np.linalg.norm(found, axis=1), 1, atol=1e-3)


def test_a_cache_that_cannot_be_written_costs_no_list(tmp_path: Path) -> None:
    """A full disk raises in the same place: see test_cache."""
    (tmp_path / "file").write_text("in the way")
    service = ScoringService(ScoreCache(tmp_path / "file" / "scores.sqlite3", 10**8))
    try:
        for _ in range(2):
            (batch,) = service.score(DEFAULT_RERANKER, "cold", TEXTS[:2])
            assert (batch.indices, batch.known) == ((0, 1), False)
        assert service.encoder(DEFAULT_ENCODER).encode_queries(["cold"]).shape == (1, 384)
        assert "scores are not kept" in service.cache.trouble
    finally:
        service.close()


def test_a_full_disk_costs_no_fingerprint(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Hashes of large files are remembered in the cache folder."""
    folder = tiny.reranker(tmp_path / "model")
    expected = weights.resolve(str(folder)).fingerprint

    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(digests, "_SMALL", 4)
    monkeypatch.setattr(digests, "_known", None)
    monkeypatch.setattr("zsr_tui.scoring.models.remembered.write_whole", full)
    assert weights.resolve(str(folder)).fingerprint == expected


def test_a_model_of_another_family_is_refused_before_any_text_is_read(
    service: ScoringService, model_of: Callable[[str], str]
) -> None:
    with pytest.raises(Problem, match="is a bi-encoder: write dense"):
        list(service.score(model_of("bi-encoder"), "cold", TEXTS))
