"""Whose documents a prebuilt index has, which model made it, and how a system names it.

The lists say it in names: `beir-v1.0.0-scifact.bge-base-en-v1.5.hnsw`.
"""

from __future__ import annotations

import re

from zsr_tui.corpora.elsewhere import PREBUILT
from zsr_tui.pipeline import ENGLISH, LANGUAGES, Bm25, Dense, Sparse, System
from zsr_tui.retrieval.prebuilt.lists import Kind, Prebuilt, known

# What stands behind the collection's name: the model as this program names it. Longer ones first.
_MODELS = {
    ".bge-base-en-v1.5": "BAAI/bge-base-en-v1.5",
    ".bge-large-en-v1.5": "BAAI/bge-large-en-v1.5",
    ".contriever-msmarco": "facebook/contriever-msmarco",
    ".contriever": "facebook/contriever",
    ".splade-pp-ed": "naver/splade-cocondenser-ensembledistil",
    ".splade-v3": "naver/splade-v3",
}
_MIRACL = re.compile(r"miracl-v1\.0-([a-z]+)$")  # analysed in the language of this code
_MS_MARCO = {
    "msmarco-v1-passage": ("beir/msmarco", "msmarco-passage"),
    "msmarco-v1-doc": ("msmarco-document",),
    "msmarco-v2-passage": ("msmarco-passage-v2",),
    "msmarco-v2-doc": ("msmarco-document-v2",),
}
_VARIANT = re.compile(r"-(slim|full)$")
_FIRST: tuple[Kind, ...] = ("inverted", "impact", "hnsw", "flat", "faiss")
_VECTORS: tuple[Kind, ...] = ("flat", "hnsw", "faiss")


def collections(prebuilt: Prebuilt) -> tuple[str, ...]:
    """The collections of `zsr_tui.corpora` whose documents, by whose ids, it has; the one of the index that stores its
    texts is among them."""
    of_texts = dict.fromkeys(f"{PREBUILT}{name}" for name in (prebuilt.name, prebuilt.texts) if name)
    return (*_of_datasets(prebuilt), *of_texts)


def _of_datasets(prebuilt: Prebuilt) -> tuple[str, ...]:
    beginning, _, rest = prebuilt.name.partition(".")
    if beginning == "beir-v1":
        name = rest.removeprefix("0.0-").partition(".")[0]
        forum = name.removeprefix("cqadupstack-")
        if forum != name:
            return (f"beir/cqadupstack/{forum}",)
        return ("beir/webis-touche2020/v2",) if name == "webis-touche2020" else (f"beir/{name}",)
    if beginning.startswith("bright-"):
        return (f"bright/{beginning.removeprefix('bright-')}",)
    if beginning == "miracl-v1" and prebuilt.kind == "inverted":
        return (f"miracl/{rest.removeprefix('0-')}",)
    return _MS_MARCO.get(_VARIANT.sub("", beginning), ())


def of_collection(collection: str) -> list[Prebuilt]:
    """Those that this program can search, BM25's first."""
    found = [each for each in known().values() if collection in collections(each) and system(each) is not None]
    return sorted(found, key=lambda each: _FIRST.index(each.kind))


def language(prebuilt: Prebuilt) -> str:
    """The code of the language in which its documents were analysed; Anserini splits those of Swahili and Yoruba at
    spaces alone, which BM25 here does not."""
    found = _MIRACL.match(prebuilt.name)
    return found[1] if found else ENGLISH


def system(prebuilt: Prebuilt) -> System | None:
    """That searches it; None for a model that is not known here, and for the analyser of a language that is not."""
    if prebuilt.kind == "inverted":
        return Bm25(index=prebuilt.name) if language(prebuilt) in LANGUAGES else None
    model = next((name for part, name in _MODELS.items() if part in prebuilt.name), "")
    if not model:
        return None
    return Dense(model, prebuilt.name) if prebuilt.kind in _VECTORS else Sparse(model, prebuilt.name)
