"""Which parts systems need on a dataset, which of them are not there, and what the user has to agree to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from zsr_tui import numerals, pipeline
from zsr_tui.corpora.elsewhere import PREBUILT
from zsr_tui.domain import CorpusInfo, ModelInfo, Problem
from zsr_tui.engine.library import Library
from zsr_tui.engine.preparing.parts import Part, parts_of
from zsr_tui.engine.systems import head
from zsr_tui.retrieval.prebuilt.opening import about
from zsr_tui.scoring.models import catalogue

# Encoding more than this is worth a question: 50,000 passages take a small model about a quarter of an hour on two
# cores (about 60 passages a second).
LARGE_ENCODING = 50_000
# A checkpoint holds four bytes for each parameter where its size isn't known otherwise.
BYTES_PER_PARAMETER = 4


@dataclass(frozen=True)
class Lacking:
    """What is told from the catalogue and the manifests of indexes, without opening anything. `refused`: a search has
    found something lacking, as a damaged index is: then nothing is taken for there but open documents."""

    library: Library
    dataset: str
    refused: bool = False

    @cached_property
    def info(self) -> CorpusInfo | None:
        """None for a dataset outside the catalogue."""
        return next((info for info in self.library.corpora() if info.id == self.dataset), None)

    def parts(self, notation: str) -> tuple[Part, ...]:
        """What a system lacks, what is needed first coming first; nothing where it cannot run here, which the search
        says. Raises `Problem` for a wrong notation, and for a dataset that averages over several."""
        if self.info is not None and self.info.members:
            raise Problem(
                f"{self.info.id} is an average over {len(self.info.members)} datasets: compare on one of them, such as "
                f"{self.info.members[0]}; zsr-tui evaluate measures all."
            )
        system = pipeline.parse(head(notation).notation)
        if not all(catalogue.describe(model).runnable for model in pipeline.models(system)):
            return ()
        return tuple(part for part in parts_of(self.dataset, system) if not self._is_there(part))

    def there(self, notations: Sequence[str]) -> set[Part]:
        """What systems need and do not lack."""
        systems = [pipeline.parse(head(notation).notation) for notation in notations]
        return {part for system in systems for part in parts_of(self.dataset, system) if self._is_there(part)}

    def _is_there(self, part: Part) -> bool:
        match part.kind:
            case "corpus":
                return self.library.has_open(self.dataset)
            case "model":
                return catalogue.describe(part.name).local and not self.refused
            case "prebuilt":
                return self.library.prebuilt.is_here(part.name)
            case "bm25":
                return self._has_bm25(part.name) and not self.refused
            case "encoded" | "approximate":
                return self._searchable(part) and not self.refused

    @cached_property
    def _indexed(self) -> tuple[bool, Sequence[str]]:
        from zsr_tui import corpora

        return self.library.store.state(corpora.collection_of(self.dataset))

    def _has_bm25(self, language: str) -> bool:
        from zsr_tui import corpora

        return self.library.store.indexed(corpora.collection_of(self.dataset), language)

    def _searchable(self, part: Part) -> bool:
        from zsr_tui import corpora

        assert part.how is not None
        collection = corpora.collection_of(self.dataset)
        return self.library.store.searchable(collection, part.how, part.name, part.method or "")

    def asks(self, part: Part) -> str:
        """What the user has to agree to before a part that is lacking is made, "" where nothing."""
        info = self.info
        match part.kind:
            case "corpus":
                if part.dataset.startswith(PREBUILT):
                    return f"download {part.dataset}, {_packed(about(part.dataset.removeprefix(PREBUILT)).size)}"
                if info is None or info.state.downloaded or info.group in ("local", "licensed", "demo"):
                    return ""
                return f"download {info.title}, {_packed(info.download_bytes)}"
            case "model":
                model = catalogue.describe(part.name)
                return "" if model.local else f"download {part.name}, {_size(model)}"
            case "prebuilt":
                return f"download {part.name}, {_packed(about(part.name).size)}"
            case "encoded":
                known = part.name in self._indexed[1]
                docs = info.docs if info is not None and info.docs is not None else 0
                return f"encode {docs:,} documents with {part.name}" if docs > LARGE_ENCODING and not known else ""
            case "bm25" | "approximate":
                return ""


def _packed(size: int | None) -> str:
    """Of an archive: how much it is unpacked, nobody says."""
    return "size unknown" if size is None else f"{numerals.size(size)} packed"


def _size(model: ModelInfo) -> str:
    if model.parameters is None:
        return "size unknown"
    return f"about {numerals.size(model.parameters * BYTES_PER_PARAMETER)}"
