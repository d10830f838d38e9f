"""Who asks: told to every thread that works for them, so that what is theirs is theirs alone.

An engine that a program has started for itself has one caller, who may do anything. One that serves several
(`zsr_tui.engine.serving`) tells them apart, and each has a name, folders of its own and bounds. Standard library only.
"""

from __future__ import annotations

from contextvars import ContextVar, copy_context
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, ParamSpec, TypeVar

from zsr_tui import paths
from zsr_tui.domain import Problem

if TYPE_CHECKING:
    from collections.abc import Callable

SENT = "sent:"  # begins the name of a file that a caller has sent: sent:<digest>/<its name>
P = ParamSpec("P")
T = TypeVar("T")


class NotPermitted(Problem):
    """What whoever asks may not do, and how it could be done."""

    def __init__(self, message: str) -> None:
        super().__init__(message, usage=True)


@dataclass(frozen=True, slots=True)
class Bounds:
    """What somebody else may reach from the engine's machine: these folders, and servers with these hosts ("host" on
    any port, or "host:port"), and Ray clusters by their addresses."""

    folders: tuple[Path, ...] = ()
    hosts: frozenset[str] = frozenset()
    clusters: frozenset[str] = frozenset()

    def holds(self, path: Path) -> bool:
        whole = path.expanduser().resolve()
        return any(whole.is_relative_to(folder) for folder in self.folders)


@dataclass(frozen=True, slots=True)
class Caller:
    """`name` is "" for whoever has started the engine. `home` is the folder of what is the caller's own, None for the
    program's. Without `bounds` everything on this machine can be reached."""

    name: str = ""
    home: Path | None = None
    bounds: Bounds | None = None


OWN = Caller()
_current: ContextVar[Caller] = ContextVar("caller", default=OWN)


def current() -> Caller:
    return _current.get()


def become(caller: Caller) -> None:
    """In the thread or the task that works for the caller from now on."""
    _current.set(caller)


def carried(work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> Callable[[], T]:
    """The work, to be done in another thread for whoever asks now."""
    return partial(copy_context().run, partial(work, *args, **kwargs))


def home() -> Path:
    """Where what is the caller's own lies."""
    return current().home or paths.data_dir()


def owner(otherwise: str) -> str:
    """Whose share of a device the work is: one owner for each caller; `otherwise` where there is only one."""
    return current().name or otherwise


def check_path(path: Path, what: str) -> None:
    """Before anything at the path is looked at. Raises `NotPermitted`; `what` it is said to be."""
    bounds = current().bounds
    if bounds is not None and not bounds.holds(path):
        raise NotPermitted(
            f"{what} is a path on the engine's machine, and this engine is shared: name what it has (zsr-tui corpora, "
            "zsr-tui models), ask whoever runs it to allow the folder with --allow-folder, or, for what lies on your "
            "machine, take an engine of your own (without --engine, and with ZSR_TUI_ENGINE set to nothing)."
        )


def check_host(host: str) -> None:
    """Before a server is asked; `host` with its port, where one is written. Raises `NotPermitted`."""
    bounds = current().bounds
    if bounds is not None and not {host, host.rpartition(":")[0]} & bounds.hosts:
        raise NotPermitted(
            f"this engine is shared and asks no server {host}: ask whoever runs it to allow it with --allow-host."
        )


def check_cluster(address: str) -> None:
    """Before a Ray cluster is asked; `address` as ray://host:port. Raises `NotPermitted`."""
    bounds = current().bounds
    if bounds is not None and address not in bounds.clusters:
        raise NotPermitted(
            f"this engine is shared and computes on no cluster {address}: ask whoever runs it to allow it with "
            "--allow-cluster."
        )


def file(named: str) -> Path:
    """The path of a file that a request names: one that was sent, or one of the engine's machine. Raises
    `NotPermitted`."""
    if named.startswith(SENT):
        digest, _, name = named.removeprefix(SENT).partition("/")
        if not digest.isalnum() or name != Path(name).name or name in ("", ".", ".."):
            raise Problem(f"{named!r} is no file that was sent.", usage=True)
        return home() / "sent" / digest / name
    path = Path(named).expanduser()
    check_path(path, f"{named!r}")
    return path.resolve()
