"""What a server is sent: how much at a time, how many requests at once, and in which order answers may come."""

from __future__ import annotations

import math
from collections.abc import Callable
from itertools import count

import pytest

from tests.waiting import wait_for
from zsr_tui.domain import Problem
from zsr_tui.progress import Cancelled, CancelToken
from zsr_tui.scoring import ScoringService
from zsr_tui.scoring.endpoints.calling import Caller
from zsr_tui.scoring.queue.jobs import CHANGE

from .asked import LOGITS, MANY, MANY_LOGITS, QUERY, SENT, TEXTS, at_once, pairs
from .conftest import Server
from .endpoint_server import BATCH, relevance, vector


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


@pytest.mark.parametrize("fault", ["fails-500", "fails-502", "fails-424", "one-less", "one-more"])
@pytest.mark.parametrize("place", [0, len(TEXTS)], ids=["first", "last"])
def test_an_input_that_a_server_cannot_do_with_costs_its_own_score_alone(
    server: Server, call: Callable[[str], Caller], naps: list[float], fault: str, place: int
) -> None:
    url = server.url("vllm", "/v1/rerank", fault)
    caller = call(url)
    scores = caller.pair_scores(pairs([*TEXTS[:place], "poison", *TEXTS[place:]]))
    assert math.isnan(scores.pop(place))
    assert scores == pytest.approx(LOGITS)
    assert caller.largest_batch is None
    assert sum(naps) < 10, "what fails is waited for once, and not at every half"


@pytest.mark.parametrize("fault", ["vector-null", "vector-nan", "vector-short", "vector-string", "fails-500"])
def test_a_text_whose_vector_cannot_be_used_has_that_of_its_beginning(
    server: Server, call: Callable[[str], Caller], fault: str
) -> None:
    caller = call(server.url("openai", "/v1/embeddings", fault))
    assert caller.role_vectors([("document", "a")]).tolist() == [vector("a")]
    found = caller.role_vectors([("document", text) for text in [*TEXTS, "people live in poison"]]).tolist()
    assert found == [vector(text) for text in [*SENT, "people liv"]]
    assert caller.role_vectors([("query", "people live in poison")]).tolist() == [vector("people liv")]


@pytest.mark.usefixtures("patient")
def test_a_server_that_goes_down_is_said_to_and_refuses_no_input(server: Server, call: Callable[[str], Caller]) -> None:
    with pytest.raises(Problem, match=r"failed \(status 503\): look at its log"):
        call(server.url("tei", "/rerank", "dies")).pair_scores(pairs(MANY[:96]))


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
    url = server.url("infinity", "/rerank", "429-on+4")
    texts = [*MANY[:40], "poison", *MANY[41:]]
    caller = call(url)
    with pytest.raises(Problem, match=r"takes no more requests for now \(status 429\)"):
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
    wait_for(lambda: not any(worker.load for worker in service.fleet.workers), told=CHANGE)
    assert len(server.posted(url)) < 16


def test_vectors_that_change_their_length_later_are_named(server: Server, service: ScoringService) -> None:
    url = server.url("openai", "/v1/embeddings", "longer")
    with pytest.raises(Problem, match="gives vectors of 5 numbers, and gave 4 before: it serves another model now"):
        service.encoder(url).encode_documents(["a", "b"])
