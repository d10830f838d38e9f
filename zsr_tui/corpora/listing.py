"""Everything that can be chosen, with what is known of it and what is on this machine."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from zsr_tui import caller
from zsr_tui.corpora import beir, general, licensed
from zsr_tui.corpora.catalogue import FORUMS, catalogue
from zsr_tui.corpora.groups import groups
from zsr_tui.corpora.layout import CORPUS, QRELS, QUERIES
from zsr_tui.corpora.names import DEMO, is_local
from zsr_tui.corpora.opening import DEMO_FOLDER
from zsr_tui.corpora.reference import Reference, parsed
from zsr_tui.corpora.remembered import remembered
from zsr_tui.domain import CorpusInfo, CorpusState


def list_corpora() -> list[CorpusInfo]:
    """The demo corpus, local corpora that were opened before, BEIR, other collections, and the licensed part of BEIR.

    Reads no dataset and no network; takes a few milliseconds. `state.bm25` and `state.encoded` are not filled here.
    """
    known, bounds = catalogue(), caller.current().bounds
    infos = [_demo()]
    infos += [
        CorpusInfo(
            id=one.id,
            title=title_of(one.id),
            group="local",
            docs=one.docs,
            queries=one.queries,
            judgments=one.judgments,
            about=one.about,
            state=CorpusState(downloaded=True),
        )
        for one in remembered()
        if bounds is None or not is_local(base := parsed(one.id).base) or bounds.holds(Path(base))
    ]
    of_beir = {
        id: replace(entry.info, state=CorpusState(downloaded=beir.on_disk(entry)))
        for id, entry in known.entries.items()
    }
    for id, info in of_beir.items():
        if id == known.forums[0]:
            infos.append(_forums([of_beir[forum] for forum in known.forums], known.forums_title))
        infos.append(info)
    infos += [replace(one.info, state=CorpusState(downloaded=general.is_ready(id))) for id, one in groups().items()]
    infos += [
        replace(entry.info, how_to=licensed.how_to(entry), state=CorpusState(downloaded=licensed.on_disk(entry)))
        for entry in known.licensed.values()
    ]
    return infos


def title_of(id: str) -> str:
    """Of a local corpus or one of the hub. Several folders may share their name; settings tell others apart."""
    own = parsed(id)
    settings = f" {Reference('', own.settings)}" if own.settings else ""
    if not is_local(own.base):
        return f"{own.base}{settings}"
    path = Path(own.base)
    return f"{path.name}{settings} in {path.parent}"


def _forums(members: list[CorpusInfo], title: str) -> CorpusInfo:
    """CQADupStack as a whole; its forums share one archive."""
    return replace(
        members[0],
        id=FORUMS,
        title=title,
        docs=sum(one.docs or 0 for one in members),
        queries=sum(one.queries or 0 for one in members),
        judgments=sum(one.judgments or 0 for one in members),
        members=tuple(one.id for one in members),
        state=CorpusState(downloaded=all(one.state.downloaded for one in members)),
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
