"""Datasets of the Hugging Face hub, read row by row as they come; and folders that are one. Only files of data are
read: what `datasets` would have to run is refused."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from typing import Any

from zsr_tui import extras
from zsr_tui.corpora.formats.rows import HUB, Options, Row, Seen
from zsr_tui.domain import Problem

_NAME = re.compile(r"[\w.-]+(?:/[\w.-]+)?")
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


def _stream(name: str, options: Options) -> Any:
    if not (_NAME.fullmatch(name) or os.path.isdir(name)):
        raise Problem(f"{HUB}{name} is no name of the hub: write {HUB}organisation/name.", usage=True)
    os.environ.setdefault("HF_DATASETS_DISABLE_PROGRESS_BARS", "1")
    try:
        import datasets
    except ImportError as error:
        raise Problem(f"datasets of the hub need the Python package datasets: {extras.get('datasets')}.") from error
    try:
        builder = datasets.load_dataset_builder(name, options.config or None)
        if type(builder).__module__.split(".")[-1] not in _OF_DATA:
            raise Problem(
                f"{HUB}{name} is no plain data (Parquet, JSON, CSV, Arrow, text): export it as Parquet and open that.",
                usage=True,
            )
        found = builder.as_streaming_dataset()
    except Problem:
        raise
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
    return (str(error).strip().splitlines() or [type(error).__name__])[0].rstrip(".")
