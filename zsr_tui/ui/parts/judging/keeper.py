"""How judgments are kept: one after the other, each shown as kept when the engine says that it is on the disk."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any
from weakref import WeakKeyDictionary

from textual.app import App

from zsr_tui import numerals
from zsr_tui.api.judging import ClearJudgment, Judgment, KeepJudgment, Kept, Outcome, UndoJudgment
from zsr_tui.client.protocol import EngineApi
from zsr_tui.person import own_name
from zsr_tui.text import one_line
from zsr_tui.ui.parts.screen import BaseScreen


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """A document of a query, and where it is seen: `system` in the notation, `rank` from 1."""

    dataset: str
    query_id: str = ""
    query_text: str = ""
    doc_id: str
    system: str = ""
    rank: int | None = None

    @property
    def query(self) -> tuple[str, str, str]:
        return self.dataset, self.query_id, self.query_text


_done: WeakKeyDictionary[App[Any], list[tuple[Target, int]]] = WeakKeyDictionary()


class Keeper:
    """`kept` is called with what stands after a judgment was kept, cleared or undone. What goes wrong is the screen's
    to tell, and nothing is shown as kept then."""

    def __init__(
        self, screen: BaseScreen[Any], engine: EngineApi, kept: Callable[[Target, Kept | None], object]
    ) -> None:
        self._screen, self._engine, self._kept = screen, engine, kept
        self.turn = asyncio.Lock()  # a judgment is made over what stands after the one before
        self._known: dict[tuple[tuple[str, str, str], str], int] = {}  # the revision that stands, where it was changed

    @property
    def _done(self) -> list[tuple[Target, int]]:
        """What can be taken back, the latest last: on whichever screen of the application it was judged."""
        return _done.setdefault(self._screen.app, [])

    @property
    def can_undo(self) -> bool:
        return bool(self._done)

    def forget(self) -> None:
        """What stands was read anew."""
        self._known.clear()

    def keep(self, target: Target, grade: int | None, stands: Kept | None) -> None:
        """None clears. `stands` is what the user sees there now."""
        seen = stands.revision if stands is not None else 0
        self._screen.ask("judging", self._change, target, grade, seen, exclusive=False)

    def undo(self) -> None:
        """Take the latest judgment back."""
        self._screen.ask("judging", self._undo, exclusive=False)

    async def _change(self, target: Target, grade: int | None, seen: int) -> None:
        async with self.turn:
            seen = self._known.get((target.query, target.doc_id), seen)
            if grade is None and not seen:
                self._screen.tell("There is no judgment of your own on this document.")
                return
            outcome = await self._asked(target, grade, seen, over=False)
            if not outcome.done and (outcome.now is None or await self._over(target, grade, outcome.now)):
                outcome = await self._asked(target, grade, 0, over=True)
            if outcome.done and outcome.revision and (target, outcome.revision) not in self._done[-1:]:
                self._done.append((target, outcome.revision))
            self._take(target, outcome)

    def _asked(self, target: Target, grade: int | None, seen: int, *, over: bool) -> Awaitable[Outcome]:
        if grade is None:
            cleared = ClearJudgment(
                dataset=target.dataset,
                query_id=target.query_id,
                query_text=target.query_text,
                doc_id=target.doc_id,
                who=own_name(),
                seen=seen,
                over=over,
            )
            return self._engine.call(cleared)
        judgment = Judgment(
            query_id=target.query_id,
            query_text=target.query_text,
            doc_id=target.doc_id,
            grade=grade,
            who=own_name(),
            system=target.system,
            rank=target.rank,
        )
        return self._engine.call(KeepJudgment(dataset=target.dataset, judgment=judgment, seen=seen, over=over))

    async def _undo(self) -> None:
        async with self.turn:
            if not self._done:
                self._screen.tell("There is no judgment of this window to take back.")
                return
            target, revision = self._done.pop()
            outcome = await self._engine.call(UndoJudgment(dataset=target.dataset, revision=revision))
            self._take(target, outcome)
            what = f"The judgment of {one_line(target.doc_id)}"
            if outcome.done:
                self._screen.tell(f"{what} is taken back.")
            else:
                self._screen.tell(f"{what} stays: somebody else has judged it since.")

    def _take(self, target: Target, outcome: Outcome) -> None:
        self._known[target.query, target.doc_id] = outcome.now.revision if outcome.now is not None else 0
        self._kept(target, outcome.now)

    async def _over(self, target: Target, grade: int | None, now: Kept) -> bool:
        """Somebody else has judged meanwhile: both are offered."""
        from zsr_tui.ui.parts.confirm import ConfirmScreen

        theirs = now.judgment
        lines = (
            f"{theirs.who or 'Somebody'} has judged {one_line(theirs.doc_id)} since you last looked: "
            f"{theirs.grade}, {numerals.date(theirs.when)}.",
            f"You judge it {grade}." if grade is not None else "You clear the judgment.",
        )
        mine = f"Mine ({grade})" if grade is not None else "Clear it"
        screen = ConfirmScreen("Two judgments of one document", lines, mine, f"Theirs ({theirs.grade})", careful=True)
        return bool(await self._screen.app.push_screen_wait(screen))  # type: ignore[arg-type]
