"""zsr-tui evaluate --run-dir: run files for other programs, a folder for each member of a dataset with several."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from zsr_tui import paths
from zsr_tui.api.evaluations import ReadRuns
from zsr_tui.client.protocol import EngineApi
from zsr_tui.client.targets import AlreadyThere, unwritable
from zsr_tui.domain import Problem
from zsr_tui.files import Unfinished


def check_folder(folder: Path) -> None:
    """Raises `Problem` where files of such a folder would be written over: before anything long begins."""
    for there in (*folder.glob("*.run"), *folder.glob("*/*.run"), *folder.glob("provenance.json")):
        raise AlreadyThere(there)


async def save_runs(engine: EngineApi, evaluation: str, folder: Path, *, replace: bool = False) -> list[Path]:
    """A run file for each system, and how to repeat them; all of them whole, or none. Raises `Problem`; without
    `replace` what is there stays: `AlreadyThere`."""
    unfinished: dict[str, Unfinished] = {}
    offset: int | None = 0
    try:
        while offset is not None:
            page = await engine.call(ReadRuns(id=evaluation, offset=offset))
            for part in page.parts:
                if part.name not in unfinished:
                    if not replace and (folder / part.name).exists():
                        raise AlreadyThere(folder / part.name)
                    unfinished[part.name] = _begun(folder / part.name)
                with _writing(folder / part.name):
                    unfinished[part.name].file.write(part.text.encode())
            offset = page.next
        for each in unfinished.values():
            with _writing(each.path):
                each.finish()
        return [each.path for each in unfinished.values()]
    finally:
        for each in unfinished.values():
            each.discard()


def _begun(path: Path) -> Unfinished:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        return Unfinished(path, noted_in=paths.unfinished_dir())
    except OSError as error:
        raise Problem(
            f"cannot write run files to {path.parent}: {error.strerror or error}; choose another --run-dir.",
            usage=True,
        ) from error


@contextmanager
def _writing(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise unwritable(path, error) from error
