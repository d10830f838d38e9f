"""A prebuilt index, downloaded and unpacked: it is there whole, or not at all."""

from __future__ import annotations

import lzma
import shutil
import tarfile
import zlib
from pathlib import Path, PurePosixPath

from zsr_tui import machine, outside
from zsr_tui.corpora.fetch import Source, md5_of
from zsr_tui.corpora.fetch import fetch as download
from zsr_tui.corpora.problems import check_space, told
from zsr_tui.domain import Problem
from zsr_tui.files import locked
from zsr_tui.progress import CancelToken, Meter, Report
from zsr_tui.retrieval.prebuilt import place
from zsr_tui.retrieval.prebuilt.lists import Prebuilt

MOST_FILES = 10_000  # of an index: Lucene's have some hundred
_CHUNK = 1 << 20


def fetch(prebuilt: Prebuilt, report: Report, cancel: CancelToken) -> Path:
    """Its folder; at once where it is here. A stop of any kind keeps what was downloaded.

    Raises `Problem` (no network, a file that is not the published one, an archive that holds no index, a full disk) and
    `Cancelled`.
    """
    target = place.folder(prebuilt)
    if target.is_dir():
        return target
    archive = target.parent / prebuilt.file
    with told(target, f"fetching {prebuilt.name}"):
        target.parent.mkdir(parents=True, exist_ok=True)
        with locked(target.with_name(f".{target.name}.lock"), cancel):
            if target.is_dir():  # another process was faster
                return target
            if archive.exists():
                _check(archive, prebuilt, report, cancel)
            download(_source(prebuilt, archive), report, cancel)
            half = target.with_name(f".{target.name}.half")
            shutil.rmtree(half, ignore_errors=True)
            half.mkdir()
            try:
                unpack(archive, half, report, cancel)
            except BaseException:
                shutil.rmtree(half, ignore_errors=True)
                raise
            half.rename(target)
            archive.unlink()
    return target


def _source(prebuilt: Prebuilt, archive: Path) -> Source:
    return Source(
        prebuilt.name, prebuilt.url, prebuilt.md5, prebuilt.size, archive, instead="build an index of your own"
    )


def _check(archive: Path, prebuilt: Prebuilt, report: Report, cancel: CancelToken) -> None:
    """One that was put here by hand, or by an earlier run that was killed before it was unpacked."""
    if md5_of(archive, f"Checking {prebuilt.name}", report, cancel) != prebuilt.md5:
        raise Problem(
            f"{archive} is not the published file of {prebuilt.name} (its md5 differs): put the right one there, or "
            "delete it, and it is downloaded."
        )


def unpack(archive: Path, into: Path, report: Report, cancel: CancelToken) -> None:
    """The files of an archive that holds one folder of files and nothing else. Raises `Problem`."""
    packed = archive.stat().st_size
    left = outside.most_unpacked(packed)
    meter = Meter(report, f"Unpacking {archive.name}", packed, "bytes")
    try:
        with outside.opened(archive) as file, tarfile.open(fileobj=file, mode="r:*") as members:
            folders: set[str] = set()
            for count, member in enumerate(members, start=1):
                if member.isdir() and len(_parts(member.name)) <= 1:
                    continue
                name = _file_name(archive, member, folders)
                left -= member.size
                if left < 0:
                    raise outside.bomb(archive)
                if count > MOST_FILES:
                    raise Problem(f"{archive} holds more than {MOST_FILES:,} files: it is no index.")
                check_space(into, member.size, f"unpack {archive.name}")
                source = members.extractfile(member)
                assert source is not None  # of a regular file
                with source, (into / name).open("xb") as copy:
                    while chunk := source.read(_CHUNK):
                        cancel.check()
                        copy.write(chunk)
                        meter.update(min(file.tell(), packed))
            if not folders:
                raise Problem(f"{archive} is empty: it is no index.")
    except (tarfile.TarError, zlib.error, lzma.LZMAError, EOFError) as error:
        raise Problem(f"{archive} is damaged ({error}): delete it, and fetch it again.", detail=repr(error)) from error
    except FileExistsError as error:
        raise Problem(f"{archive} holds two files of one name: it is no index.", detail=str(error)) from error


def _file_name(archive: Path, member: tarfile.TarInfo, folders: set[str]) -> str:
    """Of a regular file in the one folder. Raises `Problem` for anything else: links, devices, ways out of it."""
    parts = _parts(member.name)
    folders.update(parts[:1])
    plain = len(parts) == 2 and len(folders) == 1 and ".." not in parts and machine.names_a_file(parts[1], windows=True)
    if not plain or not member.isreg() or member.issparse():
        raise Problem(
            f"{archive} holds {member.name!r}, which is no file of an index: it is not unpacked.", detail=repr(member)
        )
    return parts[1]


def _parts(name: str) -> tuple[str, ...]:
    return PurePosixPath(name).parts
