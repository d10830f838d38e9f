"""What can be taken of what is on the screen: a comparison as Markdown, a finding to hand on, a picture."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

import msgspec

from zsr_tui import paths
from zsr_tui.domain import Problem
from zsr_tui.text import one_line
from zsr_tui.ui.parts.screen import BaseScreen

if TYPE_CHECKING:
    from zsr_tui.sessions.findings import Finding
    from zsr_tui.ui.app import ZsrTuiApp

TURNING = "The lists are of the query before: make a finding when this one's are there."
NOTHING = "There is nothing to make a finding of yet: ask something in Compare first."


class Findings:
    """Of one application; handlers of `zsr_tui.ui.keys.table`."""

    def __init__(self, app: ZsrTuiApp) -> None:
        self._app = app

    def make(self) -> None:
        """Of what is on the screen: as a file or as Markdown, as the user chooses."""
        from zsr_tui.ui.parts.copying.choice import Choice, Copyable
        from zsr_tui.ui.parts.copying.screen import CopyScreen

        screen = self._app.screen
        finding = self._taken()
        if not isinstance(screen, BaseScreen):
            return
        if finding is None:
            screen.tell(TURNING if self._turns else NOTHING)
            return
        choices = Choice("f", "a file to hand on", ""), Choice("m", "Markdown to paste", "")
        thing = Copyable(f"“{one_line(finding.query)}”", choices)

        def chosen(choice: Choice | None) -> None:
            if choice is not None:
                screen.ask("finding", self._finish, screen, finding, choice.key)

        self._app.push_screen(CopyScreen(thing, "Finding", again="F"), chosen)

    def copy_comparison(self) -> None:
        """Of the query that Compare shows, as Markdown."""
        from zsr_tui.ui.compare import markdown
        from zsr_tui.ui.compare.screen import CompareScreen
        from zsr_tui.ui.parts.copying.choice import Choice, Copyable
        from zsr_tui.ui.parts.copying.screen import copy_thing

        screen = self._app.screen
        if isinstance(screen, CompareScreen):
            if self._turns:
                screen.tell(TURNING)
                return
            shown = self._compared(screen) if screen.session.started else None
            text = (Choice("m", "", markdown.comparison(shown)),) if shown is not None else ()
            copy_thing(screen, Copyable("this comparison as Markdown", text) if text else None)

    def take_screenshot(self) -> None:
        """Of what is shown, to a file of its own."""
        from zsr_tui.ui.parts.copying import screenshot

        screenshot.take(self._app)

    def show(self, finding: Finding) -> None:
        """One that was made before; behind it Compare opens on what was chosen last."""
        from zsr_tui.ui.compare.finding.screen import FindingScreen

        screen = FindingScreen(self._app.engine, finding, partial(in_markdown, finding))
        self._app.push_screen(screen, lambda _: self._app.begin_comparing())

    # what goes into one

    def _taken(self) -> Finding | None:
        """Of the explanation that is open, and of the Compare screen below it where that shows the same query."""
        from zsr_tui.ui.compare.screen import CompareScreen
        from zsr_tui.ui.explain.screen import ExplainScreen

        stack = self._app.screen_stack
        explain = next((each for each in reversed(stack) if isinstance(each, ExplainScreen)), None)
        compare = next((each for each in reversed(stack) if isinstance(each, CompareScreen)), None)
        shows = compare is not None and compare.session.started and not self._turns
        finding = self._compared(compare) if shows else None
        return finding if explain is None else _explained(explain, finding)

    @property
    def _turns(self) -> bool:
        """Compare shows lists of another query than the one that stands above them."""
        from zsr_tui.ui.compare.screen import CompareScreen

        compare = next((each for each in reversed(self._app.screen_stack) if isinstance(each, CompareScreen)), None)
        lists = range(len(compare.session.lists)) if compare is not None and compare.session.started else ()
        return compare is not None and not all(map(compare.rankings.is_of_query, lists))

    def _compared(self, compare: Any) -> Finding:
        from zsr_tui.ui.compare.finding.making import found

        rankings = compare.rankings
        return found(compare.session, reference=rankings.reference, active=rankings.active, doc_id=rankings.doc_id)

    async def _finish(self, screen: BaseScreen[Any], finding: Finding, key: str) -> None:
        if key == "m":
            from zsr_tui.ui.parts.copying import clipboard

            text = in_markdown(finding)
            if clipboard.send(screen, text, "the finding as Markdown"):
                await clipboard.to_tmux(text)
            return
        from zsr_tui.sessions.findings import write

        folder = paths.findings_dir()
        try:
            file = write(finding, folder)
        except OSError as error:
            raise Problem(f"the finding could not be written to {folder}: {error.strerror}.") from error
        screen.notify(f"The finding is in {file}; zsr-tui open shows it again.", timeout=12, markup=False)


def _explained(screen: Any, finding: Finding | None) -> Finding | None:
    from zsr_tui import __version__
    from zsr_tui.sessions.findings import Finding
    from zsr_tui.sessions.log import now
    from zsr_tui.ui.explain.taken import taken

    about, explanations, contrast, against_system = taken(screen)
    if not explanations:
        return finding
    asked = (about.dataset, about.query, about.qid)
    if finding is None or (finding.dataset, finding.query, finding.qid) != asked:
        finding = Finding(
            program=__version__, made=now(), dataset=about.dataset, query=about.query or explanations[0].query,
            qid=about.qid,
            doc_id=about.doc_id, drop_self=about.drop_self,
        )  # fmt: skip
    return msgspec.structs.replace(finding, explanations=explanations, contrast=contrast, against_system=against_system)


def in_markdown(finding: Finding) -> str:
    """All of it."""
    from zsr_tui.ui.compare.markdown import whole
    from zsr_tui.ui.explain.taken import markdown

    return whole(finding, markdown(finding.explanations, finding.contrast))
