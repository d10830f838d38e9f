"""A download that goes on where it stopped, after a lost connection or a kill at any moment."""

from __future__ import annotations

import hashlib
import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from zsr_tui import outside
from zsr_tui.corpora.problems import check_space, megabytes, told
from zsr_tui.domain import Problem
from zsr_tui.files import locked
from zsr_tui.progress import CancelToken, Meter, Report

if TYPE_CHECKING:
    import httpx

_TRIES = 4  # in a row without a byte
_TIMEOUT = 20.0  # seconds without a byte, or without an answer
_HEADERS = {"Accept-Encoding": "identity"}


@dataclass(frozen=True, slots=True)
class Source:
    """What to download. `size` in bytes is what the catalogue expects; `target` is where it belongs. `instead`: what
    can be done without it, behind "or"."""

    name: str
    url: str
    md5: str
    size: int
    target: Path
    instead: str = "use a folder in BEIR layout, or the demo corpus"

    @property
    def part(self) -> Path:
        return self.target.with_name(f"{self.target.name}.part")


class _Interrupted(Exception):
    """The connection broke; what came through is in the part file."""


def fetch(source: Source, report: Report, cancel: CancelToken, *, sleep: Callable[[float], None] = time.sleep) -> None:
    """Returns when `source.target` is there, complete and with the right md5. It appears in one rename.

    Raises `Problem`: no network, a refusal of the server, a wrong md5 (the file is discarded), a full disk.
    """
    part, lock = source.part, source.part.with_name(f"{source.part.name}.lock")
    with told(part, f"downloading {source.name}"):
        with locked(lock, cancel):
            if not source.target.exists():
                _complete(source, report, cancel, sleep)
                _verify(source, report, cancel)
                part.replace(source.target)
        lock.unlink(missing_ok=True)


def _complete(source: Source, report: Report, cancel: CancelToken, sleep: Callable[[float], None]) -> None:
    import httpx

    failures = 0
    began = _size(source.part)
    with httpx.Client(timeout=_TIMEOUT, follow_redirects=True, headers=_HEADERS) as client:
        while True:
            before = _size(source.part)
            try:
                _receive(client, source, report, cancel)
                return
            except (httpx.TransportError, _Interrupted) as error:
                failures = 1 if _size(source.part) > before else failures + 1
                offline = isinstance(error, httpx.ConnectError) and _size(source.part) == began
                if offline or failures >= _TRIES:
                    raise _no_network(source, error) from error
            for _ in range(10):
                cancel.check()
                sleep(0.1 * failures)


def _receive(client: httpx.Client, source: Source, report: Report, cancel: CancelToken) -> None:
    """One request, for the bytes that are missing."""
    cancel.check()
    have = _size(source.part)
    headers = {"Range": f"bytes={have}-"} if have else {}
    with client.stream("GET", source.url, headers=headers) as response:
        if response.status_code == 416:  # nothing after what is here, or the file has become shorter
            if response.headers.get("Content-Range", "") == f"bytes */{have}":
                return
            source.part.unlink(missing_ok=True)
            raise _Interrupted("the server's file is shorter than what was downloaded before")
        if response.status_code not in (200, 206):
            answer = f"{urlsplit(source.url).hostname} answers with status {response.status_code}"
            raise _without(source, f"{answer}; try again later, or")
        if response.status_code == 200:  # the whole file: the server has no ranges, or nothing is here yet
            have = 0
        elif not response.headers.get("Content-Range", "").startswith(f"bytes {have}-"):
            source.part.unlink(missing_ok=True)
            raise _Interrupted("the server sent another range than the one asked for")
        length = response.headers.get("Content-Length")
        total = have + int(length) if length else source.size
        check_space(source.part.parent, total - have, f"download {source.name}")
        meter = Meter(report, f"Downloading {source.name}", total, "bytes", start=have)
        with source.part.open("ab" if have else "wb") as file:
            for chunk in response.iter_raw():  # as it comes: a chunk size would lose what it holds back
                cancel.check()
                file.write(chunk)
                meter.advance(len(chunk))
        if length and _size(source.part) < total:
            raise _Interrupted("the connection closed early")


def _verify(source: Source, report: Report, cancel: CancelToken) -> None:
    found = md5_of(source.part, f"Checking {source.name}", report, cancel)
    if found != source.md5:
        source.part.unlink()
        raise Problem(
            f"what {source.url} sent for {source.name} is not the published file (its md5 differs), and was "
            f"discarded: try again later, or put the right file at {source.target}.",
            detail=f"md5 {found}, expected {source.md5}",
        )


def md5_of(path: Path, task: str, report: Report, cancel: CancelToken) -> str:
    digest = hashlib.md5(usedforsecurity=False)
    meter = Meter(report, task, _size(path), "bytes")
    with outside.opened(path) as file:
        while chunk := file.read(1 << 22):
            cancel.check()
            digest.update(chunk)
            meter.advance(len(chunk))
    return digest.hexdigest()


def _size(path: Path) -> int:
    return os.path.getsize(path) if path.exists() else 0


def _no_network(source: Source, error: Exception) -> Problem:
    have = _size(source.part)
    kept = f" ({megabytes(have)} are kept, and the next try goes on from there)" if have else ""
    return _without(source, f"no connection to {urlsplit(source.url).hostname}{kept}; without a network,", repr(error))


def _without(source: Source, why: str, detail: str = "") -> Problem:
    return Problem(
        f"{source.name} cannot be downloaded: {why} put a copy of {source.url} at {source.target}, or "
        f"{source.instead}.",
        detail=detail,
    )
