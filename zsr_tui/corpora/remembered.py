"""The local corpora that were opened on this machine, so that they can be chosen again."""

from __future__ import annotations

import json
import logging
from dataclasses import asdict, dataclass
from pathlib import Path

from zsr_tui.files import write_whole
from zsr_tui.paths import data_dir

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Remembered:
    id: str
    path: str
    docs: int
    queries: int
    judgments: int
    about: str = ""  # how its files are read


def remembered() -> list[Remembered]:
    """The latest first, without those whose path is gone."""
    file = _file()
    if not file.is_file():
        return []
    try:
        corpora = [Remembered(**row) for row in json.loads(file.read_text("utf-8"))]
    except (OSError, ValueError, TypeError) as error:
        log.warning("the list of local corpora in %s cannot be read and starts anew: %s", file, error)
        return []
    return [corpus for corpus in corpora if Path(corpus.path).exists()]


def remember(corpus: Remembered) -> None:
    """A list that cannot be written costs a line in the log, not the corpus."""
    others = [other for other in remembered() if other.id != corpus.id]
    file = _file()
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        write_whole(file, json.dumps([asdict(one) for one in (corpus, *others)], indent=1).encode())
    except OSError as error:
        log.warning("%s cannot be remembered: %s", corpus.id, error)


def _file() -> Path:
    return data_dir() / "local_corpora.json"
