"""Files that a caller has sent, since the engine does not see theirs: run files, and judgments to be merged.

    POST /files/<name>   the file as the body; answers with what a request names it by

Each lies in a folder named by its digest, below the caller's own. Of all that one has sent, so much stays as MOST says,
the latest; a run file is needed again where an evaluation goes on.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route

from zsr_tui import caller, machine
from zsr_tui.caller import SENT
from zsr_tui.domain import Problem
from zsr_tui.engine.answers import CLOSED, as_json, refused
from zsr_tui.engine.bodies import Refused
from zsr_tui.files import PRIVATE, problem_of

LARGEST = 1 << 30  # bytes of a file
MOST = 4 << 30  # bytes of all files of a caller
_LONGEST_NAME = 200  # bytes
T = TypeVar("T")


def routes() -> list[Route]:
    return [Route("/files/{name}", _take, methods=["POST"])]


def opened(named: str, read: Callable[[Path], T]) -> T:
    """What `read` makes of the file that a request names. Raises what it raises, and `NotPermitted`."""
    path = caller.file(named)
    try:
        return read(path)
    except Problem as problem:
        if named.startswith(SENT):  # where it lies here is of no use to who has sent it
            problem.message = problem.message.replace(str(path), path.name)
        raise


def shown(named: str, path: Path) -> str:
    """The file as an evaluation keeps it: it can be named so again."""
    return named if named.startswith(SENT) else str(path)


async def _take(request: Request) -> Response:
    try:
        return as_json(await _taken(request, request.path_params["name"]))
    except ClientDisconnect:
        return Response(status_code=CLOSED)
    except Problem as problem:
        return refused(problem)
    except OSError as error:
        return refused(problem_of(error))


async def _taken(request: Request, name: str) -> str:
    if not name or name.startswith(".") or name != Path(name).name or len(os.fsencode(name)) > _LONGEST_NAME:
        raise Problem("a file is sent under a name of at most 200 bytes, without a folder.", usage=True)
    if not machine.names_a_file(name):
        raise Problem(f"no file can be named {name!r} on the engine's machine: give yours another name.", usage=True)
    _check_size(int(said) if (said := request.headers.get("content-length", "")).isdecimal() else 0)
    folder = caller.home() / "sent"
    await run_in_threadpool(folder.mkdir, 0o700, True, True)
    part, digest, size = folder / f".{uuid.uuid4().hex}.part", hashlib.sha256(), 0
    try:
        with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, PRIVATE), "wb") as file:
            async for chunk in request.stream():
                size += len(chunk)
                _check_size(size)
                digest.update(chunk)
                await run_in_threadpool(file.write, chunk)
        named = digest.hexdigest()
        await run_in_threadpool(_keep, part, folder / named / name)
    finally:
        part.unlink(missing_ok=True)
    return f"{SENT}{named}/{name}"


def _check_size(size: int) -> None:
    if size > LARGEST:
        raise Refused(f"the file is larger than {LARGEST >> 30} GiB: send a part of it.", 413)


def _keep(part: Path, place: Path) -> None:
    place.parent.mkdir(mode=0o700, exist_ok=True)
    part.replace(place)
    os.utime(place.parent)
    by_age = sorted((each for each in place.parent.parent.iterdir() if each.is_dir()), key=_when, reverse=True)
    total = 0
    for folder in by_age:
        total += sum(each.stat().st_size for each in folder.iterdir())
        if total > MOST and folder != place.parent:
            shutil.rmtree(folder, ignore_errors=True)


def _when(folder: Path) -> float:
    return folder.stat().st_mtime
