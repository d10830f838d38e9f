"""The sessions of pooled judging that are under way, each ready for its next question."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Iterator
from contextlib import contextmanager

from msgspec.structs import replace

from zsr_tui.api.pooling import JudgePooled, Pooling, ReadPool, ReadPoolEffect, UndoPooled
from zsr_tui.engine.answers import Answers
from zsr_tui.engine.evaluation.shelf import Shelf
from zsr_tui.engine.judging import judge
from zsr_tui.engine.judging.pool.effect import effect
from zsr_tui.engine.judging.pool.queries import pooled_queries
from zsr_tui.engine.judging.pool.session import PoolSession
from zsr_tui.engine.judging.shelf import KeptShelf

_KEPT = 8  # sessions in memory; any other is read from the kept file again


class Pools:
    """Thread-safe."""

    def __init__(self, kept: KeptShelf, evaluations: Shelf) -> None:
        self._kept, self._evaluations = kept, evaluations
        self._known: OrderedDict[str, _Slot] = OrderedDict()
        self._lock = threading.Lock()

    def answers(self) -> Answers:
        def read(asked: ReadPool) -> object:
            with self.at(asked.pooling) as session:
                return session.view()

        def judge_pooled(asked: JudgePooled) -> object:
            with self.at(asked.pooling) as session:
                return session.judge(asked)

        def undo(asked: UndoPooled) -> object:
            with self.at(asked.pooling) as session:
                return session.undo(asked.looks)

        def read_effect(asked: ReadPoolEffect) -> object:
            with self.at(asked.pooling) as session:
                return effect(session, asked.pooling)

        return {ReadPool: read, JudgePooled: judge_pooled, UndoPooled: undo, ReadPoolEffect: read_effect}

    @contextmanager
    def at(self, pooling: Pooling) -> Iterator[PoolSession]:
        """One question at a time: a session of the same name over other lists takes the place of the one before."""
        if pooling.page:
            pooling = replace(pooling, session=f"{pooling.session} {pooling.page + 1}")
        with self._lock:
            slot = self._known.setdefault(pooling.session, _Slot())
            self._known.move_to_end(pooling.session)
            while len(self._known) > _KEPT:
                self._known.popitem(last=False)
        with slot.lock:
            if slot.session is None or slot.of != (pooling.dataset, pooling.about):
                queries = pooled_queries(self._kept, self._evaluations, pooling)
                slot.session = PoolSession(self._kept, queries, pooling, judge.scale(self._kept, pooling.dataset))
                slot.of = pooling.dataset, pooling.about
            slot.session.turn_to(pooling)
            yield slot.session


class _Slot:
    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.of: tuple[object, ...] = ()
        self.session: PoolSession | None = None
