"""ir_datasets, imported when it is first needed and told to be quiet."""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any
from urllib.parse import urlsplit

from zsr_tui.corpora.problems import file_problem
from zsr_tui.domain import Problem
from zsr_tui.paths import ir_datasets_dir
from zsr_tui.progress import Cancelled


@cache
def ir_datasets() -> Any:
    """The module. It writes nothing to stdout or stderr: its log goes to the program's own, progress bars nowhere."""
    os.environ.setdefault("IR_DATASETS_DL_DISABLE_PBAR", "true")
    os.environ.setdefault("IR_DATASETS_SKIP_DEPRECATED_WARNING", "true")
    import ir_datasets as module

    module.log.easy().logger()  # makes the handler that writes to stderr
    logger = logging.getLogger("ir_datasets")
    logger.handlers[:] = [logging.NullHandler()]
    logger.propagate = True
    # the bar over documents is the one that no variable switches off
    module.log.Logger.pbar = lambda self, it, *args, **kwargs: iter(it)
    return module


@contextmanager
def reading(dataset: str) -> Iterator[None]:
    """Turns whatever ir_datasets raises inside into a `Problem`: it has no exceptions of its own."""
    try:
        yield
    except (Problem, Cancelled):
        raise
    except FileNotFoundError as error:
        raise Problem(
            f"{dataset} cannot be read: {error.filename or error} is missing; download it again.", detail=repr(error)
        ) from error
    except OSError as error:
        raise file_problem(error, ir_datasets_dir(), f"reading {dataset}") from error
    except Exception as error:
        raise Problem(
            f"{dataset} cannot be read: {first_line(error)}; delete its folder below {ir_datasets_dir()} and download "
            "it again.",
            detail=repr(error),
        ) from error


def explained(dataset: str, error: Exception) -> Problem:
    """What made ir_datasets fail to get the data, and what can be done."""
    import requests

    home = ir_datasets_dir()
    failed = next((cause for cause in _causes(error) if isinstance(cause, requests.RequestException)), None)
    if failed is not None:
        host = urlsplit(str(failed.request.url)).hostname if failed.request is not None else "its server"
        answer = failed.response
        what = f"no connection to {host}" if answer is None else f"{host} answers with status {answer.status_code}"
        return Problem(
            f"{dataset} cannot be downloaded: {what}; without it, copy the data from the ir_datasets folder of "
            f"another machine to {home}, or use a folder in BEIR layout, or the demo corpus.",
            detail=repr(error),
        )
    if isinstance(error, FileNotFoundError) and (text := instructions(dataset)):
        place = error.filename or first_line(error)
        return Problem(f"{dataset} needs a copy of the data that you bring: put it at {place}.", detail=text)
    if isinstance(error, ImportError):
        return Problem(f"{dataset} needs a package that is not installed: {first_line(error)}.", detail=repr(error))
    if isinstance(error, EOFError):
        place = home / "auth"
        return Problem(f"{dataset} needs a user name and a password: write them as two lines in a file in {place}.")
    if isinstance(error, OSError) and error.errno:
        return file_problem(error, home, f"downloading {dataset}")
    return Problem(f"{dataset} cannot be downloaded: {first_line(error)}.", detail=repr(error))


def downloads(dataset: str) -> dict[str, Any]:
    """What ir_datasets knows about the files of a dataset's family: urls, md5 sums, instructions."""
    entries = ir_datasets().util.DownloadConfig.contents().get(dataset.partition("/")[0], {})
    return {name: entry for name, entry in entries.items() if isinstance(entry, dict)}


def instructions(dataset: str) -> str:
    """What ir_datasets says about getting data that it may not download; "" where there is nothing of the kind."""
    return next((entry["instructions"] for entry in downloads(dataset).values() if "instructions" in entry), "")


def first_line(error: BaseException) -> str:
    lines = str(error).strip().splitlines()
    return lines[0][:300].rstrip(".") if lines else type(error).__name__


def _causes(error: Exception) -> list[Exception]:
    """ir_datasets packs the failures of several mirrors as (mirror, failure) into one RuntimeError."""
    packed = error.args[1] if isinstance(error, RuntimeError) and len(error.args) == 2 else []
    return [error, *(cause for _, cause in packed)]
