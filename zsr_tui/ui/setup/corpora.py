"""The corpora of the setup: a list filtered by typing, and what is known of the one under the cursor."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import takewhile

from textual import on
from textual.app import ComposeResult
from textual.content import Content
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from zsr_tui import numerals
from zsr_tui.api.requests import CorpusView
from zsr_tui.domain import CorpusInfo, CorpusState, PrebuiltInfo, counted_in
from zsr_tui.text import one_line
from zsr_tui.ui.parts.limited import Limited
from zsr_tui.ui.setup.filtered_list import FilteredList, columns, grouped

GROUPS = (
    ("demo", "Demo"),
    ("local", "Folders and ids you opened"),
    ("beir", "BEIR"),
    ("nano-beir", "NanoBEIR: 50 queries each, small corpora"),
    ("bright", "BRIGHT: questions that need reasoning"),
    ("lotte", "LoTTE: long-tail topics of Stack Exchange"),
    ("msmarco", "MS MARCO: TREC DL, and version 2"),
    ("miracl", "MIRACL: Wikipedia in 18 languages"),
    ("mr-tydi", "Mr. TyDi: Wikipedia in 11 languages"),
    ("licensed", "Need a licence"),
)
_TYPED = "typed:"
_NAMED = {"hf:": "a dataset of the Hugging Face hub"}
_CHANGE = "other columns: (id=…, title=…, text=…) behind the path; chunks: (size=200, overlap=50) or (by=heading)"
ABOUT_LINES = 6  # of what is known of a corpus


def state_word(info: CorpusInfo) -> str:
    """At most nine characters: what has been done with the corpus here, or what it would cost."""
    if info.state.downloaded:
        return "encoded" if info.state.encoded else "indexed" if info.state.bm25 else "on disk"
    if info.group == "licensed":
        return "licence"
    if info.group == "local" or info.download_bytes is None:
        return "?"
    return "↓ " + numerals.size(info.download_bytes)


def state_sentence(state: CorpusState, *, local: bool = False) -> str:
    """`local`: a file or folder of one's own, which nobody downloads."""
    if not state.downloaded:
        return "not downloaded"
    parts = ["read" if local else "downloaded", "BM25 index ready" if state.bm25 else "no BM25 index yet"]
    if state.encoded:
        parts.append(f"encoded with {', '.join(one_line(name) for name in state.encoded)}")
    return " · ".join(parts)


def prebuilt_line(published: Sequence[PrebuiltInfo]) -> str:
    """ "2 prebuilt indexes, which the list of systems has, too: bm25 flat 17 MB, sparse splade-v3 here": without
    what their names share."""
    parts = zip(*(each.name.split(".") for each in published), strict=False)
    shared = ".".join(alike[0] for alike in takewhile(lambda alike: len(set(alike)) == 1, parts))
    named = []
    for each in published:
        name = each.name.removeprefix(f"{shared}.") if shared else each.name
        size = "here" if each.here else numerals.size(each.download_bytes)
        named.append(f"{each.system.partition('(')[0]} {one_line(name)} {size}")
    some = numerals.counted(len(named), "prebuilt index", "prebuilt indexes")
    return f"{some}, which the list of systems has, too: {', '.join(named)}"


def looks_like_a_path(typed: str) -> bool:
    return typed.startswith(("/", "~", ".")) or typed[1:3] in (":\\", ":/")


def _kind_of(typed: str) -> str:
    if looks_like_a_path(typed):
        return "the path"
    return "the dataset of the hub" if typed.startswith("hf:") else "the ir_datasets id"


class CorpusChoice(FilteredList):
    """`chosen` is the dataset's id, or a folder. `typed` is True for one that the catalogue doesn't hold."""

    PLACEHOLDER = "filter, or a path, or any ir_datasets id"

    def __init__(self, chosen: str, recent: Sequence[str], *, id: str) -> None:
        super().__init__(id=id)
        self.chosen = chosen
        self._recent = recent
        self._corpora: dict[str, CorpusInfo] = {}
        self._listed: set[str] = set()
        self._starting = True
        self._described: str | None = None
        self._prebuilt: Mapping[str, Sequence[PrebuiltInfo]] = {}

    def compose(self) -> ComposeResult:
        yield from super().compose()
        detail = Limited(ABOUT_LINES, title=True, id="corpus-detail")
        detail.put("starting the engine ...")
        yield detail

    @property
    def info(self) -> CorpusInfo | None:
        """What is known of the chosen corpus."""
        return self._corpora.get(self.chosen)

    @property
    def typed(self) -> bool:
        return bool(self._corpora) and self.chosen not in self._listed

    def foreign(self, corpora: Sequence[CorpusInfo]) -> list[str]:
        """The datasets of before that the catalogue does not hold under their names."""
        listed = {info.id for info in corpora}
        return [dataset for dataset in dict.fromkeys((*self._recent, self.chosen)) if dataset not in listed]

    def show(self, corpora: Sequence[CorpusInfo], names: Mapping[str, str]) -> None:
        """Called once the engine has answered. `names`: what it calls datasets of before."""
        self._recent = [names.get(dataset, dataset) for dataset in self._recent]
        self.chosen = names.get(self.chosen, self.chosen)
        self._listed = {info.id for info in corpora}
        self._corpora = {info.id: info for info in corpora}
        for dataset in (*self._recent, self.chosen):
            self._corpora.setdefault(dataset, CorpusInfo(dataset, dataset, "local"))
        self._starting = False
        self.refill()
        self._describe(self.chosen)

    def show_prebuilt(self, published: Mapping[str, Sequence[PrebuiltInfo]]) -> None:
        """Indexes that others have published, by dataset."""
        self._prebuilt = published
        if self._described is not None:
            self._describe(self._described)

    def fail(self, sentence: str) -> None:
        self._starting = False
        self._detail(one_line(sentence), problem=True)

    def options_for(self, typed: str) -> list[Option]:
        if not typed:
            corpora = self._corpora.values()
            return grouped((title, (self._row(c) for c in corpora if c.group == group)) for group, title in GROUPS)
        if self._starting:
            return []  # Enter waits for what there is
        found: list[str] = []
        if typed in self._corpora:
            found = [typed]
        elif not looks_like_a_path(typed):
            found = self.matching(typed, ((info.id, (info.id, info.title), "") for info in self._corpora.values()))
        rows = [self._row(self._corpora[dataset]) for dataset in found]
        if typed not in found and ("/" in typed or typed.endswith(")") or looks_like_a_path(typed) or not found):
            rows.append(Option(Content(f"  open {_kind_of(typed)} {one_line(typed)}"), id=_TYPED + typed))
        return rows

    def start_at(self, typed: str, enabled: list[int]) -> int | None:
        """Without a filter the chosen one, so that it is in sight and Enter keeps it."""
        if typed:
            return enabled[0] if enabled else None
        return next((at for at in enabled if self.options.options[at].id == self.chosen), None)

    def dataset_of(self, option_id: str) -> str:
        return option_id.removeprefix(_TYPED)

    def knows(self, dataset: str) -> bool:
        """Whether it is in the list."""
        return dataset in self._corpora

    def told(self, view: CorpusView) -> str:
        """The id of a dataset that was typed, of which more is known by now."""
        self._corpora[view.info.id] = view.info
        return view.info.id

    def choose(self, dataset: str) -> None:
        """One that there is."""
        self._corpora.setdefault(dataset, CorpusInfo(dataset, dataset, "local"))
        self.chosen = dataset
        self.refill()
        self._describe(dataset)

    def _row(self, info: CorpusInfo) -> Option:
        right = [(numerals.short_count(info.docs), 5)] if info.docs is not None else []
        if self.width >= 46:
            right.append((numerals.short_count(info.queries), 5))
        right.append((state_word(info), 8))
        mark = "✓" if info.id == self.chosen else " "
        return Option(columns(self.width, one_line(info.title), *right, mark=mark), id=info.id)

    @on(OptionList.OptionHighlighted)
    def _highlighted(self, event: OptionList.OptionHighlighted) -> None:
        event.stop()
        if event.option_id is not None:
            self._describe(event.option_id.removeprefix(_TYPED))

    def _describe(self, dataset: str) -> None:
        self._described = dataset
        info = self._corpora.get(dataset)
        if info is None or (info.group == "local" and info.docs is None):
            what = "files of yours" if looks_like_a_path(dataset) else _NAMED.get(dataset[:3], "an ir_datasets id")
            lines = [one_line(info.about), _CHANGE] if info is not None and info.about else []
            self._detail(one_line(dataset), *lines, f"{what}; read when you compare")
            return
        about = [numerals.counted(info.docs, counted_in(info.id)), numerals.counted(info.queries, "query", "queries")]
        if info.judgments is not None:
            about.append(numerals.counted(info.judgments, "judgment"))
        if info.members:
            about.append(f"mean over {len(info.members)} datasets")
        lines = [one_line(info.id), " · ".join(about)]
        if info.how_to and not info.state.downloaded:
            lines.append(one_line(info.how_to))
        else:
            packed = "" if info.download_bytes is None else " packed"
            cost = [] if info.state.downloaded else [f"download {numerals.size(info.download_bytes)}{packed}"]
            lines.append(" · ".join([*cost, state_sentence(info.state, local=looks_like_a_path(info.id))]))
            if info.about:
                lines += [one_line(info.about), *([_CHANGE] if info.group == "local" else [])]
            if info.licence:
                lines.append(f"licence: {one_line(info.licence)}")
            if published := self._prebuilt.get(info.id):
                lines.append(prebuilt_line(published))
        self._detail(*lines)

    def _detail(self, *lines: str, problem: bool = False) -> None:
        detail = self.query_one("#corpus-detail", Limited)
        detail.set_class(problem, "problem")
        detail.put("\n".join(lines))
        self.call_after_refresh(self.options.scroll_to_highlight)  # more lines here are fewer there
