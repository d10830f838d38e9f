"""/v1/rerank and /v1/embeddings of a running engine, asked by other programs and by this one's own endpoint family."""

from __future__ import annotations

import base64
import json
import math
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import msgspec
import numpy as np
import psutil
import pytest
from tokenizers import Tokenizer

from tests.waiting import DEADLINE, wait_for
from zsr_tui.domain import Problem
from zsr_tui.engine.library import Library
from zsr_tui.engine.v1 import answers as serving
from zsr_tui.progress import CancelToken
from zsr_tui.scoring import ScoreBatch, ScoringService
from zsr_tui.scoring.cache import ScoreCache
from zsr_tui.scoring.models import catalogue, located
from zsr_tui.scoring.models.catalogue import DEFAULT_ENCODER, DEFAULT_RERANKER

ENCODER = "bge-small-en-v1.5-int8"  # without torch, and with a query prompt
QUERY = "how many people live in berlin"
TEXTS = [
    "New York City is famous for the Metropolitan Museum of Art.",
    "Berlin has a population of 3,520,031 registered inhabitants in an area of 891.82 square kilometers.",
    "",
    "Berlin is well known for its museums.",
    "🙂 \x00 日本語",
]
_SERVE = """
import socket, uvicorn
from zsr_tui.engine.app import create_app
listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
listener.bind(("127.0.0.1", 0))
listener.listen(64)
print(listener.getsockname()[1], flush=True)
uvicorn.Server(uvicorn.Config(create_app(), log_level="critical", lifespan="off")).run(sockets=[listener])
"""


@pytest.fixture(scope="module")
def process() -> Iterator[subprocess.Popen[str]]:
    with subprocess.Popen([sys.executable, "-c", _SERVE], stdout=subprocess.PIPE, text=True) as process:
        yield process
        process.kill()


@pytest.fixture(scope="module")
def url(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    return f"http://127.0.0.1:{int(process.stdout.readline())}"


@pytest.fixture(scope="module")
def http(url: str) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=url, timeout=DEADLINE, trust_env=False) as http:
        yield http


@pytest.fixture(scope="module")
def local() -> Iterator[ScoringService]:
    service = ScoringService()
    yield service
    service.close()


@pytest.fixture(scope="module")
def scores(local: ScoringService) -> list[float]:
    """Of TEXTS, from the scoring module in this process."""
    return [score for batch in local.score(DEFAULT_RERANKER, QUERY, TEXTS) for score in batch.scores]


def refused(answer: httpx.Response, status: int, says: str) -> None:
    assert answer.status_code == status, answer.text
    error = answer.json()["error"]
    assert says in error["message"]
    assert set(error) == {"message", "type", "param", "code"}


# --- /v1/rerank -------------------------------------------------------------------------------------------------------


def test_results_are_sorted_and_point_into_the_request(http: httpx.Client, scores: list[float]) -> None:
    answer = http.post("/v1/rerank", json={"query": QUERY, "documents": TEXTS, "raw_scores": True}).json()
    assert answer["model"] == DEFAULT_RERANKER
    found = [(result["index"], result["relevance_score"]) for result in answer["results"]]
    assert [index for index, _ in found] == sorted(range(5), key=lambda index: -scores[index])
    assert dict(found) == pytest.approx(dict(enumerate(scores)), abs=1e-4)
    assert all("document" not in result for result in answer["results"])


def test_scores_are_probabilities_unless_raw_ones_are_asked_for(http: httpx.Client, scores: list[float]) -> None:
    body = {"query": QUERY, "documents": TEXTS}
    found = {r["index"]: r["relevance_score"] for r in http.post("/v1/rerank", json=body).json()["results"]}
    assert [found[i] for i in range(5)] == pytest.approx([1 / (1 + math.exp(-s)) for s in scores], abs=1e-5)
    raw = http.post("/v1/rerank", json={**body, "use_activation": False}).json()["results"]
    assert raw[0]["relevance_score"] == pytest.approx(max(scores), abs=1e-4)


def test_documents_as_objects_the_first_and_their_texts(http: httpx.Client, scores: list[float]) -> None:
    body = {
        "model": DEFAULT_RERANKER,
        "query": QUERY,
        "documents": [{"text": text, "image": None} for text in TEXTS],
        "top_n": 1,
        "return_documents": True,
    }
    (first,) = http.post("/v1/rerank", json=body).json()["results"]
    assert first["index"] == int(np.argmax(scores))
    assert first["document"] == {"text": TEXTS[first["index"]]}
    assert len(http.post("/v1/rerank", json={**body, "top_n": 0}).json()["results"]) == 5
    assert len(http.post("/v1/rerank", json={**body, "top_n": 50}).json()["results"]) == 5


def tokenizer_of(model: str) -> Tokenizer:
    folder = located.local_folder(catalogue.weights_reference(model))
    tokenizer = Tokenizer.from_file(f"{folder}/tokenizer.json")
    tokenizer.no_padding()
    tokenizer.enable_truncation(512)
    return tokenizer


def test_the_tokens_of_a_rerank_are_those_that_the_model_read(http: httpx.Client) -> None:
    texts = [*TEXTS, "berlin " * 2000]
    counted = [len(tokenizer_of(DEFAULT_RERANKER).encode(QUERY, text).ids) for text in texts]
    assert counted[-1] == 512
    usage = http.post("/v1/rerank", json={"query": QUERY, "documents": texts}).json()["usage"]
    assert usage == {"prompt_tokens": sum(counted), "total_tokens": sum(counted)}


def test_the_tokens_of_vectors_include_their_prompt(http: httpx.Client) -> None:
    tokenizer = tokenizer_of(ENCODER)
    for prompt, named in (("", "document"), ("Represent this sentence for searching relevant passages: ", "query")):
        counted = sum(len(tokenizer.encode(prompt + text).ids) for text in TEXTS)
        body = {"input": TEXTS, "model": ENCODER, "input_type": named}
        assert http.post("/v1/embeddings", json=body).json()["usage"]["prompt_tokens"] == counted


def test_what_the_cache_knows_costs_no_tokens(tmp_path: Path) -> None:
    class Known:
        scoring = ScoringService(ScoreCache(tmp_path / "scores.sqlite3", 10**8))

    library: Any = Known()
    rerank = serving.RerankRequest(query=QUERY, documents=TEXTS[:2])
    embed = serving.EmbedRequest(input=TEXTS[:2], model=ENCODER, input_type="query")
    try:
        for ask, first, more in (
            (serving.rerank, rerank, serving.RerankRequest(query=QUERY, documents=TEXTS[:4])),
            (serving.embed, embed, serving.EmbedRequest(input=TEXTS[:4], model=ENCODER, input_type="query")),
        ):
            counts = [ask(library, asked, CancelToken())["usage"]["total_tokens"] for asked in (first, first, more)]
            assert counts[0] > 0
            assert counts[1] == 0
            whole = ask(library, more, CancelToken())["usage"]["total_tokens"]
            assert (counts[2] > 0, whole) == (True, 0)
    finally:
        library.scoring.close()


def test_a_score_that_is_not_finite_is_null_and_last() -> None:
    class Broken:
        """A model that gives no number for the second text."""

        scoring = property(lambda self: self)

        def score(self, *_: object, **__: object) -> Iterator[ScoreBatch]:
            yield ScoreBatch((0, 2), (-1.0, 3.0), (False, False), broken=(1,))

    asked = serving.RerankRequest(query=QUERY, documents=["a", "b", "c"], raw_scores=True)
    results = serving.rerank(Broken(), asked, CancelToken())["results"]  # type: ignore[arg-type]
    assert [(result["index"], result["relevance_score"]) for result in results] == [(2, 3.0), (0, -1.0), (1, None)]


@pytest.mark.parametrize(
    ("change", "status", "says"),
    [
        pytest.param({"model": "ms-marco-minilm-l21"}, 400, "unknown model", id="unknown model"),
        pytest.param({"model": DEFAULT_ENCODER}, 400, "bi-encoder", id="bi-encoder"),
        pytest.param(
            {"model": "http://127.0.0.1:1/v1/rerank#m"}, 400, "models of its own", id="model on another server"
        ),
        pytest.param({"documents": []}, 400, "no documents", id="no documents"),
        pytest.param({"documents": ["a"] * 1001}, 413, "1,001 documents, 1,000 at a time", id="too many documents"),
        pytest.param({"documents": "a"}, 400, "not understood", id="one text as documents"),
        pytest.param({"documents": [3]}, 400, "not understood", id="a number as document"),
        pytest.param({"query": None}, 400, "not understood", id="no query"),
        pytest.param({"top_n": -1}, 400, "top_n", id="negative top_n"),
    ],
)
def test_what_is_asked_wrongly(http: httpx.Client, change: dict[str, object], status: int, says: str) -> None:
    refused(http.post("/v1/rerank", json={"query": QUERY, "documents": TEXTS, **change}), status, says)


def test_what_is_no_json_or_far_too_large(http: httpx.Client) -> None:
    refused(http.post("/v1/rerank", content=b'{"query": '), 400, "not understood")
    refused(http.post("/v1/rerank", content=b'{"query": "\xff"}'), 400, "not understood")
    refused(http.post("/v1/rerank", content=b" " * (65 << 20)), 413, "larger than 64 MiB")


# --- /v1/embeddings ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("method", "path", "status", "says"),
    [
        ("GET", "/v1/rerank", 405, "/v1/rerank takes POST alone."),
        ("POST", "/v1/models", 405, "/v1/models takes GET alone."),
        ("POST", "/v1/chat/completions", 404, "there is no /v1/chat/completions here: ask one of /v1/models, "),
    ],
    ids=["another method", "no method for it", "another path"],
)
def test_what_is_not_there_is_said_in_the_shape_of_openai(
    http: httpx.Client, method: str, path: str, status: int, says: str
) -> None:
    answer = http.request(method, path)
    assert (answer.status_code, answer.json()["error"]["code"]) == (status, status)
    assert answer.json()["error"]["message"].startswith(says)
    assert http.get("/v1/models").status_code == 200


def test_vectors_in_the_shape_of_openai(http: httpx.Client, local: ScoringService) -> None:
    expected = local.encoder(ENCODER).encode_documents(TEXTS)
    answer = http.post("/v1/embeddings", json={"input": TEXTS, "model": ENCODER}).json()
    assert (answer["object"], answer["model"]) == ("list", ENCODER)
    assert [item["index"] for item in answer["data"]] == list(range(5))
    found = np.array([item["embedding"] for item in answer["data"]])
    np.testing.assert_allclose(found, expected, atol=1e-5)
    body = {"model": ENCODER, "input": TEXTS[1], "encoding_format": "base64"}
    (one,) = http.post("/v1/embeddings", json=body).json()["data"]
    decoded = np.frombuffer(base64.b64decode(one["embedding"]), dtype="<f4")
    np.testing.assert_allclose(decoded, expected[1], atol=1e-5)
    numbers = http.post("/v1/embeddings", json={**body, "encoding_format": "float"}).text
    (one,) = json.loads(numbers)["data"]
    assert np.array(one["embedding"], dtype="<f4").tobytes() == decoded.tobytes()
    assert len(numbers) < 14 * len(decoded)  # and none longer than a float32 needs


def test_without_a_model_the_embedded_encoder_answers(library: Library) -> None:
    answer = serving.embed(library, serving.EmbedRequest(input=TEXTS[1]), CancelToken())
    assert answer["model"] == DEFAULT_ENCODER
    expected = library.scoring.encoder(DEFAULT_ENCODER).encode_documents(TEXTS[1:2])
    np.testing.assert_allclose([msgspec.json.decode(answer["data"][0]["embedding"])], expected, atol=1e-5)


def test_vectors_that_are_not_normalised_are_not_shortened() -> None:
    with pytest.raises(Problem, match="not normalised"):
        serving._shortened(np.array([[1.0, 0.0], [3.0, 4.0]], dtype=np.float32), 1, "m")


def test_fewer_dimensions_are_a_cut_of_length_one(http: httpx.Client) -> None:
    body = {"model": ENCODER, "input": "a"}
    whole = np.array(http.post("/v1/embeddings", json=body).json()["data"][0]["embedding"])
    part = np.array(http.post("/v1/embeddings", json={**body, "dimensions": 64}).json()["data"][0]["embedding"])
    np.testing.assert_allclose(part, whole[:64] / np.linalg.norm(whole[:64]), atol=1e-5)


@pytest.mark.parametrize(
    "says",
    [pytest.param({"input_type": "query"}, id="input_type"), pytest.param({"task": "retrieval.query"}, id="task")],
)
def test_queries_get_the_prompt_of_their_model(http: httpx.Client, local: ScoringService, says: dict[str, str]) -> None:
    encoder = local.encoder(ENCODER)
    answer = http.post("/v1/embeddings", json={"input": "a", "model": ENCODER, **says}).json()
    found = np.array(answer["data"][0]["embedding"])
    query, document = encoder.encode_queries(["a"])[0], encoder.encode_documents(["a"])[0]
    assert not np.allclose(query, document, atol=1e-3)
    np.testing.assert_allclose(found, query, atol=1e-3)


@pytest.mark.parametrize(
    ("change", "status", "says"),
    [
        pytest.param({"model": "nothing-of-the-kind"}, 400, "unknown model", id="unknown model"),
        pytest.param({"model": DEFAULT_RERANKER}, 400, "reranker", id="reranker"),
        pytest.param({"input": []}, 400, "no inputs", id="no inputs"),
        pytest.param({"input": ["a"] * 2049}, 413, "2,048 at a time", id="too many inputs"),
        pytest.param({"input": [[1, 2]]}, 400, "not understood", id="tokens in place of texts"),
        pytest.param({"dimensions": 0}, 400, "have 384 dimensions", id="no dimensions"),
        pytest.param({"dimensions": 385}, 400, "have 384 dimensions", id="too many dimensions"),
        pytest.param({"encoding_format": "int8"}, 400, "not understood", id="unknown encoding"),
        pytest.param({"task": "classification"}, 400, "no kind of input", id="unknown task"),
    ],
)
def test_what_cannot_be_encoded(http: httpx.Client, change: dict[str, object], status: int, says: str) -> None:
    refused(http.post("/v1/embeddings", json={"input": "a", "model": ENCODER, **change}), status, says)


# --- this program as the client of another ----------------------------------------------------------------------------


def test_an_engine_as_the_endpoint_of_another_gives_the_same_scores(
    url: str, local: ScoringService, scores: list[float]
) -> None:
    for named in (f"{url}/v1/rerank#{DEFAULT_RERANKER}", f"{url}/v1/rerank"):
        found = {
            index: score
            for batch in local.score(named, QUERY, TEXTS)
            for index, score in zip(batch.indices, batch.scores, strict=True)
        }
        # the endpoint client sends " " for an empty text, which no tokenizer tells apart
        assert [found[index] for index in range(5)] == pytest.approx(scores, abs=1e-4)


def test_an_engine_as_the_endpoint_of_another_gives_the_same_vectors(url: str, local: ScoringService) -> None:
    here, there = local.encoder(ENCODER), local.encoder(f"{url}/v1/embeddings#{ENCODER}")
    assert there.dimension == here.dimension
    np.testing.assert_allclose(there.encode_queries(TEXTS), here.encode_queries(TEXTS), atol=1e-3)
    np.testing.assert_allclose(there.encode_documents(TEXTS), here.encode_documents(TEXTS), atol=1e-3)


def test_an_engine_says_what_it_serves_and_what_must_be_written(url: str, local: ScoringService) -> None:
    with pytest.raises(
        Problem, match=f"speaks /v1/rerank and /v1/embeddings: write which of them is meant after {url}"
    ):
        local.encoder(url)
    with pytest.raises(Problem, match=f"serves several models .*{url}/v1/embeddings#"):
        local.encoder(f"{url}/v1/embeddings")


def test_the_models_on_this_machine_are_listed(http: httpx.Client) -> None:
    listed = {model["id"]: model["capabilities"] for model in http.get("/v1/models").json()["data"]}
    assert listed[DEFAULT_RERANKER] == ["rerank"]
    assert listed[DEFAULT_ENCODER] == ["embed"]


def test_a_client_that_goes_away_frees_the_device(http: httpx.Client, process: subprocess.Popen[str]) -> None:
    engine = psutil.Process(process.pid)
    body = {"query": QUERY, "documents": [f"berlin {number} " * 250 for number in range(1000)]}  # minutes of work
    with pytest.raises(httpx.ReadTimeout):
        http.post("/v1/rerank", json=body, timeout=httpx.Timeout(DEADLINE, read=1.0))
    wait_for(lambda: engine.cpu_percent(interval=0.3) < 30, "the engine rests, as it works for nobody")
    assert http.post("/call/ReadHealth", content=b"{}").status_code == 200
