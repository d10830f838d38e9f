"""Checksums of an index's files, by which bits that a disk has lost are noticed.

checks.json    {"block", "files"}: of every file, CRC-32 by blocks of so many bytes; written when the index is finished

They are compared when an index is first opened, or behind the first searches where it is large.
"""

from __future__ import annotations

import hashlib
import zlib
from collections.abc import Iterator
from pathlib import Path

import msgspec

from zsr_tui.decoding import json_decoder
from zsr_tui.files import write_whole

NAME = "checks.json"
_NOT_CHECKED = {NAME, "manifest.json", "write.lock"}
_BLOCK = 1 << 22  # bytes


class _Checks(msgspec.Struct):
    block: int
    files: dict[str, list[int]]  # by path below the folder


def write_checks(folder: Path) -> None:
    """Of what lies in a finished folder now."""
    files = {name: list(_sums(folder / name, _BLOCK)) for name in _files(folder)}
    write_whole(folder / NAME, msgspec.json.encode(_Checks(_BLOCK, files)))


def size(folder: Path) -> int:
    """Bytes that are compared."""
    return sum((folder / name).stat().st_size for name in _files(folder))


def digest(folder: Path) -> str:
    """Of what lay in a finished folder; "" where there is none."""
    try:
        return hashlib.sha256((folder / NAME).read_bytes()).hexdigest()
    except OSError:
        return ""


def damage(folder: Path) -> str:
    """What is not as it was written, in words; "" where everything is. Reads every byte."""
    try:
        checks = json_decoder(_Checks).decode((folder / NAME).read_bytes())
        for name, written in checks.files.items():
            there = list(_sums(folder / name, checks.block))
            if len(there) != len(written):
                return f"{folder / name} is longer or shorter than it was written"
            for number, (now, then) in enumerate(zip(there, written, strict=True)):
                if now != then:
                    return f"{folder / name} is not as it was written, from byte {number * checks.block:,}"
    except msgspec.DecodeError as error:
        return f"{folder / NAME}: {error}"
    except OSError as error:
        return str(error)
    return ""


def _files(folder: Path) -> list[str]:
    paths = (path for path in folder.rglob("*") if path.is_file() and not path.name.startswith("."))
    return sorted(str(path.relative_to(folder)) for path in paths if path.name not in _NOT_CHECKED)


def _sums(path: Path, block: int) -> Iterator[int]:
    with path.open("rb", buffering=0) as file:
        while data := file.read(block):
            yield zlib.crc32(data)
