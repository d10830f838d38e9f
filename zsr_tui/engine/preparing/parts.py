"""The parts of what systems need."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from zsr_tui import pipeline
from zsr_tui.api.preparing import PartKind
from zsr_tui.pipeline import Kind, Method


@dataclass(frozen=True, slots=True)
class Part:
    """`dataset` by its one id, "" for a model and a prebuilt index; `name` is theirs, of BM25 the language, where one
    is named; `how` it encodes; `method` of an approximate search of that."""

    kind: PartKind
    dataset: str = ""
    name: str = ""
    how: Kind | None = None
    method: Method | None = None

    @property
    def id(self) -> str:
        """Datasets that share their documents share what is made of these."""
        from zsr_tui import corpora

        of = self.dataset if self.kind in ("corpus", "model", "prebuilt") else corpora.collection_of(self.dataset)
        kind = self.kind if self.method else self.how or self.kind
        return " ".join(filter(None, (kind, of, self.name, self.method)))

    @property
    def about(self) -> str:
        match self.kind:
            case "corpus":
                return f"the documents of {self.dataset}"
            case "model":
                return f"the model {self.name}"
            case "prebuilt":
                return f"the prebuilt index {self.name}"
            case "bm25":
                return f"the BM25 index of {self.dataset}{f' ({self.name})' if self.name else ''}"
            case "encoded":
                return f"{self.dataset} encoded with {self.name}"
            case "approximate":
                return f"the {self.method} index of {self.dataset} for {self.name}"

    def needs(self) -> tuple[Part, ...]:
        """What has to be there before it can be made."""
        if self.kind == "approximate":
            encoded = Part("encoded", self.dataset, self.name, self.how)
            return (*encoded.needs(), encoded)
        corpus = (Part("corpus", self.dataset),) if self.kind in ("bm25", "encoded") else ()
        return (*corpus, *((Part("model", name=self.name),) if self.kind == "encoded" else ()))


def parts_of(dataset: str, system: pipeline.System) -> tuple[Part, ...]:
    """All that a system needs on a dataset, what is needed first coming first."""
    return tuple(dict.fromkeys(_parts(dataset, system)))


def _parts(dataset: str, system: pipeline.System) -> Iterator[Part]:
    yield Part("corpus", dataset)
    for language in pipeline.bm25_languages(system):
        yield Part("bm25", dataset, language)
    for name in pipeline.prebuilt(system):
        yield Part("prebuilt", name=name)
    for step in pipeline.encoded(system):
        if step.prebuilt:
            yield Part("model", name=step.model)
            continue
        last = Part("encoded", dataset, step.model, step.kind)
        if isinstance(step, pipeline.Dense) and step.index not in ("", "flat"):
            last = Part("approximate", dataset, step.model, step.kind, step.method(0))
        yield from last.needs()
        yield last
    asked = (step.model for step in pipeline.served(system) if step.model)
    for model in (*asked, *pipeline.rerankers(system)):
        yield Part("model", name=model)
