"""What the site has beside the pages of this folder: README.md as its first page, CONTRIBUTING.md and CHANGELOG.md.

mkdocs calls it (`hooks` of mkdocs.yml).
"""

import re
from pathlib import Path, PurePosixPath

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files

ROOT = Path(__file__).resolve().parents[1]
FROM_ABOVE = {"README.md": "index.md", "CONTRIBUTING.md": "contributing.md", "CHANGELOG.md": "changelog.md"}
LINK = re.compile(r"(?<!!)\[([^\]]*)\]\((?!https?:|#)([^)\s#]*)(#[^)\s]*)?\)")


def on_config(config: MkDocsConfig) -> MkDocsConfig:
    """The decisions stand in the navigation without being listed."""
    decisions = [f"decisions/{path.name}" for path in sorted((ROOT / "docs" / "decisions").glob("*.md"))]
    for group in config.nav or []:
        for entry in next(iter(group.values())) if isinstance(group, dict) else []:
            if entry == {"Decisions": "decisions"}:
                entry["Decisions"] = decisions
    return config


def on_files(files: Files, config: MkDocsConfig) -> Files:
    for name, page in FROM_ABOVE.items():
        files.append(File.generated(config, page, content=(ROOT / name).read_text("utf-8")))
    return files


def on_page_markdown(markdown: str, page: object, **_: object) -> str:
    """Links as the site has them."""
    path = page.file.src_uri  # type: ignore[attr-defined]
    above = next((name for name, uri in FROM_ABOVE.items() if uri == path), None)
    folder = PurePosixPath(".") if above else PurePosixPath("docs") / PurePosixPath(path).parent

    def mended(link: re.Match[str]) -> str:
        text, target, anchor = link[1], link[2], link[3] or ""
        found = _uri(str(_resolved(folder / target)))
        if not found:  # a file of the repository that is no page
            return text
        up = "../" * (len(PurePosixPath(path).parents) - 1)
        return f"[{text}]({up}{found}{anchor})"

    markdown = LINK.sub(mended, markdown)
    return markdown.replace("](docs/", "](") if above else markdown


def _resolved(path: PurePosixPath) -> PurePosixPath:
    parts: list[str] = []
    for part in path.parts:
        if part == "..":
            parts.pop()
        elif part != ".":
            parts.append(part)
    return PurePosixPath(*parts)


def _uri(path: str) -> str:
    """The page of the site that a file of the repository is, or nothing."""
    if path in FROM_ABOVE:
        return FROM_ABOVE[path]
    return path.removeprefix("docs/") if path.startswith("docs/") and path.endswith(".md") else ""
