"""What goes wrong with a whole cluster, in sentences."""

from __future__ import annotations

from collections.abc import Sequence

from zsr_tui.domain import Problem


def closed(address: str) -> Problem:
    return Problem(f"the connection to the cluster at {address} is closed.")


def empty(address: str) -> Problem:
    return Problem(f"the cluster at {address} has neither a GPU nor a core: see ray status.")


def unreachable(address: str, error: Exception) -> Problem:
    return Problem(
        f"the connection to the cluster at {address} was lost: what is done is kept; the same command "
        "goes on when it is back, and without --on it goes on here.",
        detail=str(error),
    )


def failed(address: str, error: Exception) -> Problem:
    return Problem(
        f"what speaks with the cluster at {address} failed ({type(error).__name__}): the engine's log has "
        "more; what is done is kept.",
        detail=str(error),
    )


def fatal(address: str, tries: int, error: Exception) -> Problem:
    """Of texts over which so many workers ended."""
    return Problem(
        f"{tries} workers of the cluster at {address} ended over the same texts: see the memory "
        "of its nodes; what is done is kept.",
        detail=str(error),
    )


def all_lost(address: str) -> Problem:
    return Problem(
        f"all workers of the cluster at {address} are lost: what is done is kept; the same command goes "
        "on when nodes are back, and without --on it goes on here."
    )


def none_came(address: str, seconds: float, said: Sequence[str]) -> Problem:
    """`said` is why nodes get nothing."""
    if said:
        return Problem(f"no node of the cluster at {address} can do this: {'; '.join(said)}")
    return Problem(
        f"the cluster at {address} has started no worker in {seconds:.0f} s: its cores and GPUs "
        "may be taken by other jobs (ray status says)."
    )
