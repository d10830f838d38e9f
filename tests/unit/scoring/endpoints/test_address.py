"""What the URL of an endpoint names, and which key goes with it."""

from __future__ import annotations

import pytest

from zsr_tui.domain import Problem
from zsr_tui.scoring.endpoints import client, served
from zsr_tui.scoring.endpoints.address import parse
from zsr_tui.scoring.models import catalogue
from zsr_tui.servers import keys


@pytest.mark.parametrize(
    ("url", "base", "path", "model", "host"),
    [
        pytest.param(
            "http://localhost:8080/rerank", "http://localhost:8080", "/rerank", "", "localhost:8080", id="path"
        ),
        pytest.param("http://localhost:8080", "http://localhost:8080", "", "", "localhost:8080", id="no path"),
        pytest.param("http://localhost:8080/", "http://localhost:8080", "", "", "localhost:8080", id="slash"),
        pytest.param(
            "https://api.jina.ai/v1/rerank#m-v2", "https://api.jina.ai", "/v1/rerank", "m-v2", "api.jina.ai", id="model"
        ),
        pytest.param("https://HOST/tei/rerank/", "https://host/tei", "/rerank", "", "host", id="host in capitals"),
        pytest.param(
            "https://host/x/v1/embeddings#org/name",
            "https://host/x",
            "/v1/embeddings",
            "org/name",
            "host",
            id="model with a slash",
        ),
        pytest.param("http://host:7997/embeddings", "http://host:7997", "/embeddings", "", "host:7997", id="old path"),
        pytest.param("http://host/api", "http://host/api", "", "", "host", id="unknown path"),
        pytest.param("http://[::1]:80/score", "http://[::1]:80", "/score", "", "[::1]:80", id="IPv6"),
        pytest.param("http://host/score#a%20b", "http://host", "/score", "a b", "host", id="model with a blank"),
    ],
)
def test_what_a_url_names(url: str, base: str, path: str, model: str, host: str) -> None:
    address = parse(url)
    assert (address.base, address.path, address.model, address.host) == (base, path, model, host)


@pytest.mark.parametrize(
    "url", ["http://", "https:///rerank", "http://a:port/rerank", "http://a b/rerank", "http://[::1/x"]
)
def test_a_url_that_cannot_be_read(url: str) -> None:
    with pytest.raises(Problem, match="cannot be read") as caught:
        parse(url)
    assert caught.value.usage


@pytest.mark.parametrize(
    "url", ["https://me:hunter2@host/rerank", "https://hunter2@host/rerank", "https://host/rerank?key=hunter2"]
)
def test_a_key_in_the_url_is_refused_and_not_repeated(url: str) -> None:
    with pytest.raises(Problem, match="environment variable") as caught:
        catalogue.describe(url)
    assert "hunter2" not in caught.value.message + caught.value.detail


def test_a_key_never_travels_unencrypted_to_another_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ZSR_TUI_KEY_GPU_LAN", "secret")
    assert keys.key_of(parse("https://gpu.lan/rerank")) == "secret"
    caller = client.Client(parse("http://gpu.lan/v1/rerank#m"))
    with pytest.raises(Problem, match=r"would travel to gpu\.lan unencrypted: write https://"):
        caller.post({})
    for near in ("http://127.0.0.1:1", "http://[::1]:1", "http://localhost:1", "http://127.9.9.9"):
        assert parse(near).on_this_machine
    for far in ("http://10.0.0.1", "http://localhost.example.org", "http://127.0.0.1.example.org"):
        assert not parse(far).on_this_machine


def test_the_family_is_known_where_the_path_says_it() -> None:
    paths = {"": "", "/rerank": "endpoint", "/v1/rerank": "endpoint", "/score": "endpoint", "/embeddings": "bi-encoder"}
    for path, family in paths.items():
        assert catalogue.describe(f"http://host:1{path}").family == family


def test_what_a_url_leaves_open_is_not_made_up() -> None:
    assert served.known("http://host:1/rerank#m") is None  # TEI's, or vLLM's?
    assert served.known("http://host:1/v1/rerank") is None  # which model?
    assert served.known("http://host:1/v1/embeddings#m") is None  # whose prompts?
    endpoint = served.known("http://host:1/v1/rerank#m")
    assert endpoint is not None
    assert (endpoint.shape, endpoint.label) == ("rerank", "host:1 m")
