"""Downloads from a real server on this machine: whole, cut, killed, wrong."""

from __future__ import annotations

import hashlib
import http.server
import os
import re
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.waiting import DEADLINE, wait_for
from zsr_tui.corpora import problems as errors
from zsr_tui.corpora.fetch import Source, fetch
from zsr_tui.domain import Problem
from zsr_tui.progress import Cancelled, CancelToken, Progress, ignore_progress

CONTENT = os.urandom(1 << 20) * 3


@dataclass
class Server:
    """Sends `content`. `cuts` are the numbers of bytes after which it hangs up, one for each answer, then no more."""

    url: str = ""
    content: bytes = CONTENT
    ranges: bool = True
    with_length: bool = True
    status: int = 200
    cuts: list[int] = field(default_factory=list)
    hold_at: int | None = None  # where it stops sending until `go_on`
    go_on: threading.Event = field(default_factory=threading.Event)
    asked: list[str] = field(default_factory=list)  # the Range of each request


@pytest.fixture
def server() -> Iterator[Server]:
    state = Server()

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked = self.headers.get("Range", "")
            state.asked.append(asked)
            first = int(re.sub(r"\D", "", asked)) if asked and state.ranges else 0
            if state.status != 200:
                self.send_error(state.status)
                return
            if first and first >= len(state.content):
                self.send_response(416)
                self.send_header("Content-Range", f"bytes */{len(state.content)}")
                self.end_headers()
                return
            body = state.content[first:]
            self.send_response(206 if asked and state.ranges else 200)
            if asked and state.ranges:
                last = len(state.content) - 1
                self.send_header("Content-Range", f"bytes {first}-{last}/{len(state.content)}")
            if state.with_length:
                self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            if state.cuts:
                body = body[: state.cuts.pop(0)]
            try:
                self.wfile.write(body[: state.hold_at])
                if state.hold_at is not None:
                    state.go_on.wait(DEADLINE)
                    self.wfile.write(body[state.hold_at :])
            except OSError:
                pass  # the client went away, as some tests mean it to

        def log_message(self, *_: object) -> None:
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as running:
        state.url = f"http://127.0.0.1:{running.server_port}/scifact.zip"
        thread = threading.Thread(target=running.serve_forever, args=(0.02,), daemon=True)
        thread.start()
        yield state
        state.go_on.set()
        running.shutdown()
        thread.join()


@pytest.fixture
def source(server: Server, tmp_path: Path) -> Source:
    md5 = hashlib.md5(CONTENT).hexdigest()
    return Source("beir/scifact", server.url, md5, len(CONTENT), tmp_path / "beir" / "scifact" / "source.zip")


def run(source: Source, report: Callable[[Progress], None] = ignore_progress) -> None:
    fetch(source, report, CancelToken(), sleep=lambda _: None)


def partial(source: Source, content: bytes) -> None:
    source.part.parent.mkdir(parents=True)
    source.part.write_bytes(content)


def received(source: Source) -> int:
    return source.part.stat().st_size if source.part.exists() else 0


def files(source: Source) -> list[str]:
    return sorted(path.name for path in source.target.parent.iterdir())


def test_a_whole_download(server: Server, source: Source) -> None:
    reports: list[Progress] = []
    run(source, reports.append)
    assert source.target.read_bytes() == CONTENT
    assert files(source) == ["source.zip"]
    received = [report for report in reports if report.task == "Downloading beir/scifact"]
    assert received[0].done == 0
    assert received[-1].done == received[-1].total == len(CONTENT)
    assert {report.unit for report in reports} == {"bytes"}


def test_nothing_is_asked_when_it_is_there(server: Server, source: Source) -> None:
    run(source)
    server.asked.clear()
    run(source)
    assert server.asked == []


def test_it_goes_on_where_an_earlier_run_stopped(server: Server, source: Source) -> None:
    partial(source, CONTENT[:1_000_000])
    reports: list[Progress] = []
    run(source, reports.append)
    assert server.asked == ["bytes=1000000-"]
    assert source.target.read_bytes() == CONTENT
    assert reports[0].done == 1_000_000


def test_it_goes_on_after_each_cut(server: Server, source: Source) -> None:
    server.cuts = [700_000, 1_100_000, 0, 5]
    run(source)
    assert server.asked == ["", "bytes=700000-", "bytes=1800000-", "bytes=1800000-", "bytes=1800005-"]
    assert source.target.read_bytes() == CONTENT


def test_a_server_without_ranges_starts_over(server: Server, source: Source) -> None:
    server.ranges = False
    server.cuts = [700_000]
    run(source)
    assert source.target.read_bytes() == CONTENT
    partial_again = Source("again", source.url, source.md5, source.size, source.target.parent / "2" / "source.zip")
    partial(partial_again, CONTENT[:500_000])
    run(partial_again)
    assert partial_again.target.read_bytes() == CONTENT


def test_a_server_that_does_not_say_how_long(server: Server, source: Source) -> None:
    server.with_length = False
    run(source)
    assert source.target.read_bytes() == CONTENT


def test_all_bytes_were_there_before_the_kill(server: Server, source: Source) -> None:
    partial(source, CONTENT)
    run(source)
    assert source.target.read_bytes() == CONTENT


def test_more_bytes_than_the_server_has(server: Server, source: Source) -> None:
    partial(source, CONTENT + b"more")
    run(source)
    assert source.target.read_bytes() == CONTENT


def test_a_connection_that_breaks_for_good_keeps_what_came(server: Server, source: Source) -> None:
    server.cuts = [1_500_000, 0, 0, 0, 0, 0, 0]
    with pytest.raises(Problem) as caught:
        run(source)
    assert "1.5 MB are kept, and the next try goes on from there" in caught.value.message
    assert source.part.stat().st_size == 1_500_000
    server.cuts.clear()
    run(source)
    assert source.target.read_bytes() == CONTENT


def test_the_wrong_file_is_discarded(server: Server, source: Source) -> None:
    server.content = CONTENT[::-1]
    with pytest.raises(Problem, match="is not the published file") as caught:
        run(source)
    assert source.md5 in caught.value.detail
    assert not source.part.exists()
    assert not source.target.exists()


def test_a_part_of_another_file_is_found_out_and_not_tried_again(server: Server, source: Source) -> None:
    partial(source, b"x" * 1000)
    with pytest.raises(Problem, match="was discarded"):
        run(source)
    run(source)
    assert source.target.read_bytes() == CONTENT


@pytest.mark.parametrize("status", [403, 404, 500])
def test_a_refusal_says_what_else_can_be_done(server: Server, source: Source, status: int) -> None:
    server.status = status
    with pytest.raises(Problem) as caught:
        run(source)
    message = caught.value.message
    assert f"answers with status {status}" in message
    assert f"at {source.target}" in message
    assert len(server.asked) == 1


def test_no_network_is_one_sentence_with_the_alternatives(source: Source) -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        nobody = f"http://127.0.0.1:{unused.getsockname()[1]}/scifact.zip"
        naps: list[float] = []
        with pytest.raises(Problem) as caught:
            fetch(
                Source("beir/scifact", nobody, "", 0, source.target), ignore_progress, CancelToken(), sleep=naps.append
            )
    assert sum(naps) < 2
    message = caught.value.message
    assert "no connection to 127.0.0.1" in message
    assert f"put a copy of {nobody} at {source.target}" in message
    assert "folder in BEIR layout" in message
    assert "demo corpus" in message
    assert "\n" not in message


def test_cancelled_in_the_middle_it_keeps_what_came(server: Server, source: Source) -> None:
    third = len(CONTENT) // 3
    server.hold_at = third
    cancel = CancelToken()
    with ThreadPoolExecutor() as threads:
        fetching = threads.submit(fetch, source, ignore_progress, cancel)
        wait_for(lambda: received(source) >= third - (1 << 16))  # the rest may be on its way
        cancel.cancel()
        server.go_on.set()
        with pytest.raises(Cancelled):
            fetching.result()
    assert third - (1 << 16) <= received(source) < len(CONTENT)
    server.hold_at = None
    run(source)
    assert server.asked[-1].startswith("bytes=")
    assert source.target.read_bytes() == CONTENT


def test_killed_in_the_middle_it_goes_on(server: Server, source: Source) -> None:
    server.hold_at = len(CONTENT) // 2
    code = (
        "from pathlib import Path; from zsr_tui.corpora.fetch import Source, fetch\n"
        "from zsr_tui.progress import CancelToken, ignore_progress\n"
        f"fetch(Source('x', {server.url!r}, {source.md5!r}, {source.size}, Path({str(source.target)!r})), "
        "ignore_progress, CancelToken())"
    )
    child = subprocess.Popen([sys.executable, "-c", code])
    wait_for(lambda: received(source) > 0)
    child.send_signal(signal.SIGKILL)
    child.wait()
    kept = source.part.stat().st_size
    assert 0 < kept < len(CONTENT)
    server.hold_at = None
    run(source)
    assert server.asked[-1] == f"bytes={kept}-"
    assert source.target.read_bytes() == CONTENT


def test_two_at_once_download_once(server: Server, source: Source) -> None:
    server.hold_at = len(CONTENT) // 2
    with ThreadPoolExecutor() as threads:
        first = threads.submit(run, source)
        wait_for(lambda: received(source) > 0)
        others = [threads.submit(run, source) for _ in range(2)]
        server.go_on.set()
        for each in (first, *others):
            each.result()
    assert server.asked == [""]
    assert source.target.read_bytes() == CONTENT


def test_too_little_space_is_found_before_anything_is_written(
    server: Server, source: Source, monkeypatch: pytest.MonkeyPatch
) -> None:
    usage = type("usage", (), {"free": 2_000_000})
    monkeypatch.setattr(errors.shutil, "disk_usage", lambda _: usage)
    with pytest.raises(Problem, match=r"too full to download beir/scifact: 3\.1 MB are needed and 2\.0 MB are free"):
        run(source)
    assert not source.part.exists()


def test_a_disk_that_fills_keeps_what_was_written(server: Server, source: Source) -> None:
    """/dev/full refuses every byte as a full disk does."""
    source.part.parent.mkdir(parents=True)
    source.part.symlink_to("/dev/full")
    with pytest.raises(Problem, match="the disk is full while downloading beir/scifact"):
        run(source)


def test_a_folder_that_cannot_be_written(tmp_path: Path, source: Source) -> None:
    (tmp_path / "beir").write_text("a file where a folder belongs")
    with pytest.raises(Problem, match="while downloading beir/scifact"):
        run(source)
