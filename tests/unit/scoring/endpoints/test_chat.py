"""A server of text generation, against a real server process that speaks OpenAI's interface."""

from __future__ import annotations

import pytest

from zsr_tui.api.questions import WriteVariant
from zsr_tui.domain import Problem
from zsr_tui.engine.variants.generation import ADDRESS, MODEL, configured, write_variant
from zsr_tui.engine.variants.generation import KEY as KEY_VARIABLE
from zsr_tui.scoring.endpoints.chat import Chat

from .conftest import Server
from .endpoint_server import KEY, MODELS

QUERY = "does statin therapy help"


def test_the_answer_is_one_line_without_thoughts_and_controls(server: Server) -> None:
    url = server.url("vllm", "/v1")
    chat = Chat(url)
    assert chat.answer("Write it anew.", QUERY) == f"in other words: {QUERY}[31m"
    (asked,) = server.posted(url)
    assert asked["path"] == "/v1/chat/completions"
    assert asked["body"]["model"] == MODELS["vllm"]  # the only one that it lists
    assert [message["role"] for message in asked["body"]["messages"]] == ["system", "user"]
    assert asked["key"] == ""
    chat.close()


def test_thoughts_that_do_not_end_stay(server: Server) -> None:
    """However often they begin: to look for the end of each would take hours, while nothing else goes on."""
    chat = Chat(server.url("nobody", "/v1", fault="endless"), "tiny")
    assert chat.said("Write it anew.", QUERY).text == "said</think> " + "<think>" * 400_000
    chat.close()


@pytest.mark.parametrize("written", ["/v1", "/v1/", "/v1/chat/completions", "/v1#tiny"])
def test_an_address_with_or_without_its_path_is_the_same_server(server: Server, written: str) -> None:
    url = server.url("nobody", written)
    chat = Chat(url, "" if "#" in written else "tiny")
    assert chat.answer("Write it anew.", QUERY).endswith(f"{QUERY}[31m")
    (asked,) = server.posted(url)
    assert (asked["path"], asked["body"]["model"]) == ("/v1/chat/completions", "tiny")
    chat.close()


def test_the_key_is_that_of_the_named_variable_and_never_told(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    url = server.url("nobody", "/v1", fault="key")
    with pytest.raises(Problem, match="set the environment variable MY_KEY and restart"):
        Chat(url, "tiny", "MY_KEY").answer("Write it anew.", QUERY)
    monkeypatch.setenv("MY_KEY", "wrong-key-123")
    with pytest.raises(Problem, match="does not accept the key in MY_KEY") as refused:
        Chat(url, "tiny", "MY_KEY").answer("Write it anew.", QUERY)
    assert "wrong-key-123" not in f"{refused.value.message} {refused.value.detail}"
    monkeypatch.setenv("MY_KEY", KEY)
    assert QUERY in Chat(url, "tiny", "MY_KEY").answer("Write it anew.", QUERY)


@pytest.mark.parametrize(
    ("server_kind", "fault", "sentence"),
    [
        ("nobody", "hollow", "answered with no text"),
        ("nobody", "no-text", "answered with no text"),
        ("nobody", "not-json", "not JSON"),
        ("nobody", "429-day", "takes no more requests for now .* 86,400 seconds"),
        ("nothing", "fine", "the paths that are spoken are /chat/completions"),
        ("vllm", "several", "lists several models .*name one as model in .generation."),
        ("nobody", "lists nothing", "lists no model"),
    ],
    ids=["no choices", "no text", "no JSON", "too many requests", "unknown path", "several models", "no model"],
)
def test_what_goes_wrong_is_one_sentence(server: Server, server_kind: str, fault: str, sentence: str) -> None:
    chat = Chat(
        server.url(server_kind, "/v1", fault="fine" if fault == "lists nothing" else fault),
        "" if fault in ("several", "lists nothing") else "tiny",
    )
    with pytest.raises(Problem, match=sentence):
        chat.answer("Write it anew.", QUERY)
    chat.close()


def test_nothing_but_thoughts_is_an_empty_answer(server: Server) -> None:
    assert Chat(server.url("nobody", "/v1", fault="blank"), "tiny").answer("Write it anew.", QUERY) == ""


def test_the_engine_asks_the_server_that_the_settings_name(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    url = server.url("nobody", "/v1", fault="key")
    for variable, value in ((ADDRESS, url), (MODEL, "tiny"), (KEY_VARIABLE, "MY_KEY"), ("MY_KEY", KEY)):
        monkeypatch.setenv(variable, value)
    assert configured() == f"127.0.0.1:{server.ports[0]} tiny"
    assert server.asked(url) == []  # nothing is sent before the user asks
    found = write_variant(WriteVariant(query=QUERY, kind="hypothetical answer"))
    assert (found.kind, found.term, found.text) == ("hypothetical answer", "", f"in other words: {QUERY}[31m")
    (asked,) = server.posted(url)
    assert "answers the search query" in asked["body"]["messages"][0]["content"]
    monkeypatch.setenv(ADDRESS, server.url("nobody", "/v1", fault="blank"))
    with pytest.raises(Problem, match="answered with nothing"):
        write_variant(WriteVariant(query=QUERY, kind="paraphrase"))
