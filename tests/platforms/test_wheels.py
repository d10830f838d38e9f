"""The recorded table of wheels is of what pyproject.toml asks for, and says that it can be had."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.platforms.wheels import PYTHONS, SYSTEMS, TABLE, made

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = json.loads(TABLE.read_text("utf-8"))["packages"]
EXTRAS = ("embedded", "web", "pdf", "ray", "qdrant")
# What has to be built where it is installed. pyserini is published as source alone, and is Python and a jar: nothing is
# compiled. trec_eval's measures are C: docs/decisions/0021-trec-eval-on-arm.md.
BUILT = {
    "pyserini": {system: list(PYTHONS) for system in SYSTEMS},
    "pytrec-eval-terrier": {"Linux aarch64": list(PYTHONS)},
}


def project() -> dict[str, object]:
    return tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]


def test_every_requirement_stands_in_the_table_with_a_version_that_it_allows() -> None:
    said = project()
    extras = said["optional-dependencies"]
    assert isinstance(extras, dict)
    asked = [*said["dependencies"], *(each for extra in EXTRAS for each in extras[extra])]  # type: ignore[misc]
    for requirement in map(Requirement, asked):
        entry = PACKAGES.get(canonicalize_name(requirement.name))
        assert entry, f"{requirement.name} is new: renew {TABLE.name} (its command stands in wheels.py)"
        assert requirement.specifier.contains(entry["version"]), f"{requirement} was {entry['version']}: renew {TABLE}"


def test_there_is_a_wheel_of_everything_for_every_system_and_python() -> None:
    without = {name: entry["without"] for name, entry in PACKAGES.items() if entry["without"]}
    assert without == BUILT
    assert [name for name, entry in PACKAGES.items() if entry["source"]] == ["pyserini"]


def test_the_exact_versions_are_those_that_all_systems_can_install() -> None:
    lines = (ROOT / "constraints.txt").read_text("utf-8").splitlines()
    exact = {canonicalize_name(line.partition("==")[0]): line.partition("==")[2] for line in lines if "==" in line}
    others = {name: (entry["version"], exact[name]) for name, entry in PACKAGES.items() if name in exact}
    assert {name: both for name, both in others.items() if both[0] != both[1]} == {}
    assert len(others) > 100


def test_a_package_without_a_wheel_is_found() -> None:
    wheels = [{"name": "x-1-cp311-cp311-win_amd64.whl"}, {"name": "x-1-cp312-abi3-macosx_11_0_arm64.whl"}]
    lock = {
        "packages": [
            {"name": "x", "version": "1", "wheels": [*wheels, {"name": "x-1-cp313-cp313-manylinux_2_28_aarch64.whl"}]},
            {"name": "y", "version": "2", "marker": "sys_platform == 'win32'", "sdist": {}},
            {"name": "z", "version": "3", "wheels": [{"name": "z-3-py3-none-any.whl"}]},
        ]
    }
    found = made(lock)["packages"]
    assert found["x"]["without"] == {
        "Linux x86_64": list(PYTHONS),
        "Linux aarch64": ["3.11", "3.12", "3.14"],
        "macOS arm64": ["3.11"],
        "Windows x86_64": ["3.12", "3.13", "3.14"],
    }
    assert (found["y"]["without"], found["y"]["source"]) == ({"Windows x86_64": list(PYTHONS)}, True)
    assert (found["z"]["without"], found["z"]["source"]) == ({}, False)
