"""From a step of the notation to an engine that can be asked, once it is known that it may be."""

from __future__ import annotations

import hashlib
import threading
from contextlib import suppress

from zsr_tui import caller
from zsr_tui.domain import EngineInfo
from zsr_tui.pipeline import Served
from zsr_tui.retrieval.engines import named, template
from zsr_tui.retrieval.engines.named import Engine
from zsr_tui.retrieval.engines.records import Index, State


class Engines:
    """Those that were asked, which keep their connections. Thread-safe."""

    def __init__(self) -> None:
        self._open: dict[tuple[Engine, str], Index] = {}
        self._lock = threading.Lock()

    def open(self, step: Served) -> Index:
        """Raises `Problem` for one that there is not, or that whoever asks may not reach."""
        engine = found(step)
        key = engine, _template(engine)
        with self._lock:
            if key not in self._open:
                self._open[key] = _index(engine)
            return self._open[key]

    def named(self) -> list[EngineInfo]:
        """Those of engines.toml that whoever asks may reach. Raises `Problem` for a file that cannot be used."""
        listed = []
        for engine in named.all_named().values():
            with suppress(caller.NotPermitted):
                check(engine)
                listed.append(EngineInfo(engine.name, engine.kind, engine.about, str(engine.step)))
        return listed

    def state(self, step: Served) -> State:
        """Of its index, and of how it is asked; of an index that says nothing of itself, of where it is. Raises
        `Problem`."""
        engine = found(step)
        told = self.open(step).state()
        which = told.digest or f"{engine.base} {engine.index}"
        asked = repr((which, engine.id, engine.title, engine.text, engine.vector, _template(engine)))
        return State(told.about, hashlib.sha256(asked.encode()).hexdigest()[:16])


def found(step: Served) -> Engine:
    """Raises `Problem` for one that there is not, or that whoever asks may not reach, and for a template that cannot be
    used."""
    engine = named.find(step)
    check(engine)
    if engine.template:
        template.read(engine.template)
    return engine


def check(engine: Engine) -> None:
    """Raises `NotPermitted` for one that whoever asks may not reach."""
    if engine.folder is not None:
        caller.check_path(engine.folder, f"the folder of {engine.name}")
    else:
        caller.check_host(engine.host)


def _template(engine: Engine) -> str:
    return repr(template.read(engine.template)) if engine.template else ""


def _index(engine: Engine) -> Index:
    if engine.kind == "qdrant":
        from zsr_tui.retrieval.engines.qdrant import Qdrant

        return Qdrant(engine)
    from zsr_tui.retrieval.engines.calling import Calls

    if engine.kind in ("anserini", "pyserini"):
        from zsr_tui.retrieval.engines.anserini import Rest, without_version

        engine = without_version(engine)
        return Rest(engine, Calls(engine))
    from zsr_tui.retrieval.engines.elastic import Elastic

    return Elastic(engine, Calls(engine))
