"""What is no HTTP, from anybody, over a port: answered, and no trouble to who runs the engine."""

from __future__ import annotations

import logging
import socket
from contextlib import closing

import pytest

from tests.serving import serving
from tests.waiting import DEADLINE
from zsr_tui.engine.serving import listening
from zsr_tui.engine.serving.log import TurnedAway, seldom

GET = b"GET /status HTTP/1.1\r\nHost: e\r\n"
UNFINISHED = b"POST /status HTTP/1.1\r\nHost: e\r\nTransfer-Encoding: chunked\r\n\r\n5\r\naaaaa\r\n"


def answered(at: str, sent: bytes, then: bytes = b"") -> list[bytes]:
    """What each answer begins with, of a client that reads only when it has sent all; `then` is sent after the first
    answer has begun."""
    host, _, port = at.rpartition(":")
    with closing(socket.create_connection((host, int(port)), DEADLINE)) as client:
        client.sendall(sent)
        got = b""
        if then:
            got = client.recv(65536)
            client.sendall(then)
        while piece := client.recv(65536):
            got += piece
    return [each.partition(b"\r\n")[0] for each in got.split(b"HTTP/1.1 ")[1:]]


def test_what_is_no_http_is_answered_however_much_of_it_comes(caplog: pytest.LogCaptureFixture) -> None:
    listener, at = listening.open_tcp("0", tls=False, plain=False)
    with serving(listener, lambda _: None):
        assert answered(at, GET + b"X: " + b"a" * 20_000_000) == [b"400 Bad Request"]
        assert answered(at, b"\x16\x03\x01\x02" * 1000) == [b"400 Bad Request"]
        assert answered(at, UNFINISHED, then=b"ZZZZ\r\n") == [b"401 Unauthorized"]  # nothing behind it
        assert answered(at, GET + b"Upgrade: websocket\r\nConnection: close\r\n\r\n") == [b"401 Unauthorized"]
    told = [record for record in caplog.records if record.levelno >= logging.WARNING]
    assert {record.getMessage() for record in told} == {"Invalid HTTP request received."}


def test_a_warning_of_the_server_is_logged_once_in_a_while_and_an_error_each_time() -> None:
    def record(level: int, text: str) -> logging.LogRecord:
        return logging.LogRecord("uvicorn.error", level, "", 0, text, None, None)

    passes = seldom(TurnedAway())
    warned, other, failed = record(logging.WARNING, "no HTTP"), record(logging.WARNING, "x"), record(logging.ERROR, "e")
    assert [passes(each) for each in (warned, warned, other, failed, failed)] == [True, False, True, True, True]
