"""Corpora that another room has, by how their ids begin; imported when one is named."""

from __future__ import annotations

import importlib
from typing import Protocol, cast

from zsr_tui.domain import Corpus
from zsr_tui.progress import CancelToken, Report

PREBUILT = "prebuilt:"  # the documents that a prebuilt index stores
_ROOMS = {PREBUILT: "zsr_tui.retrieval.prebuilt.texts"}


class Room(Protocol):
    def check(self, id: str) -> None:
        """Raises `Problem` for one that there is not."""

    def open_corpus(self, id: str) -> Corpus:
        """Raises `NotDownloaded` and `Problem`."""

    def fetch(self, id: str, report: Report, cancel: CancelToken) -> None:
        """At once where it is here. Raises `Problem` and `Cancelled`."""


def room_of(id: str) -> Room | None:
    """None for a corpus that is none of these."""
    for beginning, module in _ROOMS.items():
        if id.startswith(beginning):
            return cast(Room, importlib.import_module(module))
    return None
