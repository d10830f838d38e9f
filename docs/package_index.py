"""README.md as a package index shows it: with the addresses of pictures and pages, which it has no folder to find in.

A hook of the build (`[tool.hatch.metadata.hooks.custom]` in pyproject.toml). The addresses begin with what
`[project.urls]` calls Source; as long as there is none, the links stay as they are.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from hatchling.metadata.plugin.interface import MetadataHookInterface

LINK = re.compile(r"(!?)\[([^\]]*)\]\((?!https?:|#)([^)\s]+)\)")


class PackageIndex(MetadataHookInterface):
    def update(self, metadata: dict[str, Any]) -> None:
        text = (Path(self.root) / "README.md").read_text("utf-8")
        address = metadata.get("urls", {}).get("Source", "")
        metadata["readme"] = {"content-type": "text/markdown", "text": absolute(text, address) if address else text}


def absolute(text: str, address: str) -> str:
    """As GitHub and its like have them: /raw/ for what a page loads, /blob/ for what a reader opens."""

    def mended(link: re.Match[str]) -> str:
        picture, shown, target = link.groups()
        return f"{picture}[{shown}]({address.rstrip('/')}/{'raw' if picture else 'blob'}/HEAD/{target})"

    return LINK.sub(mended, text)
