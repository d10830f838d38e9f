"""The four datasets of BEIR that need a licence: a folder in BEIR layout, or the user's copy through ir_datasets."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from zsr_tui.corpora import general
from zsr_tui.corpora.catalogue import Licensed
from zsr_tui.corpora.layout import CORPUS, find_layout
from zsr_tui.corpora.local import LocalCorpus
from zsr_tui.corpora.problems import NotDownloaded
from zsr_tui.domain import Corpus, Problem
from zsr_tui.paths import data_dir, ir_datasets_dir
from zsr_tui.progress import CancelToken, Report

# As BEIR prepared them: the headline of the news article that the topic names, which IndexedCorpus looks up by itself;
# the description of the Robust04 topic. Topics without a relevant document are left out (57 of 60, 249 of 250).
_QUERY_TEXT: dict[str, Callable[[Any], str] | None] = {
    "headline": None,
    "description": lambda query: " ".join(query.description.split()),
}


def folder_of(entry: Licensed) -> Path:
    """Where a copy in BEIR layout belongs."""
    return data_dir() / entry.id


def how_to(entry: Licensed) -> str:
    text = f"{entry.info.how_to}; then "
    if entry.source:
        text += f"put it at {ir_datasets_dir() / entry.copy}, or "
    return f"{text}make a folder in BEIR layout of it at {folder_of(entry)}."


def on_disk(entry: Licensed) -> bool:
    return (folder_of(entry) / CORPUS).is_file() or bool(entry.source and general.is_ready(entry.source))


def make_ready(entry: Licensed, report: Report, cancel: CancelToken) -> None:
    """Raises `Problem` with what to do where there is no copy."""
    if on_disk(entry):
        return
    if not entry.source or not (ir_datasets_dir() / entry.copy).exists():
        raise Problem(f"{entry.id} needs a licence, so you bring the data: {how_to(entry)}")
    general.make_ready(entry.source, report, cancel)


def open_licensed(entry: Licensed, report: Report, cancel: CancelToken) -> Corpus:
    folder = folder_of(entry)
    if (folder / CORPUS).is_file():
        layout = find_layout(folder)
        several = len(layout.splits) > 1
        return LocalCorpus(
            folder, layout.default_split(), report, cancel, id=entry.id, collection=entry.id, several_splits=several
        )
    if not on_disk(entry):
        raise NotDownloaded(entry.id)
    return general.open_general(entry.id, source=entry.source, query_text=_QUERY_TEXT[entry.query], only_relevant=True)
