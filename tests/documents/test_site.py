"""The documentation is a site: every page in its place, every link right, nothing loaded from elsewhere."""

from __future__ import annotations

import os
import re
import runpy
import subprocess
import sys
import tomllib
from pathlib import Path

import yaml

from zsr_tui import __version__

from .blocks import ROOT

HOOK = runpy.run_path(str(ROOT / "docs" / "package_index.py"))
LOADED = re.compile(r'(?:src|href)="(https?:)?//[^"]*"|@import|url\((?:"|\')?https?:')


def test_it_is_built_without_warnings_and_loads_nothing_from_elsewhere(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "mkdocs", "build", "--strict", "--site-dir", str(tmp_path / "site")],
        cwd=ROOT,
        env={**os.environ, "NO_MKDOCS_2_WARNING": "1", "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, f"{done.stderr}\nA new page goes into `nav` of mkdocs.yml."
    site = tmp_path / "site"
    assert {"index.html", "user-guide.html", "changelog.html"} <= {path.name for path in site.glob("*.html")}
    for page in site.rglob("*.html"):
        tags = re.findall(r"<(?:script|link|img|iframe|source)\b[^>]*>", page.read_text("utf-8"))
        assert not [tag for tag in tags if LOADED.search(tag)], page.name
    first = (site / "index.html").read_text("utf-8")
    assert 'href="user-guide.html"' in first
    assert 'src="compare.png"' in first


def test_the_package_index_is_given_whole_addresses_once_there_is_one() -> None:
    address = "https://code.example/zsr"
    readme = (ROOT / "README.md").read_text("utf-8")
    links = re.findall(r"(!?)\[[^\]]*\]\(([^)]*)\)", HOOK["absolute"](readme, f"{address}/"))
    assert len(links) > 15
    for picture, target in links:
        began = f"{address}/raw/HEAD/" if picture else f"{address}/blob/HEAD/"
        assert target.startswith(began) or (not picture and re.match(rf"(?!{address})https?://|#", target)), target
        if target.startswith(address):
            assert (ROOT / target.removeprefix(began).partition("#")[0]).is_file(), target


def test_the_citation_is_of_this_program() -> None:
    said = yaml.safe_load((ROOT / "CITATION.cff").read_text("utf-8"))
    assert {"cff-version", "message", "title", "authors"} <= said.keys()  # that must be there
    known = {"abstract", "type", "version", "license", "keywords", "references", "repository-code", "url", "doi"}
    assert said.keys() <= known | {"cff-version", "message", "title", "authors", "date-released"}
    assert (said["cff-version"], said["type"], said["license"]) == ("1.2.0", "software", "Apache-2.0")
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    assert said["version"] == project["version"] == __version__
    assert all({"name"} <= each.keys() or {"family-names"} <= each.keys() for each in said["authors"])
