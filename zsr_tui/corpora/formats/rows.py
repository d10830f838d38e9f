"""What every format gives: rows, each with the place where it stands; and which module reads which file."""

from __future__ import annotations

import codecs
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import Any

from zsr_tui.domain import Problem

HUB = "hf:"  # before the name of a dataset of the hub
PACKED = ".gz"
_BY_ENDING = {
    ".csv": "table", ".tsv": "table", ".tab": "table", ".jsonl": "json_lines", ".ndjson": "json_lines",
    ".json": "json_lines", ".parquet": "columnar", ".arrow": "columnar", ".feather": "columnar",
}  # fmt: skip
OF_TEXTS = (".txt", ".text", ".md", ".markdown", ".html", ".htm", ".xhtml", ".pdf")  # files that are a document each
BESIDE = ("queries", "qrels")  # what lies beside the documents, and is none

Seen = Callable[[int], None]  # told how many of the source's bytes have been read, or rows where nobody knows the bytes


class BadRow(Problem):
    """A line or file that is no document; the others are. What it says goes on with what can be done about it."""

    def __init__(self, where: str, what: str, *, detail: str = "") -> None:
        super().__init__(f"{where}: {what}; mend it, or leave such out with bad=skip.", detail=detail)


@dataclass(frozen=True, slots=True)
class Row:
    """`where` names file and line for a sentence."""

    where: str
    fields: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Options:
    """What a file does not say of itself. "" leaves it to the reader."""

    encoding: str = ""
    header: str = ""  # "yes" or "no"
    quotes: str = ""  # "yes" or "no": whether fields in quotes may hold separators and line breaks
    config: str = ""  # of a dataset of the hub
    split: str = ""  # of one
    on_bad: Callable[[BadRow], None] | None = field(default=None, compare=False)  # None has the first one raised

    def refuse(self, bad: BadRow) -> None:
        """Raises it, unless such rows are left out."""
        if self.on_bad is None:
            raise bad
        self.on_bad(bad)

    def __post_init__(self) -> None:
        for name in ("header", "quotes"):
            if getattr(self, name) not in ("", "yes", "no"):
                raise Problem(f"{name} is yes or no, not {getattr(self, name)!r}.", usage=True)
        try:
            known = not self.encoding or codecs.lookup(self.encoding)._is_text_encoding
        except (LookupError, ValueError):
            known = False
        if not known:
            raise Problem(
                f"{self.encoding!r} is no encoding of text: write utf-8, utf-16, latin-1, cp1252.", usage=True
            )


@dataclass(frozen=True, slots=True)
class Reader:
    """`rows(source, options, seen)` reads from the beginning. `files(source)` are what it reads, for what has changed;
    `kind` is a word for the user; `named`, where the reader itself names the fields of a row for id, title and text."""

    kind: str
    rows: Callable[[str, Options, Seen], Iterator[Row]]
    files: Callable[[str], list[Path]]
    named: bool = False


def reader_of(source: str) -> Reader | None:
    """By its name and, for a folder, by what lies in it. None for what is none of the formats."""
    if source.startswith(HUB):
        hub = import_module("zsr_tui.corpora.formats.hub")
        return Reader("dataset of the Hugging Face hub", hub.rows, lambda _: [])
    path = Path(source)
    if path.is_dir():
        return _of_folder(path)
    return _of_file(path)


def ending(path: Path) -> str:
    """Of its name, in small letters, without that of gzip."""
    name = path.name.lower().removesuffix(PACKED)
    return Path(name).suffix


def _of_file(path: Path) -> Reader | None:
    if ending(path) in OF_TEXTS and not path.name.lower().endswith(PACKED):
        return _texts("a text of its own")
    name = _BY_ENDING.get(ending(path))
    if name is None or (name == "columnar" and path.name.lower().endswith(PACKED)):
        return None
    module = import_module(f"zsr_tui.corpora.formats.{name}")
    return Reader(module.KIND, module.rows, lambda source: [Path(source)])


def _of_folder(path: Path) -> Reader | None:
    """Tables that lie in a folder are the parts of one; else what it has of texts, in its folders too."""
    parts = parts_of(path)
    if parts:
        module = import_module(f"zsr_tui.corpora.formats.{_BY_ENDING[ending(parts[0])]}")
        return Reader(f"folder of {module.KIND}", partial(_joined, module.rows), lambda source: parts_of(Path(source)))
    folder = import_module("zsr_tui.corpora.formats.folder")
    return _texts("folder of texts") if folder.has_texts(path) else None


def _texts(kind: str) -> Reader:
    folder = import_module("zsr_tui.corpora.formats.folder")
    return Reader(kind, folder.rows, folder.files, named=True)


def parts_of(folder: Path) -> list[Path]:
    """The tables of one ending in a folder, by name; of the ending that most of them have."""
    found: dict[str, list[Path]] = {}
    for child in sorted(folder.iterdir()):
        hidden = child.name.startswith((".", "_"))
        if not hidden and ending(child) in _BY_ENDING and child.stem.split(".")[0] not in BESIDE and child.is_file():
            found.setdefault(ending(child), []).append(child)
    found.pop(".json", None)  # what programs keep beside data: dataset_info.json, state.json
    return max(found.values(), key=len, default=[])


def _joined(
    rows: Callable[[str, Options, Seen], Iterator[Row]], source: str, options: Options, seen: Seen
) -> Iterator[Row]:
    before = 0
    for part in parts_of(Path(source)):
        yield from rows(str(part), options, lambda read, before=before: seen(before + read))  # type: ignore[misc]
        before += part.stat().st_size
