"""A folder of texts, Markdown, HTML and PDF: each file is a document, its path within the folder the id."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

from zsr_tui.corpora.chunking import first_heading
from zsr_tui.corpora.formats import html, pdf
from zsr_tui.corpora.formats.lines import not_in, whole
from zsr_tui.corpora.formats.rows import BESIDE, OF_TEXTS, BadRow, Options, Row, Seen, ending

_FRONT = re.compile(r"\A---[ \t]*\n(.*?)\n---[ \t]*(?:\n|\Z)", re.DOTALL)
_FIELD = re.compile(r"^([A-Za-z][\w-]*):[ \t]*(\S.*)$", re.MULTILINE)


def rows(source: str, options: Options, seen: Seen) -> Iterator[Row]:
    """Hidden files and folders are left out, and what `queries` and `qrels` at the top hold."""
    root = Path(source)
    base = root if root.is_dir() else root.parent
    read = 0
    for path in files(source):
        read += path.stat().st_size
        try:
            fields = _fields(path, options)
        except BadRow as bad:
            options.refuse(bad)
            continue
        id = quote(path.relative_to(base).as_posix(), safe="/!$&'()*+,;=:@~", errors="surrogateescape")
        seen(read)
        yield Row(str(path), {"id": _readable(id), "title": path.stem, **fields, "file": path.name})


def files(source: str) -> list[Path]:
    """Those of the folder in the order of their paths; links are not followed to folders."""
    root = Path(source)
    return sorted(_walked(root), key=lambda path: path.parts) if root.is_dir() else [root]


def has_texts(folder: Path) -> bool:
    return next(_walked(folder), None) is not None


def _walked(folder: Path) -> Iterator[Path]:
    for where, folders, names in os.walk(folder, followlinks=False):
        top = Path(where) == folder
        folders[:] = sorted(name for name in folders if not name.startswith(".") and not (top and name in BESIDE))
        for name in names:
            path = Path(where, name)
            beside = top and path.stem.split(".")[0] in BESIDE
            if not name.startswith(".") and not beside and ending(path) in OF_TEXTS and path.is_file():
                yield path


def _fields(path: Path, options: Options) -> dict[str, str]:
    match ending(path):
        case ".pdf":
            return pdf.read(path)
        case ".html" | ".htm" | ".xhtml":
            return html.read(whole(path), str(path), options.encoding)
        case ".md" | ".markdown":
            return _markdown(_text(path, options))
    return {"text": _text(path, options)}


def _text(path: Path, options: Options) -> str:
    data = whole(path)
    encoding = options.encoding or ("utf-16" if data[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig")
    try:
        text = data.decode(encoding).replace("\r\n", "\n")
    except UnicodeError as error:
        raise BadRow(str(path), not_in(encoding), detail=str(error)) from error
    if "\0" in text:
        raise BadRow(str(path), "it holds the byte 0, as no text does")
    return text


def _markdown(text: str) -> dict[str, str]:
    """Without the lines of settings that stand before it, which are its metadata; titled by its first heading."""
    front = _FRONT.match(text)
    fields = {key: value.rstrip(" \t").strip("\"'") for key, value in _FIELD.findall(front[1])} if front else {}
    text = text[front.end() :] if front else text
    heading = first_heading(text)
    title = {"title": heading} if heading else {}
    return {**title, **{key: value for key, value in fields.items() if key not in ("id", "text")}, "text": text}


def _readable(id: str) -> str:
    """Letters of all scripts as they are: white space and what no text has stay as %20 and the like."""

    def letters(run: re.Match[str]) -> str:
        try:
            text = bytes.fromhex(run[0].replace("%", "")).decode()
        except UnicodeDecodeError:
            return run[0]
        return "".join(
            each if each.isprintable() and not each.isspace() and each != "%" else quote(each) for each in text
        )

    return re.sub(r"(?:%[0-9A-F]{2})+", letters, id)
