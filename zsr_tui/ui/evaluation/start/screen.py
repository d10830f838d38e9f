"""What is to be evaluated: systems, run files, measures, and which of the dataset's queries."""

from __future__ import annotations

import re
import secrets
from collections.abc import Awaitable, Callable, Mapping
from functools import partial

from textual import on
from textual.app import ComposeResult
from textual.containers import Horizontal, VerticalScroll
from textual.content import Content
from textual.widgets import Input, Static

from zsr_tui import numerals
from zsr_tui.api.evaluations import ReadRunFile, RunFileView
from zsr_tui.api.questions import ReadSystem
from zsr_tui.api.requests import EVALUATION_MEASURES, MOST_EVALUATED, EvaluateRequest
from zsr_tui.client.protocol import EngineApi
from zsr_tui.domain import Problem
from zsr_tui.text import one_line
from zsr_tui.ui.evaluation.running import EvaluationAsked, EvaluationChanged, EvaluationWatch, Phase
from zsr_tui.ui.keys.bar import KeyBar
from zsr_tui.ui.parts.chosen_systems import ChosenSystems
from zsr_tui.ui.parts.line_input import EntryLine, LineInput, absolute
from zsr_tui.ui.parts.screen import BaseScreen
from zsr_tui.ui.parts.steps import Steps

RERANK_DEPTH = 100  # candidates of a reranker that is named without a number of them
RUN_FILE = "run file "  # no system in the notation begins like this
TOO_MANY = f"An evaluation has at most {MOST_EVALUATED} systems, run files included"
HINT = "Enter on an empty line starts. In the list: Delete removes, [ and ] move."
FIELDS = (
    ("system", "Add a system", "bm25(k1=1.2, b=0.75), or any other in the notation"),
    ("reranker", "Rerank each", "a model: it gets the first 100, or % 50 >> model"),
    ("run", "Add a run file", "path of a TREC run, gzipped or not, or of ranx's .json"),
    ("measures", "Measures", "nDCG@10 AP R@100"),
    ("subset", "Queries with", "this text; empty for all judged queries"),
    ("limit", "Only the first", "so many of them; empty for all"),
)


class EvaluationStartScreen(BaseScreen[None]):
    """Posts `EvaluationAsked` to the application; stays until the engine has begun, to show why it did not."""

    PLACE = "evaluation-start"
    CSS_PATH = "screen.tcss"
    AUTO_FOCUS = "#system"

    def __init__(self, engine: EngineApi, watch: EvaluationWatch, dataset: str, systems: tuple[str, ...]) -> None:
        super().__init__()
        self._engine, self._watch, self._dataset = engine, watch, dataset
        self._asked = ""  # id of the request that was sent
        self._problems: dict[str, str] = {}  # what is wrong, by field; "" for the form as a whole
        self._steps = Steps(self, partial(self._wrong, ""))
        self._adds: Mapping[str, Callable[[str], Awaitable[str]]] = {
            "system": self._add_system,
            "reranker": self._add_reranked,
            "run": self._add_run,
        }
        self.chosen = ChosenSystems(systems, none="none yet: add a system or a run file below", id="evaluated")

    def compose(self) -> ComposeResult:
        yield Static(f"Evaluate systems on {one_line(self._dataset)}", id="title", markup=False)
        with VerticalScroll(id="form", can_focus=False):
            yield self.chosen
            for name, label, placeholder in FIELDS:
                with Horizontal(classes="field"):
                    yield Static(label, classes="label", markup=False)
                    value = " ".join(EVALUATION_MEASURES) if name == "measures" else ""
                    line = EntryLine if name in self._adds else LineInput
                    yield line(value, placeholder=placeholder, id=name, compact=True)
            yield Static(id="problems", classes="problem", markup=False)
            yield Static(HINT, id="message", markup=False)
        yield KeyBar()

    # what the user does

    @on(Input.Submitted)
    def _submitted(self, event: Input.Submitted) -> None:
        event.stop()
        typed = event.value.strip()
        name = event.input.id or ""
        if typed and name in self._adds:
            self._steps.add(partial(self._enter, name, typed))
        else:
            self.start()

    async def _enter(self, name: str, typed: str) -> None:
        """What is wrong stands in its line again, to be mended, unless something else is being typed there."""
        self._say(f"Adding {typed} ...")
        try:
            self._say(f"{await self._adds[name](typed)}. {HINT}")
        except Problem as problem:
            self._say(HINT)
            self.query_one(f"#{name}", EntryLine).put_back(typed)
            self._wrong(name, problem.message)

    @on(Input.Changed)
    def _changed(self, event: Input.Changed) -> None:
        """What was wrong with a line stays visible until the line is another one."""
        event.stop()
        name = event.input.id or ""
        self._wrong(name, _about_limit(event.value) if name == "limit" else "")

    async def _add_system(self, typed: str) -> str:
        head = await self._engine.call(ReadSystem(notation=typed))
        if not head.runnable:
            raise Problem(f"{head.notation} cannot run here: {head.why_not}")
        return self._add(head.notation)

    async def _add_reranked(self, typed: str) -> str:
        """Every system that doesn't rerank, with this behind it."""
        from zsr_tui import pipeline

        behind = _reranker(typed)
        systems = [each for each in self.chosen.systems if not each.startswith(RUN_FILE)]
        retrievers = [each for each in systems if not isinstance(pipeline.uncut(pipeline.parse(each)), pipeline.Rerank)]
        if not retrievers:
            raise Problem("There is no system to rerank: add one first.")
        heads = [await self._engine.call(ReadSystem(notation=f"{each} {behind}")) for each in retrievers]
        if blocked := next((head for head in heads if not head.runnable), None):
            raise Problem(f"{blocked.notation} cannot run here: {blocked.why_not}")
        new = [head.notation for head in heads if head.notation not in self.chosen.systems]
        if not new:
            raise Problem(f"Each of these systems with {behind} is there already.")
        if len(self.chosen.systems) + len(new) > MOST_EVALUATED:
            raise Problem(f"{TOO_MANY}: remove some first.")
        self.chosen.systems = (*self.chosen.systems, *new)
        return f"Added {numerals.counted(len(new), 'system')} with {behind}"

    async def _add_run(self, typed: str) -> str:
        """Read by the engine as it will be for the evaluation."""
        path = absolute(typed)
        found = await self._engine.call(ReadRunFile(dataset=self._dataset, path=path))
        return self._add(f"{RUN_FILE}{path}", _in_words(found))

    def _add(self, entry: str, about: str = "") -> str:
        if entry in self.chosen.systems:
            raise Problem(f"{entry} is there already.")
        if len(self.chosen.systems) >= MOST_EVALUATED:
            raise Problem(f"{TOO_MANY}: remove one first.")
        self.chosen.systems = (*self.chosen.systems, entry)
        return f"Added {entry}{about}"

    def start(self) -> None:
        """Once all that was entered before has come about."""
        self._steps.add(self._start)

    async def _start(self) -> None:
        """Ask for what the form says, if it makes sense."""
        self._wrong("", "")
        if self._watch.busy:
            self._wrong("", "An evaluation is running: stop it first (Esc, then the key for stop), or wait.")
            return
        if waiting := [name for name in self._adds if self.query_one(f"#{name}", Input).value.strip()]:
            self.query_one(f"#{waiting[0]}").focus()
            if waiting[0] not in self._problems:
                self._wrong(waiting[0], "Press Enter in this line to add what stands there, or clear it (Ctrl+U).")
            return
        limit = self.query_one("#limit", Input).value
        measures = tuple(word for word in re.split(r"[\s,]+", self.query_one("#measures", Input).value) if word)
        systems = tuple(entry for entry in self.chosen.systems if not entry.startswith(RUN_FILE))
        runs = tuple(entry.removeprefix(RUN_FILE) for entry in self.chosen.systems if entry.startswith(RUN_FILE))
        if not systems and not runs:
            self._wrong("", "Add a system or a run file first.")
        elif not measures:
            self._wrong("measures", "Name a measure: nDCG@10, AP, R@100, or any other of ir_measures.")
        elif problem := _about_limit(limit):
            self._wrong("limit", problem)
        else:
            request = EvaluateRequest(
                id=secrets.token_hex(8),
                dataset=self._dataset,
                systems=systems,
                runs=runs,
                measures=measures,
                subset=self.query_one("#subset", Input).value.strip(),
                limit=_limit(limit),
                background=True,
                per_query=False,
            )
            self._asked = request.id
            self._say("Starting ...")
            self.post_message(EvaluationAsked(request))

    # what comes of it

    def on_evaluation_changed(self, message: EvaluationChanged) -> None:
        job = message.job
        if job.request.id != self._asked:
            return
        if job.phase is Phase.FAILED:
            self._asked = ""
            self._say(HINT)
            self._wrong("", job.sentence)
        elif job.id and self.is_current:
            self._asked = ""
            self.dismiss(None)

    def show_problem(self, sentence: str, group: str) -> None:
        self._say(HINT)
        self._wrong("", sentence)

    def _say(self, text: str) -> None:
        self.query_one("#message", Static).update(Content(one_line(text)))

    def _wrong(self, name: str, problem: str) -> None:
        """A sentence about a field, or none where it is mended; each field's own is shown."""
        if problem == self._problems.get(name, ""):
            return
        self._problems = {key: said for key, said in self._problems.items() if key != name}
        if problem:
            self._problems[name] = problem
        shown = self.query_one("#problems", Static)
        shown.display = bool(self._problems)
        shown.update(Content("\n".join(map(one_line, self._problems.values()))))
        shown.scroll_visible(animate=False)


def _reranker(typed: str) -> str:
    """What stands behind a retriever: "% 100 >> name". Raises `Problem`, the notation's own with the column in what was
    typed."""
    from zsr_tui import pipeline

    behind = typed if typed.startswith(("%", ">>")) else f"% {RERANK_DEPTH} >> {typed}"
    try:
        system = pipeline.parse(f"bm25 {behind}")
    except pipeline.NotationError as error:
        before = len(f"bm25 {behind}") - len(typed)
        raise pipeline.NotationError(typed, max(1, error.column - before), error.what) from error
    if not pipeline.rerankers(system):
        raise Problem(f"{typed!r} is no reranker: write a model's name, or % 50 >> and the name.")
    return str(system).removeprefix("bm25 ")


def _limit(typed: str) -> int | None:
    digits = typed.strip().replace(",", "")
    return int(digits) if digits else None


def _about_limit(typed: str) -> str:
    """What is wrong with it."""
    digits = typed.strip().replace(",", "")
    fine = not digits or (digits.isascii() and digits.isdigit() and int(digits) > 0)
    return "" if fine else f"{typed.strip()!r} is no number of queries."


def _in_words(found: RunFileView) -> str:
    """What a run file holds, and what of it can be measured."""
    about = f": {numerals.counted(found.queries, 'query', 'queries')}"
    about += f", {found.judged:,} of the dataset's {found.all_judged:,} judged ones"
    if found.unknown:
        about += f" and {found.unknown:,} that it does not have"
    return about
