"""Rerankers that put passages in order, run by a server of text generation; see `endpoints.listwise`."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from threading import Event

import numpy as np

from zsr_tui.scoring.devices import Device
from zsr_tui.scoring.endpoints import listwise, served
from zsr_tui.scoring.endpoints.calling import requests_at_once
from zsr_tui.scoring.endpoints.chat import Chat
from zsr_tui.scoring.endpoints.listwise import Window
from zsr_tui.scoring.models.weights import ResolvedModel
from zsr_tui.scoring.scorer import Prepared


class Listwise:
    def __init__(self, resolved: ResolvedModel, _: Device) -> None:
        endpoint = served.find(resolved.info.name)
        assert endpoint.listing is not None
        self._settings = endpoint.listing
        self._chat = Chat(endpoint.address.url, endpoint.model)
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
        instruction, before, last = listwise.asked(window.query, passages, self._settings)
        said = self._chat.said(instruction, last, {"temperature": 0}, stop, before)
        window.read, window.wrote = said.read or 0, said.wrote or 0
        window.order, window.whole = listwise.order_of(said.text, count)
