"""A server in trouble: what passes is waited for, what cannot be used is one sentence."""

from __future__ import annotations

import math
import socket
from collections.abc import Callable

import pytest

from zsr_tui.domain import Problem
from zsr_tui.scoring import ScoringService
from zsr_tui.scoring.endpoints import served
from zsr_tui.scoring.endpoints.calling import Caller
from zsr_tui.scoring.endpoints.client import Client
from zsr_tui.scoring.models import weights

from .asked import LOGITS, QUERY, TEXTS, pairs
from .conftest import Server


def test_failures_that_pass_are_waited_for(server: Server, call: Callable[[str], Caller], naps: list[float]) -> None:
    url = server.url("tei", "/rerank", "500")
    assert call(url).pair_scores(pairs(TEXTS)) == pytest.approx(LOGITS)
    assert len(server.posted(url)) == 3
    assert 0.25 <= naps[0] <= 0.5 <= naps[1] <= 1.0


def test_retry_after_is_honoured(server: Server, call: Callable[[str], Caller], naps: list[float]) -> None:
    assert call(server.url("tei", "/rerank", "429")).pair_scores(pairs(TEXTS)) == pytest.approx(LOGITS)
    assert naps == [3.0]


def test_a_wait_of_a_day_is_refused_at_once(server: Server, call: Callable[[str], Caller], naps: list[float]) -> None:
    with pytest.raises(Problem, match="wait 86,400 seconds"):
        call(server.url("tei", "/rerank", "429-day")).pair_scores(pairs(TEXTS))
    assert naps == []


def test_retries_end(server: Server, call: Callable[[str], Caller], naps: list[float]) -> None:
    url = server.url("tei", "/rerank", "always-500")
    with pytest.raises(Problem, match=r"failed \(status 500\): look at its log"):
        call(url).pair_scores(pairs(TEXTS))
    assert len(server.posted(url)) == 10, "the texts five times, and then a word, which shows that it is not the texts"
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


@pytest.mark.parametrize("fault", [pytest.param("nan", id="NaN"), "null", pytest.param("NaN", id="NaN in quotes")])
def test_a_score_that_is_not_finite_spoils_no_other(server: Server, call: Callable[[str], Caller], fault: str) -> None:
    found = call(server.url("tei", "/rerank", fault)).pair_scores(pairs(TEXTS))
    assert [math.isnan(score) for score in found] == [index == 1 for index in range(12)]
    assert found[2:] == pytest.approx(LOGITS[2:])


def test_a_list_goes_on_without_a_pair_whose_score_is_not_finite(server: Server, service: ScoringService) -> None:
    (batch,) = service.score(server.url("infinity", "/rerank", "nan"), QUERY, TEXTS[:4])
    assert (batch.indices, batch.broken) == ((0, 2, 3), (1,))
    assert batch.scores == pytest.approx([LOGITS[0], *LOGITS[2:4]])


@pytest.mark.parametrize(
    ("fault", "says"), [("ragged", "changed the length"), ("hollow", "no list"), ("short", "11 ve")]
)
def test_vectors_are_checked_too(server: Server, call: Callable[[str], Caller], fault: str, says: str) -> None:
    with pytest.raises(Problem, match=says):
        call(server.url("openai", "/v1/embeddings", fault)).role_vectors([("query", text) for text in TEXTS])


def test_a_path_that_is_not_there_says_which_are_spoken(server: Server, call: Callable[[str], Caller]) -> None:
    with pytest.raises(
        Problem, match=r"/rerank, /v1/rerank, /v2/rerank, /score, /v1/embeddings and /v1/chat/completions"
    ):
        call(server.url("nothing", "/v1/rerank", model="m")).pair_scores(pairs(TEXTS))
