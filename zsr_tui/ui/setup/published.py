"""What others have: search engines with a name, offered among the systems, and published indexes, those of the chosen
corpus."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager

from zsr_tui.api.questions import ListEngines, ListPrebuilt
from zsr_tui.client.protocol import EngineApi
from zsr_tui.domain import PrebuiltInfo
from zsr_tui.ui.setup.corpora import CorpusChoice
from zsr_tui.ui.setup.systems import SystemChoice


@contextmanager
def there(event: asyncio.Event) -> Iterator[None]:
    """Tell those who wait for something to be shown, whatever becomes of it."""
    try:
        yield
    finally:
        event.set()


class Published:
    def __init__(self, engine: EngineApi, corpora: CorpusChoice, systems: SystemChoice) -> None:
        self._engine, self._corpora, self._systems = engine, corpora, systems
        self._known: Mapping[str, Sequence[PrebuiltInfo]] = {}

    async def learn(self) -> None:
        """Raises `Problem`."""
        self._systems.show_engines(await self._engine.call(ListEngines()))
        self._known = await self._engine.call(ListPrebuilt())
        self._corpora.show_prebuilt(self._known)
        self.offer()

    def offer(self) -> None:
        """Those of the chosen corpus."""
        self._systems.show_prebuilt(self._known.get(self._corpora.chosen, ()))
