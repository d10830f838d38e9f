"""Where a file of somebody else's would have documents sent."""

from __future__ import annotations

import pytest

from zsr_tui.sessions.servers import host_of


@pytest.mark.parametrize(
    ("notation", "host"),
    [
        ("bm25 >> http://far.example/rerank", "far.example"),
        ('bm25 >> " HTTPS://somebody:word@far.example/rerank"', "far.example"),  # as scoring reads it
        ("bm25 >> org/http", ""),
        ("no system (", ""),
    ],
    ids=["a server", "a server, written oddly", "a model", "no system"],
)
def test_a_system_that_a_server_runs_is_known_however_it_is_written(notation: str, host: str) -> None:
    assert host_of(notation) == host
