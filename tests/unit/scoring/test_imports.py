"""Packages that other threads are in the middle of importing: one that imports itself in a circle, and one that puts
another module in its place."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest

from tests.waiting import meanwhile
from zsr_tui.domain import Problem
from zsr_tui.scoring import imports
from zsr_tui.scoring.devices import cpu
from zsr_tui.scoring.queue import batching

CIRCLE = {
    "circle/__init__.py": "from circle.base import Base\n",
    "circle/base.py": "import circle_test\ncircle_test.meanwhile()\nfrom circle.parts import Part\nclass Base: pass\n",
    "circle/parts.py": "from circle import base\nclass Part: pass\n",
    "swaps.py": "import sys, circle_test\ncircle_test.meanwhile()\nsys.modules[__name__] = circle_test\n",
}


@pytest.fixture(autouse=True)
def while_it_is_imported(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Callable[[Callable[[], object]], None]]:
    """What another thread does in the middle of either."""
    for name, text in CIRCLE.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    monkeypatch.syspath_prepend(tmp_path)
    shared = SimpleNamespace(meanwhile=lambda: None, NAME="found")
    monkeypatch.setitem(sys.modules, "circle_test", shared)

    def does(work: Callable[[], object]) -> None:
        main, threads = threading.current_thread(), list[threading.Thread]()

        def once() -> None:
            if threading.current_thread() is main and not threads:
                threads.append(meanwhile(work))

        shared.meanwhile, shared.ended = once, lambda: threads[0].join()

    yield does
    for name in ("circle", "circle.base", "circle.parts", "swaps"):
        sys.modules.pop(name, None)


def test_two_threads_that_enter_a_circle_at_different_places_both_come_out(
    while_it_is_imported: Callable[[Callable[[], object]], None],
) -> None:
    found: list[str] = []
    while_it_is_imported(lambda: found.append(imports.taken("circle.parts", "Part").__name__))
    assert imports.taken("circle", "Base").__name__ == "Base"
    sys.modules["circle_test"].ended()
    assert found == ["Part"]


def test_a_name_of_a_package_that_puts_another_in_its_place_is_found(
    while_it_is_imported: Callable[[Callable[[], object]], None],
) -> None:
    found: list[str] = []
    while_it_is_imported(lambda: found.append(imports.taken("swaps", "NAME")))
    assert imports.taken("swaps", "NAME") == "found"
    sys.modules["circle_test"].ended()
    assert found == ["found"]


def test_a_module_is_there_when_it_is_whole() -> None:
    seen: list[object] = []

    def look() -> None:
        seen.extend((imports.there("circle"), imports.there("circle.base")))

    sys.modules["circle_test"].meanwhile = look
    assert imports.there("circle") is None
    base = imports.taken("circle", "base")
    assert seen == [None, None]
    assert imports.there("circle.base") is base
    assert imports.there("sys") is sys


def test_what_a_device_asks_of_torch_while_another_thread_imports_it_is_answered(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """As the device of a server is, that needs no torch."""
    half = SimpleNamespace(__spec__=SimpleNamespace(_initializing=True))
    for name in ("torch", "zsr_tui.scoring.networks.runner", "zsr_tui.scoring.networks.fused"):
        monkeypatch.setitem(sys.modules, name, half)
    assert not batching.is_due(cpu())
    assert batching.recorded_bytes(cpu()) == 0
    assert not batching.is_out_of_memory(Problem("the server says no."))
    batching.free_cached_memory()
