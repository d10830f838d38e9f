"""Every test keeps its settings, logs and indexes in temporary folders, and finds the shared real data, if any."""

from __future__ import annotations

import os
import signal
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from types import FunctionType

import hypothesis
import pytest

from tests.waiting import DEADLINE
from zsr_tui import machine
from zsr_tui.isolation import SEARCHED
from zsr_tui.scoring.queue.memory import keep_freed_memory

# Who starts the suite in the background has it ignore Ctrl-C, and the programs that it starts would ignore it, too.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

hypothesis.settings.register_profile("no clock", deadline=None)
hypothesis.settings.load_profile("no clock")  # a busy machine takes longer for an example than its own would allow

# How long this side waits for the other one of a test, or for its disk: here as long as a busy machine takes.
PATIENT = (
    "zsr_tui.client.attached.PATIENCE_S",
    "zsr_tui.client.route.CONNECT_S",
    "zsr_tui.client.ssh.PATIENCE_S",
    "zsr_tui.corpora.fetch._TIMEOUT",
    "zsr_tui.engine.connection.PATIENCE_S",
    "zsr_tui.evaluation.reading.FORGOTTEN",
    "zsr_tui.scoring.models.hub._TIMEOUT",
    "zsr_tui.servers.asking.TIMEOUT_S",
    "zsr_tui.sessions.log.PATIENCE",
)

CRASH = "Fatal Python error"  # as faulthandler begins, in the log of an engine that a library has ended

# What takes longest in one file begins first, so that no worker is left alone with it at the end.
LONGEST = (
    "tests/real",
    "tests/engine/test_documents.py",
    "tests/unit/test_lint.py",
    "tests/ui/test_terminal.py",
    "tests/engine",
    "tests/benchmarks",
    "tests/unit/test_suite.py",
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    def rank(item: pytest.Item) -> int:
        return next((place for place, start in enumerate(LONGEST) if item.nodeid.startswith(start)), len(LONGEST))

    items.sort(key=rank)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers() -> int:
    """Two for a core: much of what the tests of engines and commands take is waiting for other processes."""
    return min(4, 2 * (os.cpu_count() or 1))


@pytest.fixture(scope="session", autouse=True)
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """ZSR_TUI_HOME of the whole session: indexes of the demo corpus are built once."""
    keep_freed_memory()  # as the engine does
    folder = tmp_path_factory.mktemp("home")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("ZSR_TUI_HOME", str(folder))
        patch.delenv("ZSR_TUI_INDEXES", raising=False)
        patch.setenv("IR_DATASETS_HOME", str(tmp_path_factory.mktemp("ir_datasets")))
        patch.setenv("HF_HUB_OFFLINE", "1")
        patch.setenv("ZSR_TUI_PRECISION", "fp32")  # results are the same on every machine
        patch.setenv("ZSR_TUI_CACHE_MB", "0")  # every test computes its own; those of the cache switch it on
        for name in ("NO_COLOR", "COLORTERM"):
            patch.delenv(name, raising=False)
        if not machine.UNIX_SOCKETS:  # nor locks (tests/lacking): whoever has them takes folders without for left
            patch.setenv("TMPDIR", str(tmp_path_factory.mktemp("temporary")))
            patch.setattr(tempfile, "tempdir", None)
        yield folder


@pytest.fixture(scope="session", autouse=True)
def patience() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        for name in ("HF_HUB_ETAG_TIMEOUT", "HF_HUB_DOWNLOAD_TIMEOUT"):
            patch.setenv(name, f"{DEADLINE:.0f}")
        for limit in PATIENT:
            patch.setattr(limit, DEADLINE)
        yield


@pytest.fixture(scope="session", autouse=True)
def no_crash(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Which no test may have noticed: an engine that is lost is started again."""
    yield
    assert not list(_crashes(tmp_path_factory.getbasetemp()))


def _crashes(place: Path) -> Iterator[str]:
    for folder, _, names in os.walk(place):
        for name in names:
            if name.startswith("engine.log"):
                with suppress(OSError):  # what is still ending takes its folder along
                    told = Path(folder, name).read_text(errors="replace")
                    if CRASH in told:
                        yield f"{folder}/{name}:\n{told[told.index(CRASH) :][:4000]}"


@pytest.fixture(autouse=True)
def as_found() -> Iterator[None]:
    """What says where programs, modules and our files are is as each test found it: those behind it start programs.
    Fixtures of a file begin by their names, so this one begins before `home` and ends behind every patch."""
    before = _surroundings()
    yield
    assert _surroundings() == before


def _surroundings() -> dict[str, str]:
    return {
        name: value for name, value in os.environ.items() if name in SEARCHED or name.startswith(("PYTHON", "ZSR_TUI_"))
    }


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder with real data and weights that is not part of the repository; the test is skipped without it."""
    folder = Path(os.environ.get("ZSR_TUI_SHARED", Path(__file__).resolve().parents[2] / "shared"))
    if not (folder / "ir_datasets").is_dir():
        pytest.skip("the shared real data is not here (set ZSR_TUI_SHARED to its folder)")
    return folder


def pytest_make_parametrize_id(val: object, argname: str) -> str | None:
    """Sizes of the terminal are written as such. What pytest would name by a number, bytes or escapes is told as a case
    without an id, and `tests/unit/test_suite.py` does not let it pass."""
    if isinstance(val, tuple) and argname == "size":
        return "{} by {}".format(*val)
    named = (
        val is None or isinstance(val, int | float | type | FunctionType) or (isinstance(val, str) and val.isascii())
    )
    return None if named else f"no id is written for {argname}"
