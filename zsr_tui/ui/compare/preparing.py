"""What the lists lack is made in the engine; each list says how far that is, and asks again as soon as it can.

A list that needs nothing that is lacking works meanwhile. One whose index is being made asks what there is of it, and
again as it grows.
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Iterable, Sequence
from typing import Any

from zsr_tui.api.preparing import BeginPreparing, PartView, PausePreparing, ReadPreparing, StopPreparing
from zsr_tui.api.requests import SearchRequest
from zsr_tui.client.protocol import EngineApi
from zsr_tui.domain import Problem, Unreachable
from zsr_tui.text import one_line
from zsr_tui.ui.compare.again import AskedAgain
from zsr_tui.ui.compare.lists import Phase, SystemList
from zsr_tui.ui.compare.ranking.rankings import Rankings
from zsr_tui.ui.compare.session import SearchSession
from zsr_tui.ui.compare.updates import Update
from zsr_tui.ui.parts.lacking import AT_WORK, RESTING
from zsr_tui.ui.parts.screen import BaseScreen

EVERY = 0.5  # seconds between two looks while something is made
GROWN = 1.25  # times as many documents: then a list that searches a part asks again,
STEPS = 10  # and at each such part of the corpus
NOTHING_LACKING = "Nothing is being made for this list."
ENDED = (Phase.FAILED, Phase.STOPPED)  # before its time: the list can ask again
ALL = -1  # that there are: a list asks once more while it waits only for an approximate index
FIRST_GROWN = 128  # documents: after so many those are encoded that BM25 names for a new query


class Preparations:
    """`stream` follows a search's events, `learn` asks what is shown of the dataset; `show` is told what changes. What
    keys do is `pause` and `stop`, of the active list."""

    def __init__(
        self,
        screen: BaseScreen[None],
        engine: EngineApi,
        session: SearchSession,
        rankings: Rankings,
        stream: Callable[[SearchRequest], Coroutine[Any, Any, None]],
        learn: Callable[[], Coroutine[Any, Any, None]],
        show: Callable[[Update], None],
    ) -> None:
        self._screen, self._engine, self._session, self._rankings = screen, engine, session, rankings
        self._stream, self._learn, self._show = stream, learn, show
        self.again = AskedAgain(session)
        self._held: dict[str, PartView] = {}  # what waits for the user's yes
        self._needs: list[tuple[str, ...]] = [() for _ in session.lists]  # what is lacking, by list
        self._refused: set[int] = set()  # lists for which all was made, because a search had refused them
        self._asked_at: dict[int, int] = {}  # documents that were encoded when a list asked again
        self._beginning = 0
        self.unreached = False  # the engine was not there when it was asked for all
        self.others: tuple[PartView, ...] = ()  # what is made that no list here needs

    @property
    def at_work(self) -> bool:
        return bool(self._beginning) or any(self._needs)

    def begin(self, numbers: Iterable[int] | None = None, *, agreed: Sequence[str] = (), refused: bool = False) -> None:
        """Have made what lists (None: all) lack, except for what the user has to agree to and is not `agreed`."""
        chosen = tuple(range(len(self._needs)) if numbers is None else numbers)
        self._beginning += 1
        self._screen.ask("preparing", self._begin, chosen, tuple(agreed), refused, exclusive=False)

    async def _begin(self, numbers: tuple[int, ...], agreed: tuple[str, ...], refused: bool) -> None:
        session = self._session
        systems = tuple(session.lists[number].head.notation for number in numbers)
        asked = BeginPreparing(dataset=session.dataset, systems=systems, agreed=agreed, refused=refused)
        try:
            found = await self._engine.call(asked)
        except Problem as problem:
            if isinstance(problem, Unreachable) and not agreed and not refused:  # which the status line says
                self.unreached = True
                return
            for number in numbers:
                if session.lists[number].phase is Phase.PREPARING:
                    session.refuse(number, problem)
            self._show(Update(lists=frozenset(numbers), urgent=True, notice=problem.message))
            return
        finally:
            self._beginning -= 1
        self._held = {**self._held, **{part.id: part for part in found.parts if part.state == "lacking"}}
        for number, needed in zip(numbers, found.systems, strict=True):
            self._needs[number] = needed
        made = [number for number in numbers if refused and not self._needs[number]]
        await self._look()
        self._ask_again(made)
        if not session.running:
            self.ended()

    def look_if_at_work(self) -> None:
        if self._screen.is_current and self.at_work:
            self.look()

    def look(self) -> None:
        """How far it is, and what else is made."""
        if not self._beginning:
            self._screen.ask("preparing-look", self._look)

    async def _look(self) -> None:
        """Where the engine does not answer, the next look will tell."""
        try:
            found = await self._engine.call(ReadPreparing(go_on=True))
        except Unreachable:
            return
        for note in found.notes:
            self._screen.notify(one_line(note), timeout=15, markup=False)
        parts = {part.id: part for part in found.parts}
        self._held = {id: part for id, part in self._held.items() if id not in parts}
        mine = {id for needed in self._needs for id in needed}
        self.others = tuple(part for part in parts.values() if part.id not in mine)
        changed, ready = set(), []
        for number, each in enumerate(self._session.lists):
            known = (parts.get(id) or self._held.get(id) for id in self._needs[number])
            lacking = tuple(part for part in known if part is not None)
            if (self._needs[number] and not lacking) or (lacking and self._has_grown(number, each, lacking)):
                ready.append(number)
            self._needs[number] = tuple(part.id for part in lacking)
            if lacking != each.lacking:
                each.lacking = lacking
                changed.add(number)
        if changed:
            self._show(Update(lists=frozenset(changed), prepared=True))
            self._screen.refresh_bindings()
        self._ask_again(ready)

    def _has_grown(self, number: int, each: SystemList, lacking: Sequence[PartView]) -> bool:
        """Whether there is enough more of an index to ask again what it finds; where it rests, whether there is more at
        all. What a list has asked for once it does not ask for again."""
        growing = [part for part in lacking if part.kind != "approximate"]  # which is searched exactly meanwhile
        encoded = [part.progress for part in growing if part.kind == "encoded"]
        if len(encoded) != len(growing) or any(now is None or now.total is None for now in encoded):
            return False
        if self._session.running or each.phase not in (Phase.PREPARING, Phase.DONE) or each.asking:
            return False
        if not growing:
            partly = each.phase is Phase.PREPARING or (each.ranking is not None and each.ranking.searched is not None)
            first, self._asked_at[number] = self._asked_at.get(number, 0) != ALL, ALL
            return partly and first
        done = min(now.done for now in encoded if now is not None)
        searched = each.ranking.searched if each.ranking is not None else None
        if each.phase is Phase.PREPARING or searched is None:
            grown = done > 0
        elif all(part.state in RESTING for part in growing):
            grown = done > searched[0] and done > self._asked_at.get(number, 0)
        elif each.answers == 1:
            grown = done >= searched[0] + FIRST_GROWN
        else:
            grown = done >= min(searched[0] * GROWN, searched[0] + searched[1] / STEPS)
        if grown:
            self._asked_at[number] = done
        return grown

    def _ask_again(self, ready: Sequence[int]) -> None:
        session = self._session
        if not ready:
            return
        if session.refused or not session.started:
            self._screen.ask("about", self._learn)
            if session.request is not None and not session.running:
                self._screen.ask("search", self._stream, session.repeat())
            return
        for number in ready:
            if not session.lists[number].unfinished and session.lists[number].phase is not Phase.BEHIND:
                self._screen.ask(f"again-{number}", self._stream, self.again.begin(number))

    def ended(self) -> None:
        """A search is over: what it was refused for is made."""
        if self._beginning:
            return
        refused = [
            number
            for number, each in enumerate(self._session.lists)
            if each.phase is Phase.PREPARING and not self._needs[number]
        ]
        for number in self._refused.intersection(refused):  # it was made, and is lacking all the same
            self._session.lists[number].phase = Phase.FAILED
        if fresh := [number for number in refused if number not in self._refused]:
            self._refused.update(fresh)
            self.begin(fresh, refused=True)
        if refused:
            self._show(Update(lists=frozenset(refused), urgent=True))

    def forget(self) -> None:
        """The user asks something else."""
        self._refused.clear()
        self._asked_at.clear()
        self.again.forget()
        for number in range(len(self._needs)):
            self._screen.workers.cancel_group(self._screen, f"again-{number}")

    # what the keys do

    @property
    def running(self) -> int:
        """How many parts are made for these lists now."""
        return len(self._running)

    @property
    def _running(self) -> list[PartView]:
        parts = {part.id: part for each in self._session.lists for part in each.lacking}
        return [part for part in parts.values() if part.state == "running"]

    @property
    def under_way(self) -> list[PartView]:
        """All that is being made, for whatever."""
        return [*self._running, *(part for part in self.others if part.state == "running")]

    @property
    def key_labels(self) -> dict[str, str]:
        """For the key bar."""
        return {"pause_list": self._pauses, **({} if self._going else {"stop_list": ""})}

    @property
    def _pauses(self) -> str:
        parts = self._lacking
        if not parts:
            return "ask again" if self._ended else ""
        if any(part.asks for part in parts):
            return "begin"
        return "go on" if any(part.state in RESTING for part in parts) else "pause"

    def pause(self) -> None:
        """Or go on, or begin what was asked about; or ask again, of a list that ended before its time."""
        parts = self._lacking
        if not parts and self._ended:
            self._once_more(self._rankings.active)
        elif not parts:
            self._screen.tell(NOTHING_LACKING)
        elif asked := [part.id for part in parts if part.asks]:
            self.begin(agreed=asked)
        elif resting := [part.id for part in parts if part.state in RESTING]:
            self._tell([PausePreparing(id=id, paused=False) for id in resting])
        else:
            self._tell([PausePreparing(id=part.id, paused=True) for part in parts])

    @property
    def _ended(self) -> bool:
        """Whether the active list did, before its time."""
        session = self._session
        return session.started and not session.running and session.lists[self._rankings.active].phase in ENDED

    def _once_more(self, number: int) -> None:
        """All of them, where the whole search failed."""
        session, each = self._session, self._session.lists[number]
        if session.problem is not None:
            self._screen.ask("search", self._stream, session.repeat())
            return
        each.phase, each.problem = Phase.WAITING, None
        self._show(Update(lists=frozenset({number}), urgent=True))
        self._screen.ask(f"again-{number}", self._stream, self.again.begin(number))

    def stop(self) -> None:
        """What is done is kept."""
        if going := self._going:
            self._tell([StopPreparing(id=part.id) for part in going])
        else:
            self._screen.tell(NOTHING_LACKING)

    @property
    def _lacking(self) -> tuple[PartView, ...]:
        """Of the active list, or of the only one that lacks something."""
        lists = self._session.lists
        lacking = [each.lacking for each in lists if each.lacking]
        return lists[self._rankings.active].lacking or (lacking[0] if len(lacking) == 1 else ())

    @property
    def _going(self) -> list[PartView]:
        return [part for part in self._lacking if part.state in (*AT_WORK, "paused")]

    def _tell(self, questions: Sequence[PausePreparing | StopPreparing]) -> None:
        async def tell() -> None:
            for question in questions:
                await self._engine.call(question)
            await self._look()

        self._screen.ask("preparing-told", tell, exclusive=False)
