"""Models behind a URL, against a real server process that speaks each interface and misbehaves on request."""

from __future__ import annotations

import logging
import math
import socket
from collections.abc import Callable, Iterator, Sequence
from itertools import count
from typing import Any

import numpy as np
import pytest

from tests.waiting import wait_for
from zsr_tui.domain import Problem
from zsr_tui.progress import Cancelled, CancelToken
from zsr_tui.scoring import ScoringService, families
from zsr_tui.scoring.devices import Device
from zsr_tui.scoring.endpoints import served
from zsr_tui.scoring.endpoints.calling import Caller
from zsr_tui.scoring.endpoints.client import Client
from zsr_tui.scoring.models import catalogue, weights
from zsr_tui.scoring.queue.jobs import CHANGE

from .conftest import Server
from .endpoint_server import BATCH, KEY, MODELS, relevance, sigmoid, vector

QUERY = "how many people live in berlin"
TEXTS = [
    "berlin has many people",
    "people",
    "how many live in new york",
    "nothing of the kind at all in here",
    "",
    "how many people live in berlin",
    "berlin \ud800 alone",
    "museums in berlin",
    "live",
    "many many many words",
    "in",
    "people live in berlin",
]
SENT = [text.replace("\ud800", "?") or " " for text in TEXTS]  # what can be sent
LOGITS = [relevance(QUERY, text) for text in SENT]


@pytest.fixture(scope="module")
def service() -> Iterator[ScoringService]:
    service = ScoringService()
    yield service
    service.close()


@pytest.fixture
def naps() -> list[float]:
    return []


@pytest.fixture
def call(naps: list[float]) -> Callable[..., Caller]:
    """Calls whose waiting takes no time, and is written down."""

    def caller(url: str, **how: Any) -> Caller:
        endpoint = served.find(url)
        return Caller(endpoint, Client(endpoint.address, sleep=naps.append), **how)

    return caller


def pairs(texts: Sequence[str]) -> list[tuple[str, str]]:
    return [(QUERY, text) for text in texts]


def scores(service: ScoringService, url: str, texts: list[str] = TEXTS) -> list[float]:
    return [score for batch in service.score(url, QUERY, texts) for score in batch.scores]


# --- each interface ---------------------------------------------------------------------------------------------------


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


# --- vectors ----------------------------------------------------------------------------------------------------------


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


# --- batches ----------------------------------------------------------------------------------------------------------


def test_the_limit_that_a_server_states_is_never_passed(server: Server, call: Callable[[str], Caller]) -> None:
    url = server.url("tei", "/rerank", "limit")
    assert call(url).pair_scores(pairs(TEXTS)) == pytest.approx(LOGITS)
    assert [len(request["body"]["texts"]) for request in server.posted(url)] == [BATCH] * 3


@pytest.mark.parametrize("status", ["413", "422"])
@pytest.mark.parametrize(("kind", "path"), [("vllm", "/v1/rerank"), ("vllm", "/score"), ("tei", "/rerank")])
def test_a_batch_that_is_refused_is_halved_and_its_size_remembered(
    server: Server, call: Callable[[str], Caller], kind: str, path: str, status: str
) -> None:
    url = server.url(kind, path, status)
    caller = call(url)
    assert caller.pair_scores(pairs(TEXTS)) == pytest.approx(LOGITS)
    assert caller.largest_batch == 3  # 12, 6, 3
    before = len(server.posted(url))
    again = call(url)  # another scorer of the same endpoint
    assert again.pair_scores(pairs(TEXTS)) == pytest.approx(LOGITS)
    assert len(server.posted(url)) - before == 4, "a size that was refused was tried again"


def test_vectors_are_halved_too(server: Server, call: Callable[[str], Caller]) -> None:
    url = server.url("openai", "/v1/embeddings", "413")
    assert call(url).role_vectors([("document", text) for text in TEXTS]).tolist() == [vector(text) for text in SENT]


@pytest.mark.parametrize("status", ["400", "413", "422"])
@pytest.mark.parametrize("place", [0, 5, len(TEXTS)], ids=["first", "between", "last"])
def test_an_input_that_is_refused_costs_its_own_score_alone_and_says_nothing_of_batches(
    server: Server, call: Callable[[str], Caller], status: str, place: int
) -> None:
    caller = call(server.url("vllm", "/v1/rerank", f"long-{status}"))
    scores = caller.pair_scores(pairs([*TEXTS[:place], "words" * 1000, *TEXTS[place:]]))
    assert math.isnan(scores.pop(place))
    assert scores == pytest.approx(LOGITS)
    assert caller.largest_batch is None
    assert caller.pair_scores(pairs(TEXTS)) == pytest.approx(LOGITS)


def test_an_input_that_is_alone_and_refused_has_no_score(server: Server, call: Callable[[str], Caller]) -> None:
    assert all(map(math.isnan, call(server.url("vllm", "/score", "long-400")).pair_scores(pairs(["words" * 1000]))))


def test_a_list_goes_on_without_an_input_that_is_refused(server: Server, service: ScoringService) -> None:
    texts = [TEXTS[0], "words" * 1000, TEXTS[1]]
    batches = list(service.score(server.url("vllm", "/v1/rerank", "long-400", model="m"), QUERY, texts))
    assert sorted(index for batch in batches for index in batch.indices) == [0, 2]
    assert [index for batch in batches for index in batch.broken] == [1]


def test_a_text_that_is_refused_has_the_vector_of_its_beginning(server: Server, call: Callable[[str], Caller]) -> None:
    caller = call(server.url("openai", "/v1/embeddings", "long-400"))
    found = caller.role_vectors([("document", text) for text in [*TEXTS, "word " * 1000]]).tolist()
    assert found == [vector(text) for text in [*SENT, "word " * 125]]  # of 5,000 characters 625; 1,250 are refused
    assert caller.role_vectors([("query", "word " * 1000)]).tolist() == [vector("word " * 125)]


def test_a_text_of_which_nothing_is_taken_has_no_vector(server: Server, call: Callable[[str], Caller]) -> None:
    caller = call(server.url("openai", "/v1/embeddings", "blank"))
    assert caller.role_vectors([("document", text) for text in ["", "a b"]]).tolist() == [[0.0] * 4, vector("a b")]


def test_a_request_that_is_refused_as_such_is_an_error_after_two_tries(
    server: Server, call: Callable[[str], Caller]
) -> None:
    url = server.url("tei", "/rerank", "echo")
    with pytest.raises(Problem, match="refuses the request: bad header"):
        call(url).pair_scores(pairs(TEXTS))
    assert [request["body"]["texts"] for request in server.posted(url)] == [SENT, ["a"]]


# --- several requests at once -----------------------------------------------------------------------------------------

MANY = [f"berlin {'people ' * (number % 7)}{number}" for number in range(16 * 32)]
MANY_LOGITS = [relevance(QUERY, text) for text in MANY]


@pytest.fixture
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """No server counts as slow, however slow this machine is."""
    monkeypatch.setenv("ZSR_TUI_ENDPOINT_TIMEOUT", "3600")


def at_once(server: Server, url: str) -> list[int]:
    return [request["at_once"] for request in server.posted(url)]


@pytest.mark.usefixtures("patient")
def test_a_server_gets_several_requests_at_once(server: Server, call: Callable[[str], Caller]) -> None:
    url = server.url("tei", "/rerank", "fine+4of16")
    assert call(url).pair_scores(pairs(MANY)) == pytest.approx(MANY_LOGITS)
    found = at_once(server, url)
    assert len(found) == 16
    assert found[0] == 1, "nothing was known of the server yet"
    assert max(found) == 4
    assert len(found) / sum(1 / number for number in found) >= 2.5, "rounds that the server's delay is paid for"


@pytest.mark.usefixtures("patient")
def test_a_long_list_of_the_service_asks_several_at_once(server: Server) -> None:
    url = server.url("tei", "/rerank", "fine+3")
    service = ScoringService()
    try:
        batches = list(service.score(url, QUERY, MANY))
    finally:
        service.close()
    found = {index: score for each in batches for index, score in zip(each.indices, each.scores, strict=True)}
    assert [found[index] for index in range(len(MANY))] == pytest.approx(MANY_LOGITS)
    assert max(at_once(server, url)) >= 3


@pytest.mark.usefixtures("patient")
def test_how_many_is_the_users_choice(
    server: Server, call: Callable[[str], Caller], monkeypatch: pytest.MonkeyPatch
) -> None:
    for asked in ("1", "7"):
        monkeypatch.setenv("ZSR_TUI_ENDPOINT_REQUESTS", asked)
        url = server.url("vllm", "/score", f"fine+{asked}")
        assert call(url).pair_scores(pairs(MANY[:288])) == pytest.approx(MANY_LOGITS[:288])
        assert max(at_once(server, url)) == int(asked)
    for wrong in ("0", "65", "many", "-1", "²"):
        monkeypatch.setenv("ZSR_TUI_ENDPOINT_REQUESTS", wrong)
        with pytest.raises(Problem, match=f"ZSR_TUI_ENDPOINT_REQUESTS is '{wrong}': write a whole number from 1 to 64"):
            call(url)


def test_a_slow_server_gets_one_at_a_time(
    server: Server, call: Callable[..., Caller], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ZSR_TUI_ENDPOINT_TIMEOUT", "60")
    url = server.url("tei", "/rerank")
    call(url, clock=count(step=10).__next__).pair_scores(pairs(MANY[:96]))  # ten seconds each
    assert at_once(server, url) == [1, 1, 1]


@pytest.mark.usefixtures("patient")
@pytest.mark.parametrize("fault", ["413", "422", "limit", "shuffled"])
@pytest.mark.parametrize(("kind", "path"), [("tei", "/rerank"), ("infinity", "/rerank")])
def test_batches_and_orders_are_right_at_once_too(
    server: Server, call: Callable[[str], Caller], kind: str, path: str, fault: str
) -> None:
    url = server.url(kind, path, f"{fault}+3")
    caller = call(url)
    assert caller.pair_scores(pairs(MANY[:192])) == pytest.approx(MANY_LOGITS[:192])
    assert max(at_once(server, url)) >= 3
    largest = 4 if fault != "shuffled" else 32 if kind == "tei" else None  # TEI states its own
    assert caller.largest_batch == largest
    sent = [len(request["body"].get("texts") or request["body"]["documents"]) for request in server.posted(url)]
    assert sum(size > 4 for size in sent if largest == 4) <= 2 * 7, "sizes that were refused were tried again"


@pytest.mark.usefixtures("patient")
def test_several_queries_and_both_roles_are_asked_at_once(server: Server, call: Callable[[str], Caller]) -> None:
    url = server.url("tei", "/rerank", "fine+4")
    pairs = [(f"{QUERY} {number % 8}", text) for number, text in enumerate(MANY[:64])]
    assert call(url).pair_scores(pairs) == pytest.approx([relevance(*pair) for pair in pairs])
    assert max(at_once(server, url)) == 4
    assert len({request["body"]["query"] for request in server.posted(url)}) == len(server.posted(url)) == 8
    url = server.url("ours", "/v1/embeddings", "fine+4")
    inputs = [(("query", "document")[number % 2], text) for number, text in enumerate(MANY[:200])]
    assert call(url).role_vectors(inputs).tolist() == [vector(text) for _, text in inputs]
    assert max(at_once(server, url)) == 4
    for request in server.posted(url):
        role = {"retrieval.query": 0, "retrieval.passage": 1}[request["body"]["task"]]
        assert all(MANY.index(text) % 2 == role for text in request["body"]["input"])


@pytest.mark.usefixtures("patient")
def test_one_request_is_tried_again_and_the_others_are_not(
    server: Server, call: Callable[[str], Caller], naps: list[float]
) -> None:
    url = server.url("tei", "/rerank", "429-first+3")
    texts = [*MANY[:130], "fifth", *MANY[131:200]]
    assert call(url).pair_scores(pairs(texts)) == pytest.approx([relevance(QUERY, text) for text in texts])
    assert len(server.posted(url)) == 7 + 1
    assert naps == [1.0]


@pytest.mark.usefixtures("patient")
def test_a_failure_ends_the_others_before_their_next_request(server: Server, call: Callable[[str], Caller]) -> None:
    url = server.url("infinity", "/rerank", "500-on")
    texts = [*MANY[:40], "poison", *MANY[41:]]
    caller = call(url)
    with pytest.raises(Problem, match=r"failed \(status 500\)"):
        caller.pair_scores(pairs(texts))
    server.let_go(url)
    caller._threads.shutdown()
    posted = [request["body"]["documents"] for request in server.posted(url)]
    assert sum("poison" in part for part in posted) == 5, "it was tried so often"
    assert len(posted) == 1 + 5 + 3, "requests are still made for nobody"


def test_a_cancelled_list_frees_the_server_within_one_batch(server: Server, service: ScoringService) -> None:
    url = server.url("tei", "/rerank", "fine-8")
    cancel = CancelToken()
    batches = service.score(url, QUERY, MANY, cancel=cancel)
    next(batches)
    cancel.cancel()
    with pytest.raises(Cancelled):
        list(batches)
    server.let_go(url)
    wait_for(lambda: not any(worker.load for worker in service._fleet.workers), told=CHANGE)
    assert len(server.posted(url)) < 16


def test_vectors_that_change_their_length_later_are_named(server: Server, service: ScoringService) -> None:
    url = server.url("openai", "/v1/embeddings", "longer")
    with pytest.raises(Problem, match="gives vectors of 5 numbers, and gave 4 before: it serves another model now"):
        service.encoder(url).encode_documents(["a", "b"])


# --- a server in trouble ----------------------------------------------------------------------------------------------


def test_failures_that_pass_are_waited_for(server: Server, call: Callable[[str], Caller], naps: list[float]) -> None:
    url = server.url("tei", "/rerank", "500")
    assert call(url).pair_scores(pairs(TEXTS)) == pytest.approx(LOGITS)
    assert len(server.posted(url)) == 3
    assert 0.25 <= naps[0] <= 0.5 <= naps[1] <= 1.0


def test_retry_after_is_honoured(server: Server, call: Callable[[str], Caller], naps: list[float]) -> None:
    assert call(server.url("tei", "/rerank", "429")).pair_scores(pairs(TEXTS)) == pytest.approx(LOGITS)
    assert naps == [3.0]


def test_a_wait_of_a_day_is_refused_at_once(server: Server, call: Callable[[str], Caller], naps: list[float]) -> None:
    with pytest.raises(Problem, match="wait 86400 seconds"):
        call(server.url("tei", "/rerank", "429-day")).pair_scores(pairs(TEXTS))
    assert naps == []


def test_retries_end(server: Server, call: Callable[[str], Caller], naps: list[float]) -> None:
    url = server.url("tei", "/rerank", "always-500")
    with pytest.raises(Problem, match=r"failed \(status 500\): look at its log"):
        call(url).pair_scores(pairs(TEXTS))
    assert len(server.posted(url)) == 5
    assert sum(naps) < 20


def test_a_slow_server_is_left_in_time(
    server: Server, call: Callable[[str], Caller], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ZSR_TUI_ENDPOINT_TIMEOUT", "0.2")
    with pytest.raises(Problem, match=r"no answer in 0.2 seconds.*ZSR_TUI_ENDPOINT_TIMEOUT"):
        call(server.url("tei", "/rerank", "silent")).pair_scores(pairs(TEXTS))
    monkeypatch.setenv("ZSR_TUI_ENDPOINT_TIMEOUT", "soon")
    with pytest.raises(Problem, match="'soon': write a number of seconds"):
        call(server.url("tei", "/rerank"))


def test_an_answer_that_only_drips_is_left_in_time(
    server: Server, call: Callable[[str], Caller], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ZSR_TUI_ENDPOINT_TIMEOUT", "0.2")
    with pytest.raises(Problem, match=r"no answer in 0.2 seconds"):
        call(server.url("tei", "/rerank", "drip")).pair_scores(pairs(TEXTS))


def test_an_answer_that_unpacks_without_an_end_is_not_held(server: Server, call: Callable[[str], Caller]) -> None:
    with pytest.raises(Problem, match="an answer of more than 64 MB, as no scoring server does"):
        call(server.url("tei", "/rerank", "bomb")).pair_scores(pairs(TEXTS))


def test_nobody_there(naps: list[float]) -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{unused.getsockname()[1]}/rerank"
        with pytest.raises(Problem, match=f"nothing answers at {url.removesuffix('/rerank')}: start the server"):
            weights.resolve(url)
        spelled_out = served.find(url.replace("/rerank", "/v1/rerank#m"))
        with pytest.raises(Problem, match="nothing answers"):
            Caller(spelled_out, Client(spelled_out.address, sleep=naps.append)).pair_scores(pairs(TEXTS))
    assert len(naps) == 4


# --- answers that cannot be used --------------------------------------------------------------------------------------

_BAD = [
    ("short", "11 scores for 12 texts"),
    ("extra", "13 scores for 12 texts"),
    ("duplicate", "two scores for text"),
    ("range", "a score for text 12, where the texts are 0 to 11"),
    ("no-index", "a score without an index"),
    ("string", "a score that is no number .'0.5'"),
    ("boolean", "a score that is no number .True"),
    ("hollow", "no list of scores"),
    ("not-json", "an answer that is not JSON"),
    ("deep", "an answer that is not JSON"),
]


@pytest.mark.parametrize(("fault", "says"), _BAD, ids=[fault for fault, _ in _BAD])
@pytest.mark.parametrize(
    ("kind", "path"),
    [
        pytest.param("tei", "/rerank", id="tei"),
        pytest.param("infinity", "/rerank", id="infinity"),
        pytest.param("vllm", "/score", id="vllm"),
    ],
)
def test_an_answer_that_cannot_be_used_is_one_sentence(
    server: Server, call: Callable[[str], Caller], kind: str, path: str, fault: str, says: str
) -> None:
    with pytest.raises(Problem, match=says) as caught:
        call(server.url(kind, path, fault)).pair_scores(pairs(TEXTS))
    assert caught.value.message.startswith(("127.0.0.1:", "http://127.0.0.1:"))
    assert caught.value.message.count(". ") == 0


@pytest.mark.parametrize(("kind", "path"), [("tei", "/rerank"), ("infinity", "/rerank"), ("vllm", "/score")])
def test_any_order_will_do(server: Server, call: Callable[[str], Caller], kind: str, path: str) -> None:
    assert call(server.url(kind, path, "shuffled")).pair_scores(pairs(TEXTS)) == pytest.approx(LOGITS)


@pytest.mark.parametrize("fault", ["nan", "null"])
def test_a_score_that_is_not_finite_spoils_no_other(server: Server, call: Callable[[str], Caller], fault: str) -> None:
    found = call(server.url("tei", "/rerank", fault)).pair_scores(pairs(TEXTS))
    assert [math.isnan(score) for score in found] == [index == 1 for index in range(12)]
    assert found[2:] == pytest.approx(LOGITS[2:])


def test_a_list_goes_on_without_a_pair_whose_score_is_not_finite(server: Server, service: ScoringService) -> None:
    (batch,) = service.score(server.url("infinity", "/rerank", "nan"), QUERY, TEXTS[:4])
    assert (batch.indices, batch.broken) == ((0, 2, 3), (1,))
    assert batch.scores == pytest.approx([LOGITS[0], *LOGITS[2:4]])


@pytest.mark.parametrize(
    ("fault", "says"), [("ragged", "different lengths"), ("hollow", "no list"), ("short", "11 ve")]
)
def test_vectors_are_checked_too(server: Server, call: Callable[[str], Caller], fault: str, says: str) -> None:
    with pytest.raises(Problem, match=says):
        call(server.url("openai", "/v1/embeddings", fault)).role_vectors([("query", text) for text in TEXTS])


def test_a_path_that_is_not_there_says_which_are_spoken(server: Server, call: Callable[[str], Caller]) -> None:
    with pytest.raises(
        Problem, match=r"/rerank, /v1/rerank, /v2/rerank, /score, /v1/embeddings and /v1/chat/completions"
    ):
        call(server.url("nothing", "/v1/rerank", model="m")).pair_scores(pairs(TEXTS))


# --- the key ----------------------------------------------------------------------------------------------------------


@pytest.fixture
def key(server: Server, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setenv("ZSR_TUI_KEY_127_0_0_1", KEY)
    return KEY


def test_a_key_is_asked_for_by_the_name_of_its_variable(
    server: Server, call: Callable[[str], Caller], monkeypatch: pytest.MonkeyPatch
) -> None:
    url = server.url("tei", "/rerank", "key")
    with pytest.raises(Problem, match="set the environment variable ZSR_TUI_KEY_127_0_0_1 and"):
        call(url).pair_scores(pairs(TEXTS))
    monkeypatch.setenv("ZSR_TUI_KEY_127_0_0_1", "wrong")
    with pytest.raises(Problem, match="does not accept the key in ZSR_TUI_KEY_127_0_0_1") as caught:
        call(url).pair_scores(pairs(TEXTS))
    assert "wrong" not in caught.value.message + caught.value.detail
    monkeypatch.setenv(f"ZSR_TUI_KEY_127_0_0_1_{server.ports[0]}", KEY)
    assert call(url).pair_scores(pairs(TEXTS)) == pytest.approx(LOGITS)


@pytest.mark.parametrize("fault", ["echo", "always-500", "not-json", "moved", "circle", "429-day", "short"])
def test_no_failure_and_no_log_holds_the_key(
    server: Server, call: Callable[[str], Caller], key: str, fault: str, caplog: pytest.LogCaptureFixture
) -> None:
    url = server.url("tei", "/rerank", fault)
    with caplog.at_level(logging.DEBUG), pytest.raises(Problem) as caught:
        call(url).pair_scores(pairs(TEXTS))
    assert server.posted(url)[0]["key"] == f"Bearer {key}"
    logged = caplog.text + "".join(str(record.__dict__) for record in caplog.records)
    chain = caught.value.__cause__ or caught.value.__context__
    for text in (caught.value.message, caught.value.detail, logged, repr(chain)):
        assert key not in text
    assert "httpcore" in logged, "nothing was logged"


@pytest.mark.parametrize("fault", ["redirect", "moved"])
def test_neither_documents_nor_the_key_follow_a_redirect_to_another_server(
    server: Server, call: Callable[[str], Caller], key: str, fault: str
) -> None:
    url = server.url("tei", "/rerank", fault)
    with pytest.raises(Problem, match=f"has moved to http://127.0.0.1:{server.ports[1]}/tei/fine/.*: write that URL"):
        call(url).pair_scores(pairs(TEXTS))
    assert [request["key"] for request in server.posted(url)] == [f"Bearer {key}"]


def test_a_redirect_on_the_same_server_is_followed(server: Server, call: Callable[[str], Caller], key: str) -> None:
    url = server.url("tei", "/rerank", "elsewhere")
    assert call(url).pair_scores(pairs(TEXTS)) == pytest.approx(LOGITS)
    assert {request["key"] for request in server.posted(url)} == {f"Bearer {key}"}


def test_the_key_is_no_part_of_what_is_remembered(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    url = server.url("vllm", "/v1/rerank", model="m")
    without = weights.resolve(url)
    monkeypatch.setenv("ZSR_TUI_KEY_127_0_0_1", KEY)
    assert weights.resolve(url) == without


# --- what scores depend on --------------------------------------------------------------------------------------------


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
