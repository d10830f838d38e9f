"""Which of our requirements has a wheel for which system and Python: `wheels.json`, made from the registry's metadata.

    uv pip compile pyproject.toml --extra embedded --extra web --extra pdf --extra ray --extra qdrant --universal \\
        --python-version 3.11.0 --constraint constraints.txt --format pylock.toml -o pylock.all.toml
    python -m tests.platforms.wheels pylock.all.toml

renews it. `uv` (from PyPI) resolves for every system at once and downloads no package. Nothing here asks a network.
"""

from __future__ import annotations

import json
import sys
import tomllib
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath
from typing import Any
from urllib.parse import unquote, urlsplit

from packaging.markers import Marker
from packaging.tags import Tag, compatible_tags, cpython_tags, mac_platforms
from packaging.utils import canonicalize_name, parse_wheel_filename

TABLE = Path(__file__).with_name("wheels.json")
PYTHONS = ("3.11", "3.12", "3.13", "3.14")
_UNIX = {"os_name": "posix", "implementation_name": "cpython", "platform_python_implementation": "CPython"}
_WINDOWS = {**_UNIX, "os_name": "nt", "sys_platform": "win32", "platform_system": "Windows"}
_LINUX = {**_UNIX, "sys_platform": "linux", "platform_system": "Linux"}
_MAC = {**_UNIX, "sys_platform": "darwin", "platform_system": "Darwin"}
SYSTEMS = {
    "Linux x86_64": {**_LINUX, "platform_machine": "x86_64"},
    "Linux aarch64": {**_LINUX, "platform_machine": "aarch64"},
    "macOS arm64": {**_MAC, "platform_machine": "arm64"},
    "Windows x86_64": {**_WINDOWS, "platform_machine": "AMD64"},
}


def made(lock: dict[str, Any]) -> dict[str, Any]:
    """`lock` as pylock.toml has it (PEP 751). For each package the version, and for each system the Pythons without a
    wheel; "source" for one that has none at all."""
    packages: dict[str, Any] = {}
    for package in lock["packages"]:
        if "version" not in package:  # ours
            continue
        files = [_name(wheel) for wheel in package.get("wheels", ())]
        tags = frozenset(tag for file in files for tag in parse_wheel_filename(file)[3])
        said = packages.setdefault(canonicalize_name(package["name"]), {"version": package["version"], "without": {}})
        said["source"] = not files
        for system, python in environments():
            if _applies(package.get("marker"), system, python) and not tags & _tags(system, python):
                said["without"].setdefault(system, []).append(python)
    return {"date": datetime.now(UTC).date().isoformat(), "packages": dict(sorted(packages.items()))}


def environments() -> Iterator[tuple[str, str]]:
    return ((system, python) for system in SYSTEMS for python in PYTHONS)


def _name(wheel: dict[str, Any]) -> str:
    return wheel.get("name") or unquote(PurePosixPath(urlsplit(wheel["url"]).path).name)


def _applies(marker: str | None, system: str, python: str) -> bool:
    named = {"python_version": python, "python_full_version": f"{python}.9", **SYSTEMS[system], "extra": ""}
    return marker is None or Marker(marker).evaluate(named)


def _tags(system: str, python: str) -> frozenset[Tag]:
    major, minor = map(int, python.split("."))
    platforms = {
        "Linux x86_64": _manylinux("x86_64", 5),
        "Linux aarch64": _manylinux("aarch64", 17),
        "macOS arm64": list(mac_platforms((14, 0), "arm64")),
        "Windows x86_64": ["win_amd64"],
    }[system]
    interpreter = f"cp{major}{minor}"
    return frozenset(
        [
            *cpython_tags((major, minor), platforms=platforms),
            *compatible_tags((major, minor), interpreter, platforms),
        ]
    )


def _manylinux(machine: str, oldest: int) -> list[str]:
    """Of Debian 12's and RHEL 9's C library and older ones."""
    named = [f"manylinux_2_{minor}_{machine}" for minor in range(34, oldest - 1, -1)]
    old = ["manylinux2014", *(["manylinux2010", "manylinux1"] if machine == "x86_64" else [])]
    return [*named, *(f"{name}_{machine}" for name in old), f"linux_{machine}"]


if __name__ == "__main__":
    table = made(tomllib.loads(Path(sys.argv[1]).read_text("utf-8")))
    TABLE.write_text(json.dumps(table, indent=1) + "\n", "utf-8")
