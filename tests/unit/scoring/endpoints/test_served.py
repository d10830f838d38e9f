"""Models behind a URL, against a real server process that speaks each interface."""

from __future__ import annotations

import numpy as np
import pytest

from zsr_tui.domain import Problem
from zsr_tui.scoring import ScoringService, families
from zsr_tui.scoring.devices import Device
from zsr_tui.scoring.models import catalogue, weights

from .asked import LOGITS, QUERY, SENT, TEXTS, scores
from .conftest import Server
from .endpoint_server import MODELS, relevance, sigmoid, vector


@pytest.mark.parametrize(
    ("kind", "path", "model", "raw"),
    [
        ("tei", "/rerank", "", True),
        ("tei", "", "", True),
        ("vllm", "/v1/rerank", "", True),
        ("vllm", "/rerank", "", True),
        ("vllm", "/v2/rerank", "other/model", True),
        ("vllm", "/score", "", True),
        ("vllm", "", "", True),
        ("infinity", "/rerank", "", True),
        ("infinity", "", "", True),
        ("jina", "/v1/rerank", "jina-reranker-v2-base-multilingual", False),  # refuses fields that it does not know
        ("cohere", "/v2/rerank", "rerank-v4.0-pro", False),
    ],
)
def test_every_interface_gives_the_scores_in_the_order_of_the_texts(
    server: Server, service: ScoringService, kind: str, path: str, model: str, raw: bool
) -> None:
    url = server.url(kind, path, model=model)
    expected = LOGITS if raw else [sigmoid(logit) for logit in LOGITS]
    assert scores(service, url) == pytest.approx(expected, rel=1e-6)
    for request in server.posted(url):
        assert "top_n" not in request["body"]
        if kind == "tei":
            assert request["body"]["truncate"] is True
        else:
            assert request["body"].get("model") == (model or MODELS[kind])


def test_a_server_without_a_path_is_asked_what_it_is_and_the_answer_is_said(
    server: Server, service: ScoringService
) -> None:
    url = server.url("tei")
    before = catalogue.describe(url)
    assert (before.family, before.local, before.runnable) == ("", True, True)
    assert server.asked(url) == [], "describing asked the server"
    service.fetch(url)
    after = catalogue.describe(url)
    assert (after.family, after.parameters) == ("endpoint", None)
    assert after.label == f"127.0.0.1:{server.ports[0]} {MODELS['tei']}"
    assert after.source == f"endpoint {url}/rerank, TEI interface, {MODELS['tei']}"
    assert weights.resolve(url).precision == "fp16"
    scores(service, url, TEXTS[:2])
    assert [request["path"] for request in server.asked(url)] == ["/info", "/rerank"], "it was asked more than once"


@pytest.mark.parametrize(
    ("kind", "path", "fault", "model", "says"),
    [
        pytest.param(
            "nothing", "", "fine", "", "does not say what it speaks: write the path", id="speaks nothing known"
        ),
        pytest.param("both", "", "fine", "", "speaks /v1/rerank and /v1/embeddings: write which", id="speaks both"),
        pytest.param(
            "vllm",
            "/v1/rerank",
            "several",
            "",
            "serves several models .*#BAAI/bge-reranker-v2-m3",
            id="serves several models",
        ),
        pytest.param("tei-classifier", "", "fine", "", "neither reranks nor encodes", id="classifier"),
        pytest.param("tei-embedding", "/rerank", "fine", "", "write /v1/embeddings", id="reranker path of an encoder"),
        pytest.param(
            "tei", "/v1/embeddings", "fine", "", "and /rerank for a reranker", id="encoder path of a reranker"
        ),
        pytest.param(
            "tei", "/rerank", "fine", "org/other", f"serves {MODELS['tei']} and not org/other", id="another model"
        ),
    ],
)
def test_what_a_server_leaves_open_has_to_be_written_out(
    server: Server, kind: str, path: str, fault: str, model: str, says: str
) -> None:
    with pytest.raises(Problem, match=says) as caught:
        weights.resolve(server.url(kind, path, fault, model))
    assert caught.value.usage


@pytest.mark.parametrize(
    ("fault", "says"),
    [
        pytest.param("down", r"failed \(status 503\)", id="down"),
        pytest.param("key", "asks for a key: set", id="no key"),
    ],
)
def test_a_server_in_trouble_is_not_taken_for_another(server: Server, fault: str, says: str) -> None:
    with pytest.raises(Problem, match=says):
        weights.resolve(server.url("vllm", "/rerank", fault))


def test_a_url_that_says_everything_is_not_asked(server: Server) -> None:
    url = server.url("vllm", "/v1/rerank", model="org/name")
    resolved = weights.resolve(url)
    assert (resolved.kind, resolved.info.family, resolved.memory_bytes) == ("endpoint", "endpoint", 0)
    assert server.asked(url) == []


def test_queries_that_share_a_batch_do_not_mix(server: Server) -> None:
    url = server.url("tei", "/rerank")
    resolved = weights.resolve(url)
    scorer = families.loader("endpoint", "endpoint")(resolved, Device("endpoint here", 1, 32))
    batch = [*scorer.prepare(QUERY, TEXTS[:3]), *scorer.prepare("museums", TEXTS[7:10])]
    batch = batch[::2] + batch[1::2]
    assert {prepared.tokens for prepared in batch} == {1}
    assert scorer.run(batch).tolist() == pytest.approx([relevance(*prepared.payload) for prepared in batch])
    assert len(server.posted(url)) == 2


def test_an_embeddings_endpoint_is_a_bi_encoder(server: Server, service: ScoringService) -> None:
    for kind, path, sent in (("openai", "/v1/embeddings", SENT), ("openai", "", SENT)):
        url = server.url(kind, path)
        encoder = service.encoder(url)
        assert (encoder.info.family, encoder.dimension) == ("bi-encoder", 4)
        vectors = encoder.encode_documents(TEXTS)
        assert vectors.dtype == np.float32
        assert vectors.tolist() == [vector(text) for text in sent]
        assert {request["body"]["model"] for request in server.posted(url)} == {MODELS["openai"]}


def test_prompts_of_the_catalogue_are_put_before_the_texts(server: Server, service: ScoringService) -> None:
    url = server.url("tei-embedding")
    encoder = service.encoder(url)
    assert encoder.encode_queries(["a b"]).tolist() == [vector("query: a b")]
    assert encoder.encode_documents(["a b"]).tolist() == [vector("passage: a b")]


def test_a_server_that_puts_prompts_itself_is_told_the_task(server: Server, service: ScoringService) -> None:
    url = server.url("ours", "/v1/embeddings")
    encoder = service.encoder(url)
    encoder.encode_queries(["a"])
    assert server.posted(url)[-1]["body"]["task"] == "retrieval.query"
    encoder.encode_documents(["a"])
    assert server.posted(url)[-1]["body"]["task"] == "retrieval.passage"


def test_an_embeddings_endpoint_does_not_rerank_and_a_reranker_does_not_encode(
    server: Server, service: ScoringService
) -> None:
    with pytest.raises(Problem, match=r"write dense\(http"):
        scores(service, server.url("openai", "/v1/embeddings"))
    with pytest.raises(Problem, match=r"write bm25 % 100 >> http"):
        service.encoder(server.url("tei", "/rerank"))


def test_the_fingerprint_follows_url_model_and_interface() -> None:
    urls = ["http://a/v1/rerank#m", "http://a/v1/rerank#n", "http://b/v1/rerank#m", "http://a/score#m"]
    found = [weights.resolve(url).fingerprint for url in urls]
    assert len(set(found)) == 4
    assert weights.resolve("http://a/v1/rerank#m ").fingerprint == found[0]


def test_an_endpoint_in_the_notation() -> None:
    from zsr_tui import pipeline

    url = "https://api.jina.ai/v1/rerank#jina-reranker-v2-base-multilingual"
    system = pipeline.parse(f"bm25 % 100 >> {url}")
    assert pipeline.models(system) == (url,)
    assert str(system) == f"bm25 % 100 >> {url}"
    info = catalogue.describe(url)
    assert (info.family, info.label) == ("endpoint", "api.jina.ai jina-reranker-v2-base-multilingual")
