"""The page on the architecture says of the packages what is so."""

from __future__ import annotations

import re

from .blocks import ROOT
from .import_table import PAGE, page


def test_the_page_has_the_imports_of_the_contracts() -> None:
    text = PAGE.read_text("utf-8")
    assert page(text) == text, "run: python -m tests.documents.import_table"


def test_every_package_is_in_the_table_of_packages() -> None:
    table = PAGE.read_text("utf-8").partition("| package | holds |")[2].partition("\n\n")[0]
    named = set(re.findall(r"`([\w/]+)`", "\n".join(line.split("|")[1] for line in table.splitlines()[2:])))
    there = {
        path.stem for path in (ROOT / "zsr_tui").iterdir() if (path / "__init__.py").exists() or path.suffix == ".py"
    }
    there -= {"__init__", "__main__"}
    assert there <= named, f"say in docs/architecture.md what these hold: {there - named}"
    assert all((ROOT / "zsr_tui" / name).exists() or (ROOT / "zsr_tui" / f"{name}.py").exists() for name in named)
