"""Everything that can be chosen, with what is known of it and what is on this machine."""

from __future__ import annotations

from pathlib import Path

from zsr_tui.corpora import beir, licensed
from zsr_tui.corpora.catalogue import FORUMS, Catalogue, Entry, catalogue
from zsr_tui.corpora.layout import CORPUS, QRELS, QUERIES
from zsr_tui.corpora.names import DEMO
from zsr_tui.corpora.opening import DEMO_FOLDER
from zsr_tui.corpora.remembered import remembered
from zsr_tui.domain import CorpusInfo, CorpusState


def list_corpora() -> list[CorpusInfo]:
    """The demo corpus, local corpora that were opened before, BEIR, and the licensed part of BEIR.

    Reads no dataset and no network; takes a few milliseconds. `state.bm25` and `state.encoded` are not filled here.
    """
    known = catalogue()
    infos = [_demo()]
    infos += [
        CorpusInfo(
            id=one.id,
            title=f"{Path(one.id).name} in {Path(one.path).parent}",  # several folders may share their name
            group="local",
            docs=one.docs,
            queries=one.queries,
            judgments=one.judgments,
            state=CorpusState(downloaded=True),
        )
        for one in remembered()
    ]
    for entry in known.entries.values():
        if entry.id == known.forums[0]:
            infos.append(_forums(known))
        infos.append(_beir(entry))
    infos += [
        CorpusInfo(
            id=entry.id,
            title=entry.title,
            group="licensed",
            docs=entry.docs,
            queries=entry.queries,
            licence="on request",
            how_to=licensed.how_to(entry),
            state=CorpusState(downloaded=licensed.on_disk(entry)),
        )
        for entry in known.licensed.values()
    ]
    return infos


def _beir(entry: Entry) -> CorpusInfo:
    return CorpusInfo(
        id=entry.id,
        title=entry.title,
        group="beir",
        docs=entry.docs,
        queries=entry.queries,
        judgments=entry.judgments,
        download_bytes=entry.bytes,
        licence=entry.licence,
        state=CorpusState(downloaded=beir.on_disk(entry)),
    )


def _forums(known: Catalogue) -> CorpusInfo:
    entries = [known.entries[id] for id in known.forums]
    return CorpusInfo(
        id=FORUMS,
        title=known.forums_title,
        group="beir",
        docs=sum(entry.docs for entry in entries),
        queries=sum(entry.queries for entry in entries),
        judgments=sum(entry.judgments for entry in entries),
        download_bytes=entries[0].bytes,
        licence=entries[0].licence,
        members=known.forums,
        state=CorpusState(downloaded=all(beir.on_disk(entry) for entry in entries)),
    )


def _demo() -> CorpusInfo:
    return CorpusInfo(
        id=DEMO,
        title="Demo corpus (ten everyday fields)",
        group="demo",
        docs=_lines(DEMO_FOLDER / CORPUS),
        queries=_lines(DEMO_FOLDER / QUERIES),
        judgments=_lines(DEMO_FOLDER / QRELS / "test.tsv") - 1,  # the header
        download_bytes=0,
        licence="Apache 2.0, as this program",
        state=CorpusState(downloaded=True),
    )


def _lines(path: Path) -> int:
    with path.open("rb") as file:
        return sum(not line.isspace() for line in file)
