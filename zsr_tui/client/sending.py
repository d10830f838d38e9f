"""Files of this machine that a request names, sent to an engine that does not see them."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncGenerator
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar
from urllib.parse import quote

import msgspec

from zsr_tui import outside
from zsr_tui.caller import SENT
from zsr_tui.client.busy import WAITS, is_busy, problem_of, seconds
from zsr_tui.decoding import json_decoder
from zsr_tui.domain import Problem

if TYPE_CHECKING:
    import httpx

_PIECE = 1 << 20  # bytes
Asked = TypeVar("Asked", bound=msgspec.Struct)


async def carried(http: httpx.AsyncClient, asked: Asked) -> Asked:
    """What is asked, with the names that the engine has for the files, and a dataset's relative path as it is from
    here. Raises `Problem` for a file that cannot be read, and what httpx raises."""
    for name in ("dataset", "name") if type(asked).__name__ == "FindDataset" else ("dataset",):
        if isinstance(written := getattr(asked, name, None), str) and (here := from_here(written)) != written:
            asked = msgspec.structs.replace(asked, **{name: here})
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


def from_here(dataset: str) -> str:
    """Where it is a relative path of something that is there: whole, since the engine works in another folder."""
    base, bracket, settings = dataset.partition("(")
    whole, colon, split = base.rpartition(":")
    for path, rest in ((base, ""), (whole, f"{colon}{split}")):
        if path and path == path.strip() and not os.path.isabs(path):
            begins = path.startswith((".", "~"))
            if begins or os.path.exists(path):
                return f"{os.path.abspath(os.path.expanduser(path))}{rest}{bracket}{settings}"
    return dataset


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
        for left in reversed(range(WAITS + 1)):
            file.seek(0)
            response = await http.post(f"/files/{quote(path.name, safe='')}", content=pieces(), headers=headers)
            if not left or not is_busy(response):
                break
            await asyncio.sleep(seconds(response))
    if response.status_code != 200:
        raise problem_of(response.content)
    return json_decoder(str).decode(response.content)
