"""Datasets of the Hugging Face hub, read row by row as they come; and folders that are one. Only files of data are
read, and of those only the dataset's own: what `datasets` would have to run is refused, and so is a dataset that names
files of this machine or of other servers."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator
from functools import cache
from types import ModuleType
from typing import Any

from zsr_tui import extras, machine
from zsr_tui.corpora.formats.rows import HUB, Options, Row, Seen
from zsr_tui.domain import Problem

_NAME = re.compile(r"[\w.-]+/[\w.-]+")  # one word alone is also what `datasets` calls its readers: csv, text
_LONGEST = 300  # characters of what a library says
_OF_DATA = frozenset({"parquet", "json", "csv", "arrow", "text"})  # of the builders that come with `datasets`


def rows(source: str, options: Options, seen: Seen) -> Iterator[Row]:
    """`source` is hf:organisation/name, or hf:/folder. Raises `Problem`: no network, no such dataset, one with several
    configurations or splits where none is named."""
    name = source.removeprefix(HUB)
    stream = _stream(name, options)
    for number, fields in enumerate(stream, 1):
        if number % 256 == 0:
            seen(number)
        kept = {key: value for key, value in fields.items() if not isinstance(value, bytes)}
        yield Row(f"{source}, row {number}", kept)


class _Foreign(Exception):
    """A dataset names files that are not its own."""


@cache
def _keep_to_the_dataset(files: ModuleType) -> None:
    """Before `datasets` looks for any file that a dataset's own description names, here or on a server."""
    resolve: Callable[..., list[str]] = files.resolve_pattern

    def own(pattern: str, base_path: str, *args: Any, **named: Any) -> list[str]:
        below = pattern.removeprefix(f"{base_path.rstrip('/')}/")
        if not files.is_relative_path(below) or ".." in re.split(r"[/\\\\]", below):
            raise _Foreign(pattern)
        return resolve(pattern, base_path, *args, **named)

    files.resolve_pattern = own  # type: ignore[attr-defined]


def _stream(name: str, options: Options) -> Any:
    folder = machine.begins_as_path(name)
    if not (os.path.isdir(name) if folder else _NAME.fullmatch(name)):
        raise Problem(f"{HUB}{name} is no name of the hub: write {HUB}organisation/name.", usage=True)
    os.environ.setdefault("HF_DATASETS_DISABLE_PROGRESS_BARS", "1")
    try:
        import datasets
        from datasets import data_files
    except ImportError as error:
        raise Problem(f"datasets of the hub need the Python package datasets: {extras.get('datasets')}.") from error
    aside = not folder and os.path.exists(name)  # where this process happens to run: no dataset of the hub
    try:
        _keep_to_the_dataset(data_files)
        builder = datasets.load_dataset_builder(f"hf://datasets/{name}" if aside else name, options.config or None)
        if type(builder).__module__.split(".")[-1] not in _OF_DATA:
            raise Problem(
                f"{HUB}{name} is no plain data (Parquet, JSON, CSV, Arrow, text): export it as Parquet and open that.",
                usage=True,
            )
        found = builder.as_streaming_dataset()
    except Problem:
        raise
    except _Foreign as error:
        raise Problem(
            f"{HUB}{name} names files that are not its own ({_line(error)}): it is read from its own files alone.",
            usage=True,
        ) from error
    except ValueError as error:  # several configurations; a split that is none; a name that is none
        raise Problem(f"{HUB}{name} cannot be opened: {_line(error)}.", detail=repr(error), usage=True) from error
    except Exception as error:  # `datasets` lets through whatever its readers and the network raise
        raise Problem(
            f"{HUB}{name} cannot be read: {_line(error)}; without a network, download it elsewhere and open its "
            "Parquet files.",
            detail=repr(error),
        ) from error
    splits = list(found)
    if options.split and options.split not in splits:
        raise Problem(f"{HUB}{name} has no split {options.split!r}: it has {', '.join(splits)}.", usage=True)
    if not options.split and len(splits) > 1:
        raise Problem(f"{HUB}{name} has the splits {', '.join(splits)}: name one, as in split={splits[0]}.", usage=True)
    return found[options.split or splits[0]]


def _line(error: Exception) -> str:
    line = (str(error).strip().splitlines() or [type(error).__name__])[0].rstrip(".")
    return line if len(line) <= _LONGEST else f"{line[:_LONGEST].rstrip()}…"
