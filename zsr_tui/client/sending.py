"""Files of this machine that a request names, sent to an engine that does not see them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar
from urllib.parse import quote

import msgspec

from zsr_tui import outside
from zsr_tui.caller import SENT
from zsr_tui.domain import Problem

if TYPE_CHECKING:
    import httpx

_PIECE = 1 << 20  # bytes
Asked = TypeVar("Asked", bound=msgspec.Struct)


async def carried(http: httpx.AsyncClient, asked: Asked) -> Asked:
    """What is asked, with the names that the engine has for the files. Raises `Problem` for one that cannot be read,
    and what httpx raises."""
    from zsr_tui.api.evaluations import ReadRunFile
    from zsr_tui.api.merging import MergeJudgments
    from zsr_tui.api.requests import EvaluateRequest

    match asked:
        case EvaluateRequest(runs=runs) if runs:
            return msgspec.structs.replace(asked, runs=tuple([await _sent(http, path) for path in runs]))
        case ReadRunFile(path=path):
            return msgspec.structs.replace(asked, path=await _sent(http, path))
        case MergeJudgments(files=files):
            named = [msgspec.structs.replace(each, path=await _sent(http, each.path)) for each in files]
            return msgspec.structs.replace(asked, files=tuple(named))
    return asked


async def _sent(http: httpx.AsyncClient, named: str) -> str:
    if named.startswith(SENT):  # before
        return named
    path = Path(named).expanduser()
    try:
        file = outside.opened(path)
    except OSError as error:
        raise Problem(f"{path} cannot be read: {error.strerror or error}.", usage=True) from error

    async def pieces() -> AsyncGenerator[bytes, None]:
        while piece := await asyncio.to_thread(file.read, _PIECE):
            yield piece

    with file:
        file.seek(0, 2)
        headers = {"content-length": str(file.tell())}
        file.seek(0)
        response = await http.post(f"/files/{quote(path.name, safe='')}", content=pieces(), headers=headers)
    if response.status_code != 200:
        from zsr_tui.client.engine import problem_of

        raise problem_of(response.content)
    return str(msgspec.json.decode(response.content, type=str))
