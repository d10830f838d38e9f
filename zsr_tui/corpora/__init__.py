"""Where documents, queries and judgments come from: the demo corpus, BEIR, ir_datasets, folders in BEIR layout, files
of other formats, and chunks of any of these.

    list_corpora() -> list[CorpusInfo]       what there is to choose from, known without a network
    normalise("scifact") -> "beir/scifact/test"   the one id of what a user named
    download(ref, report, cancel)            make it readable offline; at once where it is already
    open_corpus(ref) -> Corpus               read it; `NotDownloaded` where `download` is needed first
    members_of(id), collection_of(id)        the datasets that one averages over; whose documents a dataset has
    whole_of(id)                             the dataset that chunks are of
    remember_open(id)                        for a caller who asks for what another has opened

`download` resumes: bytes of a BEIR archive continue where they stopped after a kill at any moment, unpacking starts
anew. What ir_datasets downloads for datasets outside BEIR is its own business and starts anew.

Importing this package is cheap; ir_datasets is imported when something of its catalogue is opened or downloaded.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from zsr_tui.corpora.problems import NotDownloaded

if TYPE_CHECKING:
    from zsr_tui.corpora.listing import list_corpora
    from zsr_tui.corpora.names import collection_of, members_of, normalise, whole_of
    from zsr_tui.corpora.opening import download, open_corpus
    from zsr_tui.corpora.remembered import remember_open

__all__ = [
    "NotDownloaded",
    "collection_of",
    "download",
    "list_corpora",
    "members_of",
    "normalise",
    "open_corpus",
    "remember_open",
    "whole_of",
]

_HOME = {
    "list_corpora": "listing",
    "normalise": "names",
    "members_of": "names",
    "collection_of": "names",
    "whole_of": "names",
    "download": "opening",
    "open_corpus": "opening",
    "remember_open": "remembered",
}


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(f"{__name__}.{_HOME[name]}"), name)
