"""What is known of one corpus: how its files are read, and what it begins with."""

from __future__ import annotations

from dataclasses import replace
from itertools import islice

from zsr_tui.corpora import imported
from zsr_tui.corpora.formats.rows import HUB
from zsr_tui.corpora.listing import list_corpora, title_of
from zsr_tui.corpora.names import imported as is_imported
from zsr_tui.corpora.names import normalise
from zsr_tui.corpora.opening import open_corpus
from zsr_tui.corpora.problems import NotDownloaded
from zsr_tui.corpora.reference import parsed
from zsr_tui.domain import CorpusInfo, Doc


def described(ref: str, first: int = 0) -> tuple[CorpusInfo, list[Doc]]:
    """`first` of its documents as well; fewer, or none, where they are not on this machine. Files that have not been
    read yet are looked into. Raises `Problem`."""
    id = normalise(ref)
    own = parsed(id)
    known = next((info for info in list_corpora() if info.id == id), None)
    info = known or CorpusInfo(id, title_of(id), "local")
    if is_imported(own.base) and (not own.base.startswith(HUB) or imported.is_ready(own)):
        mapping, docs = imported.beginning(own, first)
        chunking = own.chunking
        about = mapping.about() + (f"; cut into {chunking.about()}" if chunking else "")
        if chunking:
            docs = list(islice((chunk for doc in docs for chunk in chunking.chunks(doc)), first))
        return replace(info, about=about), docs
    if not first or info.members:
        return info, []
    try:
        return info, list(islice(open_corpus(id).iter_docs(), first))
    except NotDownloaded:
        return info, []
