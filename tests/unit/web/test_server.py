"""The server of zsr-tui web in this process: its page, who gets a tab, and that nothing of it is left."""

from __future__ import annotations

import asyncio
import os
import re
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import psutil
import pytest

aiohttp = pytest.importorskip("aiohttp", reason="the extra web is not installed")
pytest.importorskip("textual_serve", reason="the extra web is not installed")

from zsr_tui.domain import Problem  # noqa: E402
from zsr_tui.web import tab as tabs  # noqa: E402
from zsr_tui.web.server import WebServer  # noqa: E402

# What a tab's process says first, and then a screen; it ends when it is asked.
APPLICATION = """
import sys
out, read = sys.stdout.buffer, sys.stdin.buffer.read
out.write(b"__GANGLION__\\n"); out.flush()
while kind := read(1):
    text = read(int.from_bytes(read(4), "big"))
    if b"quit" in text:
        break
    out.write(b"D" + len(text).to_bytes(4, "big") + text); out.flush()
"""


@pytest.fixture
async def server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[WebServer]:
    async def process(self: tabs.Tab, width: int = 80, height: int = 24) -> Any:
        self._process = await asyncio.create_subprocess_exec(
            sys.executable, "-c", APPLICATION, stdin=-1, stdout=-1, stderr=-1
        )
        self._stdin = self._process.stdin
        return self._process

    monkeypatch.setattr(tabs.Tab, "_open_app_process", process)
    monkeypatch.setattr("zsr_tui.web.server.HEARTBEAT", None)  # a test that waits for one tab does not answer another's
    made = WebServer(SimpleNamespace(socket=tmp_path / "engine.sock"), 0)  # type: ignore[arg-type]
    await made.start()
    yield made
    await made.close()


async def text(server: WebServer, path: str, **headers: str) -> tuple[int, str]:
    async with (
        aiohttp.ClientSession() as client,
        client.get(f"http://127.0.0.1:{server.port}{path}", headers=headers) as answer,
    ):
        assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
        return answer.status, (await answer.read()).decode(errors="replace")


async def test_the_page_and_all_that_it_asks_for_is_this_servers(server: WebServer) -> None:
    """Followed through the page, its styles, and its scripts."""
    own = "/" + server.address.split("/", 3)[3]
    to_read, read = [own], dict[str, str]()
    while to_read:
        path = to_read.pop()
        status, content = await text(server, path)
        assert status == 200, path
        read[path] = content
        if path.endswith((".css", ".html", "/")):
            links = re.findall(r"""(?:src|href)="([^"]+)"|url\("?([^")]+)"?\)|@import "([^"]+)""", content)
            for link in {next(filter(None, found)) for found in links} - {"data:,"}:
                assert not re.match(r"\w+:|//", link), link
                full = link if link.startswith("/") else f"{path.rsplit('/', 1)[0]}/{link}"
                assert full.startswith(own)
                to_read += [full] * (full not in read and full not in to_read)
    assert {path.rsplit("/", 1)[1] for path in read} >= {"", "page.css", "page.js", "textual.js", "xterm.css"}
    assert any(path.endswith(".ttf") for path in read)
    for path, content in read.items():
        if path.endswith((".js", ".css", "/")):
            code = re.sub(r"/\*.*?\*/", "", content, flags=re.S)
            assert not re.search(r"https?://(?!127\.0\.0\.1|www\.w3\.org/)", code), path


@pytest.mark.parametrize(
    ("path", "headers", "status"),
    [
        pytest.param("/{token}/", {"Host": "evil.example"}, 403, id="DNS rebinding"),
        pytest.param("/{token}/", {"Origin": "http://evil.example"}, 403, id="another site"),
        pytest.param("/{token}/ws", {}, 403, id="a tab for what is no page"),
        pytest.param("/{wrong}/", {}, 403, id="a wrong token"),
        pytest.param("/{wrong}/static/js/textual.js", {}, 403, id="a script without the token"),
        pytest.param("/", {}, 404, id="no token"),
        pytest.param("/{token}/static/js/..%2f..%2fserver.py", {}, 404, id="a file outside"),
        pytest.param("/{token}/static/images/background.png", {}, 404, id="what the page does not need"),
        pytest.param("/download/no-such-key", {}, 404, id="no such download"),
    ],
)
async def test_whoever_has_no_business_here_is_refused(
    server: WebServer, path: str, headers: dict[str, str], status: int
) -> None:
    token = server.address.split("/")[3]
    path = path.format(token=token, wrong="x" * len(token))
    async with (
        aiohttp.ClientSession() as client,
        client.get(f"http://127.0.0.1:{server.port}{path}", headers=headers) as answer,
    ):
        assert answer.status == status
        assert "frame-ancestors 'none'" in answer.headers["Content-Security-Policy"]
        assert token not in await answer.text()
    assert not server.tabs


async def test_a_tab_has_a_process_of_its_own_which_ends_with_its_connection_or_the_server(server: WebServer) -> None:
    origin = f"http://127.0.0.1:{server.port}"
    url = server.address.replace("http:", "ws:") + "ws?width=90&height=30"
    async with aiohttp.ClientSession() as client:
        with pytest.raises(aiohttp.WSServerHandshakeError):
            await client.ws_connect(url, origin="http://evil.example")
        first = await client.ws_connect(url, origin=origin)
        second = await client.ws_connect(url, origin=origin)
        for connection, typed in ((first, "one"), (second, "two")):
            await connection.send_str(f'["stdin", "{typed}"]')
            assert (await connection.receive()).data == typed.encode()
        pids = {tab.pid for tab in server.tabs}
        assert len(pids) == 2
        (mine,) = {tab.pid for tab in server.tabs if tab.pid != max(pids)}
        await first.close()
        while len(server.tabs) == 2:
            await asyncio.sleep(0)
        assert [psutil.pid_exists(pid) for pid in pids].count(True) == 1
        await server.close()
        assert (await second.receive()).type in (aiohttp.WSMsgType.CLOSE, aiohttp.WSMsgType.CLOSING)
    assert mine in pids
    assert not any(map(psutil.pid_exists, pids))


async def test_a_tab_that_is_closed_while_the_server_is_ends_once(
    server: WebServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = server.address.replace("http:", "ws:") + "ws?width=90&height=30"
    async with aiohttp.ClientSession() as client:
        connection = await client.ws_connect(url, origin=f"http://127.0.0.1:{server.port}")
        await connection.send_str('["stdin", "one"]')
        await connection.receive()
        (tab,) = server.tabs
        send, asked = tab.send_meta, []

        async def after_the_end(data: Any) -> bool:
            asked.append(data)
            if len(asked) == 1:
                return await send(data)
            while tab._task is not None:
                await asyncio.sleep(0)
            return True

        monkeypatch.setattr(tab, "send_meta", after_the_end)
        await asyncio.gather(tab.stop(), tab.stop())
        assert asked == [{"type": "quit"}]
        await connection.close()


async def test_a_port_that_is_taken_or_refused_is_one_sentence(server: WebServer) -> None:
    engine: Any = SimpleNamespace(socket=Path("engine.sock"))
    with pytest.raises(Problem, match=rf"port {server.port} of this machine is taken: choose another one with --port"):
        await WebServer(engine, server.port).start()


async def test_it_listens_on_loopback_alone(server: WebServer) -> None:
    listening = [each.laddr for each in psutil.Process(os.getpid()).net_connections() if each.status == "LISTEN"]
    assert {each.ip for each in listening if each.port == server.port} == {"127.0.0.1"}
