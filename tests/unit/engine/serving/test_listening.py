"""Where a shared engine listens, over TLS and to whom, and how it ends."""

from __future__ import annotations

import asyncio
import os
import signal
import stat
import subprocess
import tempfile
import threading
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route as Path_

from tests.serving import serving
from tests.waiting import DEADLINE
from zsr_tui import caller, paths
from zsr_tui.api.questions import ReadHealth
from zsr_tui.caller import Bounds, Caller
from zsr_tui.client.attached import RemoteProcess
from zsr_tui.client.engine import Engine
from zsr_tui.client.route import Route
from zsr_tui.domain import Problem
from zsr_tui.engine.serving import listening, server
from zsr_tui.engine.serving.door import by_user
from zsr_tui.engine.serving.server import Tls


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("ZSR_TUI_HOME", str(tmp_path / "home"))
    with tempfile.TemporaryDirectory(prefix="run-", dir="/tmp") as place:  # the path of a socket is short
        monkeypatch.setenv("XDG_RUNTIME_DIR", place)
        yield


def anybody(_: Any) -> Caller:
    return Caller("anna", None, Bounds())


def certificate(folder: Path) -> Tls:
    found = Tls(folder / "cert.pem", folder / "key.pem")
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
         "-days", "2", "-subj", "/CN=engine", "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", found.key,
         "-out", found.certificate],
        check=True, capture_output=True,
    )  # fmt: skip
    return found


async def test_over_tls_a_client_that_trusts_the_authority_is_answered_and_no_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tls = certificate(tmp_path)
    listening.check_tls(tls.certificate, tls.key)
    listener, at = listening.open_tcp("0", tls=True, plain=False)
    assert at.startswith("127.0.0.1:")
    with serving(listener, anybody, tls=tls):
        stranger = Engine(RemoteProcess(f"https://{at}", "t"))
        with pytest.raises(Problem, match=r"does not trust the certificate of https://127\.0\.0\.1.*SSL_CERT_FILE"):
            await stranger.call(ReadHealth())
        monkeypatch.setattr("zsr_tui.client.attached.FIRST_LIMIT", 0.0)
        told: list[str] = []
        with pytest.raises(Problem, match=rf"listens at {at} breaks off instead of answering: write https:// in place"):
            await RemoteProcess(f"http://{at}", "t", told.append).start()
        assert not told  # nothing is waited for
        monkeypatch.setenv("SSL_CERT_FILE", str(tls.certificate))
        engine = Engine(RemoteProcess(f"https://{at}", "t"))
        assert (await engine.call(ReadHealth())).pid == os.getpid()
        await engine.close()


@pytest.mark.parametrize(
    ("given", "why"),
    [
        (("cert.pem", None), "give --tls-cert and --tls-key"),
        (("cert.pem", "none.pem"), "there is no file"),
        (("cert.pem", "other.pem"), "cannot be used for TLS"),
    ],
    ids=["no key", "a key that is not there", "another certificate's key"],
)
def test_a_certificate_that_cannot_be_used_is_one_sentence(
    given: tuple[str, str | None], why: str, tmp_path: Path
) -> None:
    certificate(tmp_path).key.rename(tmp_path / "other.pem")
    certificate(tmp_path)
    with pytest.raises(Problem, match=why):
        listening.check_tls(tmp_path / given[0], tmp_path / given[1] if given[1] else None)


def test_a_port_is_loopbacks_unless_it_is_said_and_others_get_no_tokens_in_the_clear() -> None:
    listener, at = listening.open_tcp("0", tls=False, plain=False)
    with listener:
        assert at.startswith("127.0.0.1:")
        with pytest.raises(Problem, match="is taken"):
            listening.open_tcp(at, tls=False, plain=False)
    with pytest.raises(Problem, match="for everybody to read: give --tls-cert"):
        listening.open_tcp("0.0.0.0:0", tls=False, plain=False)
    for tls, plain in ((True, False), (False, True)):
        listening.open_tcp("0.0.0.0:0", tls=tls, plain=plain)[0].close()
    for written in ("", "here", "127.0.0.1:", "127.0.0.1:70000", "1:2:x"):
        with pytest.raises(Problem, match=r"no place to listen at|no address of this machine"):
            listening.open_tcp(written, tls=False, plain=False)


async def test_a_socket_is_for_its_user_and_the_system_says_who_asks(tmp_path: Path) -> None:
    listener, place = listening.open_unix(None, 0o600)
    assert place == paths.shared_socket()
    assert stat.S_IMODE(place.stat().st_mode) == 0o600
    assert stat.S_IMODE(place.parent.stat().st_mode) == 0o700
    seen: list[caller.Caller | None] = []

    def door(scope: Any) -> Caller | None:
        seen.append(by_user(Bounds())(scope))
        return seen[-1]

    with serving(listener, door):
        async with Route(place).http() as http:
            assert (await http.get("/health")).status_code == 200
        with pytest.raises(Problem, match=r"listens at .* already"):
            listening.open_unix(None, 0o600)
    assert seen[0] is not None
    assert (seen[0].home, seen[0].bounds) == (None, None)  # the engine's own user
    again, _ = listening.open_unix(None, 0o660)  # what is left of one that was killed is replaced
    again.close()
    assert stat.S_IMODE(place.stat().st_mode) == 0o660
    (tmp_path / "file").touch()
    with pytest.raises(Problem, match="is no socket"):
        listening.open_unix(tmp_path / "file", 0o600)
    with pytest.raises(Problem, match="too long"):
        listening.open_unix(tmp_path / ("x" * 120), 0o600)
    place.parent.chmod(0o755)
    with pytest.raises(Problem, match="that you alone can enter: chmod 700"):
        listening.open_unix(None, 0o600)


def test_told_to_end_it_finishes_what_is_under_way_and_takes_nothing_new(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    began, go = threading.Event(), threading.Event()

    async def lasting() -> AsyncIterator[bytes]:
        """An evaluation that does not end before the engine does."""
        yield b"begun"
        await asyncio.Event().wait()

    async def evaluate(_: Request) -> Response:
        return StreamingResponse(lasting())

    def slow(_: Request) -> Response:
        began.set()
        go.wait()
        return JSONResponse(caller.current().name)

    monkeypatch.setattr(
        server, "create_app", lambda _: Starlette(routes=[Path_("/slow", slow), Path_("/evaluate", evaluate)])
    )
    listener, at = listening.open_tcp("0", tls=False, plain=False)
    got: list[httpx.Response] = []
    with serving(listener, anybody, drain_s=int(DEADLINE)) as running:
        asking = threading.Thread(target=lambda: got.append(httpx.get(f"http://{at}/slow", timeout=DEADLINE)))
        asking.start()
        began.wait()
        http = httpx.Client(timeout=DEADLINE)
        evaluation = http.send(http.build_request("GET", f"http://{at}/evaluate"), stream=True)
        running.handle_exit(signal.SIGTERM, None)
        with pytest.raises(httpx.RemoteProtocolError, match="without sending complete message body"):
            evaluation.read()
        assert httpx.get(f"http://{at}/healthz", timeout=DEADLINE).json() == {"status": "stopping"}
        assert httpx.get(f"http://{at}/slow", timeout=DEADLINE).headers["retry-after"] == "1"
        assert not got
        go.set()
    asking.join()
    http.close()
    assert not [record for record in caplog.records if record.levelname == "ERROR"]
    assert (got[0].status_code, got[0].json()) == (200, "anna")
