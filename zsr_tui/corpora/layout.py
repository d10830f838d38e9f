"""BEIR layout: `corpus.jsonl`, `queries.jsonl` and `qrels/<split>.tsv`, in a folder or in a zip archive."""

from __future__ import annotations

import re
import shlex
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from zipfile import ZipFile

from zsr_tui import machine, outside
from zsr_tui.corpora.problems import file_problem
from zsr_tui.domain import Problem

CORPUS, QUERIES, QRELS = "corpus.jsonl", "queries.jsonl", "qrels"
_WHAT = f"{CORPUS}, {QUERIES} and {QRELS}/<split>.tsv"
_MEMBER = re.compile(rf"(?:[^/]+/)?(?:{re.escape(CORPUS)}|{re.escape(QUERIES)}|{QRELS}/[^/.][^/]*\.tsv)")


@dataclass(frozen=True, slots=True)
class Layout:
    """What was found at `path`. `members` maps the names inside an archive to the layout's own; empty for a folder."""

    path: Path
    splits: tuple[str, ...]
    members: dict[str, str]

    def default_split(self) -> str:
        """test, else the only one, else dev, else train, else the first; "" where there are no judgments."""
        if len(self.splits) <= 1:
            return self.splits[0] if self.splits else ""
        return next((split for split in ("test", "dev", "train") if split in self.splits), self.splits[0])

    def choose(self, split: str) -> str:
        if not split:
            return self.default_split()
        if split not in self.splits:
            has = f"it has {', '.join(self.splits)}" if self.splits else f"it has no {QRELS} folder with .tsv files"
            raise Problem(f"{self.path} has no split {split!r}: {has}.", usage=True)
        return split

    def dataset_id(self, split: str) -> str:
        return str(self.path) if split == self.default_split() else f"{self.path}:{split}"


def find_layout(path: Path) -> Layout:
    """Raises `Problem` where `path` is not a folder or archive in BEIR layout."""
    if path.is_dir():
        return _folder(path)
    if not path.exists():
        raise Problem(f"there is no file or folder {path}.", usage=True)
    try:
        with outside.opened(path) as file, ZipFile(file) as archive:
            return _archive(path, archive.namelist())
    except (*outside.DAMAGED_ZIP, RuntimeError) as error:  # the latter for a version that zipfile does not know
        raise Problem(
            f"{path} is neither a folder nor a complete zip archive in BEIR layout ({_WHAT}), nor by its name CSV, "
            "TSV, JSON lines, Parquet, Arrow, text, Markdown, HTML or PDF.",
            detail=str(error),
            usage=True,
        ) from error
    except OSError as error:
        raise file_problem(error, path, f"opening {path.name}") from error


def _folder(path: Path) -> Layout:
    packed = [name for name in (CORPUS, QUERIES) if (path / f"{name}.gz").is_file() and not (path / name).is_file()]
    packed += [
        f"{QRELS}/{file.stem}"
        for file in _judgments(path, ".tsv.gz")
        if file.is_file() and not file.with_suffix("").is_file()
    ]
    if packed:
        files = " ".join(shlex.quote(f"{path / name}.gz") for name in packed)
        raise Problem(f"{path} is in BEIR layout, but packed with gzip: unpack it (gunzip -k {files}).", usage=True)
    if not (path / CORPUS).is_file():
        inner = sorted(child.name for child in path.glob("[!.]*") if (child / CORPUS).is_file())
        hint = f" Did you mean {path / inner[0]}?" if inner else ""
        raise Problem(f"{path} holds no {CORPUS}: a corpus in BEIR layout has {_WHAT}.{hint}", usage=True)
    return Layout(path, splits_in(path), {})


def splits_in(path: Path) -> tuple[str, ...]:
    """Of a folder, by name."""
    return tuple(file.stem for file in _judgments(path, ".tsv"))


def _judgments(path: Path, ending: str) -> list[Path]:
    """Files of judgments, by name; a pipe, a device or a link to nothing is told when it is read. What macOS leaves
    beside them on foreign disks (`._test.tsv`) is none."""
    return sorted(each for each in (path / QRELS).glob(f"[!.]*{ending}") if not each.is_dir())


def _archive(path: Path, names: list[str]) -> Layout:
    for name in names:
        if name.startswith("/") or ".." in PurePosixPath(name.replace("\\", "/")).parts:
            raise Problem(f"{path} has a member that points outside the archive ({name}): it is not unpacked.")
    found = [name for name in names if _MEMBER.fullmatch(name) and not name.startswith("__MACOSX/")]
    roots = [name.removesuffix(CORPUS) for name in found if PurePosixPath(name).name == CORPUS]
    if not roots:
        packed = any(PurePosixPath(name).name == f"{CORPUS}.gz" for name in names)
        hint = f" Its {CORPUS}.gz is packed: unpack the archive, then that with gunzip." if packed else ""
        raise Problem(
            f"{path} holds no {CORPUS}, at its top or in one folder: a corpus in BEIR layout has {_WHAT}.{hint}",
            usage=True,
        )
    if len(roots) > 1:
        raise Problem(f"{path} holds {len(roots)} corpora: unpack it and open one of its folders.", usage=True)
    root = roots[0]
    members = {
        name: name.removeprefix(root)
        for name in found
        if name.startswith(root) and (root or name in (CORPUS, QUERIES) or name.startswith(f"{QRELS}/"))
    }
    for inner in members.values():
        if not all(map(machine.names_a_file, PurePosixPath(inner).parts)):
            raise Problem(
                f"{path} has a member whose name no file can have on this system ({inner}): give it another one in the "
                "archive."
            )
    splits = sorted(PurePosixPath(inner).stem for inner in members.values() if inner.startswith(f"{QRELS}/"))
    return Layout(path, tuple(splits), members)
