"""Presets and models to add, filtered by typing; the notation or a model's id can be typed too."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from textual import on
from textual.content import Content
from textual.message import Message
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from zsr_tui import numerals, pipeline
from zsr_tui.domain import EngineInfo, ModelInfo, PrebuiltInfo, Preset, Problem
from zsr_tui.text import one_line, shorten_middle
from zsr_tui.ui.parts.chosen_systems import MOST
from zsr_tui.ui.parts.glossary import NOTATION
from zsr_tui.ui.setup.filtered_list import FilteredList, below, columns, grouped
from zsr_tui.ui.setup.fusions import fusions
from zsr_tui.ui.setup.notation import looks_like_notation, mark_errors, sentence

DEPTH = 100  # candidates of a reranker that is chosen from the list
PAIRWISE_AFTER, PAIRS_OF = "castorini/monot5-base-msmarco-10k", 20  # duoT5 compares the top of a monoT5 list
_FAMILIES = (
    ("bm25", "Term matching"),
    ("bi-encoder", "Dense retrievers (bi-encoders)"),
    ("cross-encoder", "Rerankers on BM25 (cross-encoders)"),
    ("monot5", "Rerankers on BM25 (monoT5)"),
    ("rankt5", "Rerankers on BM25 (RankT5)"),
    ("duot5", "Pairwise rerankers (duoT5)"),
    ("causal-lm", "Rerankers on BM25 (language models)"),
    ("late-interaction", "Late interaction"),
    ("sparse", "Learned sparse"),
    ("hybrid", "Several heads, summed"),
)


def system_of(model: ModelInfo) -> str:
    """The system that choosing a model adds."""
    if model.family == "bm25":
        return str(pipeline.Bm25())
    if model.family == "sparse":
        return str(pipeline.Sparse(model.name))
    if model.family == "duot5":
        return str(pipeline.Rerank(pipeline.Cut(pipeline.parse(as_reranker(PAIRWISE_AFTER)), PAIRS_OF), model.name))
    return as_retriever(model.name) if model.family == "bi-encoder" else as_reranker(model.name)


def as_retriever(model: str) -> str:
    return str(pipeline.Dense(model))


def as_reranker(model: str) -> str:
    return str(pipeline.Rerank(pipeline.Cut(pipeline.Bm25(), DEPTH), model))


def _names(model: ModelInfo) -> tuple[str, ...]:
    """What a user may call it."""
    return model.name, model.label, model.name.rpartition("/")[2]


class SystemChoice(FilteredList):
    PLACEHOLDER = "type to filter, or a system, or a model id"

    @dataclass
    class Described(Message):
        """What is known of the option under the cursor."""

        text: str

    def __init__(self, *, id: str) -> None:
        super().__init__(id=id)
        self._presets: Sequence[Preset] = ()
        self._models: dict[str, ModelInfo] = {}
        self._chosen: tuple[str, ...] = ()
        self._prebuilt: Sequence[PrebuiltInfo] = ()
        self._engines: Sequence[EngineInfo] = ()

    def on_mount(self) -> None:
        mark_errors(self.input)

    def show_models(self, models: Sequence[ModelInfo]) -> None:
        self._models = {model.name: model for model in models}
        self.refill(keep_highlight=True)

    def show_presets(self, presets: Sequence[Preset]) -> None:
        self._presets = presets
        self.refill(keep_highlight=True)

    def show_prebuilt(self, published: Sequence[PrebuiltInfo]) -> None:
        """What others have published for the chosen corpus."""
        self._prebuilt = published
        self.refill(keep_highlight=True)

    def show_engines(self, engines: Sequence[EngineInfo]) -> None:
        """Search engines of others that have a name."""
        self._engines = engines
        self.refill(keep_highlight=True)

    def show_chosen(self, systems: tuple[str, ...]) -> None:
        """Those that need not be added any more."""
        self._chosen = systems
        if self.input.value:
            self.refill(keep_highlight=True)

    def options_for(self, typed: str) -> list[Option]:
        if not typed:
            return self._everything()
        if looks_like_notation(typed):
            return [*self._completed(typed), *self._about_notation(typed)]
        names = [(f"model:{m.name}", _names(m), m.family) for m in self._models.values()]
        names += [(f"system:{each.system}", (each.system, each.name), each.about) for each in self._prebuilt]
        names += [(f"system:{each.system}", (each.system, each.name), each.about) for each in self._engines]
        names += [(f"preset:{index}", (p.name,), p.about) for index, p in enumerate(self._presets)]
        rows = [self._option(key) for key in self.matching(typed, names)]
        if "/" in typed and " " not in typed and typed not in self._models:
            for notation in (as_retriever(typed), as_reranker(typed)):
                rows.append(Option(Content(f"  {one_line(notation)}"), id=f"system:{notation}"))
        return fusions(typed, self._chosen) + rows

    def named(self, option_id: str) -> str:
        kind, _, value = option_id.partition(":")
        return "\n".join(self._presets[int(value)].systems) if kind == "preset" else value

    def chosen(self, option_id: str) -> Preset | str:
        """What an option stands for: a preset, or a system in the notation. Raises `Problem` for what cannot run."""
        kind, _, value = option_id.partition(":")
        if kind == "preset":
            return self._presets[int(value)]
        if kind == "system":
            return value
        model = self._models[value]
        if not model.runnable:
            raise Problem(f"{model.label} cannot run here: {model.why_not}")
        return system_of(model)

    def _about_notation(self, typed: str) -> list[Option]:
        """What Enter would add, or how far the notation is understood, above a reminder of it."""
        try:
            first = self._promise(pipeline.parse(typed))
        except pipeline.NotationError as error:
            first = Content.styled(sentence(error), "$text-error")
        lines = [first, Content(), *(Content(one_line(text)) for text, _ in NOTATION)]
        return [Option(line, disabled=True) for line in lines]

    def _promise(self, system: pipeline.System) -> Content:
        """What Enter does; it "tries" what has a model, or an engine, that may not be one."""
        notation = str(system)
        name = one_line(notation), "bold"
        if notation in self._chosen:
            return Content.assemble(name, " is chosen already")
        if len(self._chosen) >= MOST:
            return Content.assemble("no place is left for ", name)
        models = [self._models.get(model) for model in pipeline.models(system)]
        known = all(model is not None and model.runnable for model in models)
        known = known and {step.engine for step in pipeline.served(system)} <= {each.name for each in self._engines}
        return Content.assemble("enter adds " if known else "enter tries ", name)

    def _everything(self) -> list[Option]:
        models = self._models.values()
        titles = dict(_FAMILIES)
        for model in models:
            titles.setdefault(model.family, model.family)
        presets = "Presets", [self._option(f"preset:{n}") for n in range(len(self._presets))]
        families = (
            (title, [self._option(f"model:{model.name}") for model in models if model.family == family])
            for family, title in titles.items()
        )
        prebuilt = "Prebuilt indexes", [self._option(f"system:{each.system}") for each in self._prebuilt]
        engines = "Other engines", [self._option(f"system:{each.system}") for each in self._engines]
        return grouped([presets, *families, engines, prebuilt])

    def _completed(self, typed: str) -> list[Option]:
        """The prebuilt indexes that a system which is begun may name."""
        if "index=" not in typed:
            return []
        return [
            self._option(f"system:{each.system}")
            for each in self._prebuilt
            if each.system.startswith(typed) and each.system != typed
        ]

    def _option(self, key: str) -> Option:
        width = self.width
        kind, _, value = key.partition(":")
        if kind == "preset":
            preset = self._presets[int(value)]
            name = columns(width, one_line(preset.name))
            if not self.compact:  # else the line below the lists says it
                name = Content.assemble(name, "\n", below(one_line(preset.about), width))
            return Option(name, id=key)
        if kind == "system":
            found = next((each for each in self._prebuilt if each.system == value), None)
            if found is None:  # an engine
                return Option(columns(width, one_line(value)), id=key)
            size = "here" if found.here else numerals.size(found.download_bytes)
            shown = shorten_middle(one_line(value), max(4, width - 10))  # their ends tell them apart
            return Option(columns(width, shown, (size, 7)), id=key)
        model = self._models[value]
        right = [(numerals.parameters(model.parameters), 6)] if model.parameters else []
        if width >= 46:
            where = "" if not model.runnable else "here" if model.local else "hub"
            right.append((where, 4))
        row = columns(width, one_line(model.label), *right, mark=" " if model.runnable else "–")
        if not model.runnable and not self.compact:
            row = Content.assemble(row, "\n", below(one_line(model.why_not), width))
        return Option(row, id=key)

    @on(OptionList.OptionHighlighted)
    def _highlighted(self, event: OptionList.OptionHighlighted) -> None:
        event.stop()
        kind, _, value = (event.option_id or "").partition(":")
        if kind == "preset":
            self.post_message(self.Described(self._presets[int(value)].about))
        elif kind == "system":
            known: list[PrebuiltInfo | EngineInfo] = [*self._prebuilt, *self._engines]
            told = [f"{each.name}: {each.about}" for each in known if each.system == value]
            if told:
                self.post_message(self.Described(one_line(told[0])))
        elif kind == "model":
            model = self._models[value]
            parts = [model.name, model.source, model.licence, "in the paper" if model.in_paper else ""]
            text = " · ".join(part for part in parts if part)
            self.post_message(self.Described(text if model.runnable else f"{text} · {model.why_not}"))
