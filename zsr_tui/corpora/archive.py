"""Unpacks a zip archive in BEIR layout, once, into the cache."""

from __future__ import annotations

import hashlib
import os
import shutil
from pathlib import Path
from zipfile import ZipFile

from zsr_tui import outside
from zsr_tui.corpora.layout import Layout
from zsr_tui.corpora.problems import check_space, told
from zsr_tui.domain import Problem
from zsr_tui.files import locked
from zsr_tui.paths import cache_dir
from zsr_tui.progress import CancelToken, Meter, Report

_CHUNK = 1 << 20


def unpacked(layout: Layout, report: Report, cancel: CancelToken) -> Path:
    """The folder with the archive's files. It is made in one rename, and anew when the archive has changed."""
    path = layout.path
    status = path.stat()
    home = cache_dir() / "unpacked" / hashlib.sha256(os.fsencode(path)).hexdigest()[:16]
    target = home / f"{status.st_size}-{status.st_mtime_ns}"
    if target.is_dir():
        return target
    with told(home, f"unpacking {path.name}"), locked(home.with_suffix(".lock"), cancel):
        if not target.is_dir():
            shutil.rmtree(home, ignore_errors=True)  # of an older archive, or half-unpacked
            try:
                _unpack(layout, home / "half", report, cancel)
            except BaseException:
                shutil.rmtree(home, ignore_errors=True)
                raise
            (home / "half").rename(target)
    return target


def forget(folder: Path) -> None:
    """Remove what an archive was unpacked to."""
    shutil.rmtree(folder.parent, ignore_errors=True)


def _unpack(layout: Layout, into: Path, report: Report, cancel: CancelToken) -> None:
    try:
        with outside.opened(layout.path) as file, ZipFile(file) as archive:
            total = sum(archive.getinfo(member).file_size for member in layout.members)
            if total > outside.most_unpacked(layout.path.stat().st_size):
                raise outside.bomb(layout.path)
            into.mkdir(parents=True)
            check_space(into, total, f"unpack {layout.path.name}")
            meter = Meter(report, f"Unpacking {layout.path.name}", total, "bytes")
            for member, name in layout.members.items():
                (into / name).parent.mkdir(parents=True, exist_ok=True)
                with archive.open(member) as source, (into / name).open("wb") as copy:
                    while chunk := source.read(_CHUNK):
                        cancel.check()
                        copy.write(chunk)
                        meter.advance(len(chunk))
    except outside.DAMAGED_ZIP as error:
        raise Problem(f"{layout.path} is damaged ({error}): make or fetch it again.", detail=repr(error)) from error
    except RuntimeError as error:  # a password, an unknown compression
        raise Problem(f"{layout.path} cannot be unpacked: {error}.", detail=repr(error)) from error
