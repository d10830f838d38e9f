"""Who the server of zsr-tui web answers."""

from __future__ import annotations

import pytest

from zsr_tui.web.guard import headers, knows, refusal

OWN = "http://127.0.0.1:8000"


@pytest.mark.parametrize(
    ("named", "page", "tab"),
    [
        pytest.param({"Host": "127.0.0.1:8000"}, True, False, id="a page of its own, and no page at all"),
        pytest.param({"Host": "127.0.0.1:8000", "Origin": OWN}, True, True, id="its own page"),
        pytest.param({"Host": "localhost:8000", "Origin": "http://localhost:8000"}, True, True, id="its other name"),
        pytest.param({"Host": "evil.example:8000", "Origin": OWN}, False, False, id="DNS rebinding"),
        pytest.param({"Host": "127.0.0.1:8000.evil.example", "Origin": OWN}, False, False, id="a host that begins so"),
        pytest.param({"Host": "127.0.0.1:9000", "Origin": OWN}, False, False, id="another port"),
        pytest.param({"Host": "127.0.0.1", "Origin": OWN}, False, False, id="no port"),
        pytest.param({}, False, False, id="no host"),
        pytest.param({"Host": "127.0.0.1:8000", "Origin": "http://evil.example"}, False, False, id="another site"),
        pytest.param({"Host": "127.0.0.1:8000", "Origin": "null"}, False, False, id="a file"),
        pytest.param({"Host": "127.0.0.1:8000", "Origin": "https://127.0.0.1:8000"}, False, False, id="another scheme"),
    ],
)
def test_only_pages_of_its_own_are_answered(named: dict[str, str], page: bool, tab: bool) -> None:
    assert (refusal(named, 8000, must_name_origin=False) == "") is page
    assert (refusal(named, 8000, must_name_origin=True) == "") is tab


def test_a_token_is_known_as_a_whole() -> None:
    assert knows("abc", "abc")
    assert not any(knows("abc", said) for said in ("", "ab", "abcd", "ABC", "abé"))


def test_the_page_may_load_from_and_speak_to_this_server_alone() -> None:
    policy = dict(part.split(" ", 1) for part in headers(8000)["Content-Security-Policy"].split("; "))
    assert policy["default-src"] == "'none'"
    assert policy["connect-src"] == "'self' ws://127.0.0.1:8000 ws://localhost:8000"
    assert not any("http:" in whom or "*" in whom for whom in policy.values())
