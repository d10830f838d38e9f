"""In which language the documents of a corpus are, as far as its id says; BM25 analyses them accordingly."""

from __future__ import annotations

import re

from zsr_tui.pipeline import ENGLISH, LANGUAGES, PLAIN

# collections that have a part for each language, named by its code
_BY_ID = re.compile(r"(?:miracl|mr-tydi|mmarco(?:/v2)?|neumarco|hc4|wikiclir|neuclir/1)/([a-z]{2})(?![a-z0-9])")
_ELSE = {"trec-arabic": "ar", "trec-mandarin": "zh", "trec-spanish": "es", "mmarco/v2/dt": "nl", "wikiclir/nn": "no"}


def language_of(collection: str) -> str:
    """The code of a language that BM25 knows, `PLAIN` for another one; "" where nothing is known, which is taken for
    English."""
    found = _BY_ID.match(collection)
    code = next((code for id, code in _ELSE.items() if collection.startswith(id)), found[1] if found else "")
    return code if code in LANGUAGES or not code else PLAIN


def language_for(collection: str, language: str = "") -> str:
    """Of a BM25 index: the one that is named, else that of the documents, as far as it is known, else English."""
    return language or language_of(collection) or ENGLISH
