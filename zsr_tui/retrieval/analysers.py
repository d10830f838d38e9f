"""What makes terms of texts for BM25, for each language: what Anserini takes of Lucene, and for English its own."""

from __future__ import annotations

import functools
from typing import Any

from zsr_tui.pipeline import ENGLISH, PLAIN
from zsr_tui.retrieval.java import call


@functools.cache
def analyser(language: str) -> Any:
    """The analyser of a code of `zsr_tui.pipeline.LANGUAGES`; for `PLAIN` Lucene's words in small letters, without
    stemming and stop words. Shared by all threads."""
    from jnius import autoclass

    if language == ENGLISH:
        return call(autoclass("io.anserini.analysis.DefaultEnglishAnalyzer"), "newDefaultInstance")
    if language == PLAIN:
        return autoclass("org.apache.lucene.analysis.standard.StandardAnalyzer")()
    return autoclass(call(autoclass("io.anserini.analysis.AnalyzerMap").analyzerMap, "get", language))()
