"""Rerankers that put passages in order, run by a server of text generation; see `endpoints.listwise`."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from threading import Event

import numpy as np

from zsr_tui.domain import Problem
from zsr_tui.scoring.devices import Device
from zsr_tui.scoring.endpoints import listwise, served
from zsr_tui.scoring.endpoints.calling import requests_at_once
from zsr_tui.scoring.endpoints.chat import Chat, Said, Unanswered
from zsr_tui.scoring.endpoints.client import Failed
from zsr_tui.scoring.endpoints.listwise import Window
from zsr_tui.scoring.models.weights import ResolvedModel
from zsr_tui.scoring.scorer import Prepared

_WORD = "word"
_log = logging.getLogger(__name__)


class Listwise:
    def __init__(self, resolved: ResolvedModel, _: Device) -> None:
        endpoint = served.find(resolved.info.name)
        assert endpoint.listing is not None
        self._settings = endpoint.listing
        self._chat = Chat(endpoint.address.url, endpoint.model)
        self._takes_windows = False  # has taken one: what it refuses from then on is the window's fault
        self._threads = ThreadPoolExecutor(requests_at_once(), thread_name_prefix=f"order {endpoint.address.host}")

    def run(self, batch: Sequence[Prepared]) -> np.ndarray:
        """Fills in the windows that are the batch's payloads, several at once; the rows mean nothing. The first error
        is raised, and no other window is begun then."""
        stop = Event()
        running = [self._threads.submit(self._answer, prepared.payload, stop) for prepared in batch]
        try:
            for each in running:
                each.result()
        except BaseException:
            stop.set()
            raise
        return np.zeros((len(batch), 1), np.float32)

    def _answer(self, window: Window, stop: Event) -> None:
        if window.order:  # of a batch that failed, and is run again
            return
        size, count = self._settings.window, len(window.texts)
        passages, window.cut = zip(*(listwise.shown(text, count, size) for text in window.texts), strict=True)
        try:
            said = self._said(window.query, passages, stop)
        except (Unanswered, Failed) as problem:
            if not self._takes_others(passages, problem, stop):
                raise
            _log.warning("a window of %d passages keeps its order: %s", count, problem)
            window.order, window.refused = range(count), True
            return
        self._takes_windows = True
        window.read, window.wrote = said.read or 0, said.wrote or 0
        window.order, window.whole = listwise.order_of(said.text, count)

    def _said(self, query: str, passages: Sequence[str], stop: Event) -> Said:
        instruction, before, last = listwise.asked(query, passages, self._settings)
        return self._chat.said(instruction, last, {"temperature": 0}, stop, before)

    def _takes_others(self, passages: Sequence[str], problem: Problem, stop: Event) -> bool:
        """Whether it was these passages that it does not take: one as large, of a single word, it does. A server that
        has failed may be down, whatever it took before."""
        if self._takes_windows and isinstance(problem, Unanswered):
            return True
        try:
            self._said(_WORD, [" ".join([_WORD] * len(passage.split())) for passage in passages], stop)
        except (Unanswered, Failed):
            return False
        return True
