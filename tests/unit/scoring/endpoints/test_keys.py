"""The key of a server: for that server alone, and in no failure and no log."""

from __future__ import annotations

import logging
from collections.abc import Callable

import pytest

from zsr_tui.domain import Problem
from zsr_tui.scoring.endpoints.calling import Caller
from zsr_tui.scoring.models import weights

from .asked import LOGITS, TEXTS, pairs
from .conftest import Server
from .endpoint_server import KEY


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
