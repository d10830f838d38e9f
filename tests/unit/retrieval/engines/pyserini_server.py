"""Pyserini's REST server on a port: its own routes, controller and searcher.

It cannot start as it is where the tests run. Its controller imports every encoder, one of whose packages
(uniir_for_pyserini) is not published, and begins with a published index of 2 GB whose numbers it checks. So what only
encodes is absent here, and the check is left out: the index that stands in PYSERINI_CACHE under that name is searched.
"""

from __future__ import annotations

import sys
from typing import ClassVar
from unittest.mock import MagicMock

from zsr_tui.retrieval.java import start_jvm


class Absent(MagicMock):
    __path__: ClassVar[list[str]] = []


start_jvm()
for name in ("torch", "transformers", "faiss", "pyserini.encode", "pyserini.encode.optional._uniir"):
    sys.modules[name] = Absent()
sys.modules["pyserini.encode.optional"] = Absent()

from pyserini.index.lucene import LuceneIndexReader  # noqa: E402

LuceneIndexReader.validate = lambda *_, **__: None

import uvicorn  # noqa: E402
from pyserini.server.rest.app import app  # noqa: E402

uvicorn.run(app, host="127.0.0.1", port=int(sys.argv[1]), log_level="warning")
