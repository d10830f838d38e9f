"""The screen of an explanation in a small application, and reading it as a user does."""

from __future__ import annotations

from textual.pilot import Pilot

from tests.ui.fake.engine import BM25, DATASET, RERANKED, FakeEngine
from tests.ui.reading import text_of
from zsr_tui.ui.explain.screen import ExplainScreen
from zsr_tui.ui.keys.action import ANYWHERE
from zsr_tui.ui.keys.app import KeyedApp
from zsr_tui.ui.keys.bindings import KeyTable
from zsr_tui.ui.parts.messages import Explainable, KnownList

SIZES = [(80, 24), (120, 40), (200, 50)]
DOC, ABOVE, BELOW = "2048013", "2048000", "2048026"


class ExplainApp(KeyedApp):
    """Opens on the reranked list's second document. `lists` may change while it is open."""

    def __init__(
        self,
        engine: FakeEngine,
        systems: tuple[str, ...] = (BM25, RERANKED),
        system: int = 1,
        qid: str | None = None,
    ) -> None:
        super().__init__()
        self.keys = KeyTable()
        self.keys.install(self, ANYWHERE)
        ranked = ((BELOW, ABOVE, DOC), (ABOVE, DOC, BELOW))[: len(systems)]
        self.lists = tuple(map(KnownList, ranked))
        about = Explainable(
            dataset=DATASET,
            systems=systems,
            system=system,
            doc_id=DOC,
            query="vitamin B12",
            qid=qid,
            ranking=(ABOVE, DOC, BELOW),
            lists=lambda: self.lists,
        )
        self.explained = ExplainScreen(engine, about)

    def on_mount(self) -> None:
        self.push_screen(self.explained)


def shown(pilot: Pilot[None]) -> str:
    return text_of(pilot.app)


def lines(pilot: Pilot[None]) -> list[str]:
    return shown(pilot).split("\n")


def line(pilot: Pilot[None], word: str) -> str:
    """The first line of the terminal that has it."""
    return next((each for each in lines(pilot) if word in each), "")
