"""The notation of systems: parse it, print it, ask what a system needs.

    system  = step { ">>" reranker [ "%" count ] }        candidates, then rerankers
    step    = retriever [ "%" count ]                     % cuts a list: bm25 % 100
    retriever = "bm25" [ "(" "k1" "=" number "," "b" "=" number "," "index" "=" name ")" ]   each may be left out
              | "dense" "(" model [ ";" "index" "=" way ] ")"   nearest vectors of a bi-encoder; way is flat (exact),
                                                              hnsw, ivfpq or sq8, or the name of a prebuilt index
              | "sparse" "(" model [ ";" "index" "=" name ] ")"   the weighted terms of a learned sparse model (SPLADE)
              | engine "(" name { ";" setting "=" value } ")"    another search engine: es, opensearch, pyserini,
                                                              anserini or qdrant, by its name in engines.toml or its
                                                              address (http://host:9200/index); es and opensearch
                                                              take template=file, qdrant model and vector
              | "rrf" "(" systems [ settings ] ")"            fused by rank; settings are k=count and weights
              | "linear" "(" systems [ settings ] ")"         fused by score; settings are weights and
                                                              norm=minmax, norm=zscore or norm=sum
              | "(" system ")"
    systems  = system "," system { "," system }
    settings = ";" setting { "," setting }                    weights=[2, 1]: one a system; a comma may stand for ";"
    model   = a catalogue name, org/name[@revision], a folder, package:import.name/folder; in "..." if it has
              spaces, brackets or semicolons

`>>` and `%` are PyTerrier's operators. Without `%`, candidates are the first 1,000, PyTerrier's and pyserini's default.
`parse` and `str` are inverse up to spaces: parse(str(system)) == system.
"""

from zsr_tui.pipeline.parsing import parse
from zsr_tui.pipeline.systems import (
    CANDIDATES,
    ENGLISH,
    K1,
    LANGUAGES,
    LARGE,
    METHODS,
    PLAIN,
    RRF_K,
    SERVED,
    B,
    Bm25,
    Cut,
    Dense,
    Encoded,
    Fusion,
    Kind,
    Linear,
    Method,
    Norm,
    Rerank,
    Rrf,
    Served,
    Sparse,
    System,
    bm25_languages,
    changed,
    combined,
    cut_of,
    encoded,
    equally_weighted,
    is_url,
    longest_of,
    models,
    outer_fusion,
    prebuilt,
    rerankers,
    resolved,
    reweighted,
    served,
    steps,
    uncut,
)
from zsr_tui.pipeline.tokens import MARKS, NotationError

__all__ = [
    "CANDIDATES",
    "ENGLISH",
    "K1",
    "LANGUAGES",
    "LARGE",
    "MARKS",
    "METHODS",
    "PLAIN",
    "RRF_K",
    "SERVED",
    "B",
    "Bm25",
    "Cut",
    "Dense",
    "Encoded",
    "Fusion",
    "Kind",
    "Linear",
    "Method",
    "Norm",
    "NotationError",
    "Rerank",
    "Rrf",
    "Served",
    "Sparse",
    "System",
    "bm25_languages",
    "changed",
    "combined",
    "cut_of",
    "encoded",
    "equally_weighted",
    "is_url",
    "longest_of",
    "models",
    "outer_fusion",
    "parse",
    "prebuilt",
    "rerankers",
    "resolved",
    "reweighted",
    "served",
    "steps",
    "uncut",
]
