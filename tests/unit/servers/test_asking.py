"""What is the same for every server: its key, how long is waited for it."""

from __future__ import annotations

import email.utils
import time

import httpx
import pytest

from zsr_tui.domain import Problem
from zsr_tui.scoring.endpoints.address import parse
from zsr_tui.servers import asking, keys
from zsr_tui.servers.receiving import Received


def test_a_key_belongs_to_one_host(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ZSR_TUI_KEY_API_JINA_AI", " jina ")
    monkeypatch.setenv("ZSR_TUI_KEY_LOCALHOST_8080", "one port")
    monkeypatch.setenv("ZSR_TUI_KEY_LOCALHOST_8081", "port-key")
    monkeypatch.setenv("ZSR_TUI_KEY_LOCALHOST", "any-port")
    assert keys.key_of(parse("https://api.jina.ai/v1/rerank")) == "jina"
    assert keys.key_of(parse("https://jina.ai/v1/rerank")) == ""
    assert keys.key_of(parse("http://localhost:8081")) == "port-key"
    assert keys.key_of(parse("http://localhost:9000")) == "any-port"
    assert keys.key_of(parse("http://localhost")) == "any-port"
    with pytest.raises(Problem, match="ZSR_TUI_KEY_LOCALHOST_8080 has characters") as caught:
        keys.key_of(parse("http://localhost:8080"))
    assert "one port" not in caught.value.message + caught.value.detail


def test_the_pause_doubles_and_is_never_longer_than_allowed() -> None:
    patience = asking.Patience(first_s=1.0, longest_s=6.0)
    for attempt, whole in enumerate([1, 2, 4, 6, 6], start=1):
        pauses = [patience.pause(attempt) for _ in range(50)]
        assert whole / 2 <= min(pauses) < max(pauses) <= whole, "no two callers should come back at the same time"


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        pytest.param("7", 7, id="seconds"),
        pytest.param("", None, id="nothing"),
        pytest.param("soon", None, id="a word"),
        pytest.param("-1", None, id="seconds ago"),
        pytest.param("{gmt}", 100, id="a date in GMT"),
        pytest.param("{plain}", 100, id="a date without a zone"),
        pytest.param("9" * 400, 1e9, id="400 digits"),
        pytest.param("Fri, 27 Nov 99999999999999999999 10:00:00 GMT", None, id="a year that no date has"),
    ],
)
def test_both_forms_of_retry_after(header: str, seconds: float | None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TZ", "Asia/Tokyo")
    time.tzset()
    at = time.time() + 100
    written = header.format(gmt=email.utils.formatdate(at, usegmt=True), plain=email.utils.formatdate(at))
    found = asking.retry_after(Received(429, httpx.Headers({"retry-after": written}), b""))
    monkeypatch.undo()
    time.tzset()
    assert found == (None if seconds is None else pytest.approx(seconds, abs=60))
    assert found is None or round(found)  # as a sentence says it
