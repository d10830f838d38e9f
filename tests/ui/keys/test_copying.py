"""Copying: what is under the cursor by a second key or a click, what a drag selects, the comparison, the screen."""

from __future__ import annotations

from pathlib import Path

import pytest
from textual.pilot import Pilot
from textual.widget import Widget

from tests.ui.reading import notices, text_of
from tests.waiting import until
from zsr_tui import paths
from zsr_tui.api.questions import ReadDocument
from zsr_tui.api.requests import DocumentView
from zsr_tui.domain import Doc, Problem
from zsr_tui.ui.app import ZsrTuiApp
from zsr_tui.ui.parts.copying import clipboard
from zsr_tui.ui.parts.copying.screen import CopyScreen

from ..compare.app import CompareApp
from ..compare.screen import compare, finished
from ..evaluation.screen import app_with
from ..evaluation.screen import opened as evaluation_opened
from ..fake.engine import DATASET, SYSTEMS, FakeEngine
from ..fake.evaluations import EvaluationEngine, view
from ..fake.queries import StoredEngine
from ..queries.screen import app_on, opened
from ..shell import HOSTILE, ShellApp, ShellEngine, settle


async def copied(pilot: Pilot[None], *keys: str) -> str:
    """What is in the clipboard after these keys."""
    pilot.app._clipboard = ""
    pilot.app.clear_notifications()  # not counted: those of before end with the clock
    await pilot.press(*keys)
    await until(pilot, lambda: notices(pilot.app), "it is said what was copied")
    return pilot.app.clipboard


async def test_a_document_is_copied_by_a_second_key() -> None:
    app = CompareApp(FakeEngine(), qid="42")
    async with app.run_test(size=(80, 24)) as pilot:
        await finished(pilot)
        await pilot.press("alt+2", "y")
        await until(pilot, lambda: isinstance(app.screen, CopyScreen))
        shown = text_of(app).splitlines()
        at = next(number for number, each in enumerate(shown) if "Copy of" in each)
        assert shown[at - 2].lstrip().startswith(">  1 ")  # where the eye is
        line = shown[at]
        for text in ("Copy of doc…: i id", "t title", "x text", "m id and title as Markdown", "esc"):
            assert text in line
        assert await copied(pilot, "i") == compare(pilot).rankings.doc_id == "2048000"
        assert notices(app)[-1] == "Copied the id of document 2048000."
        title = await copied(pilot, "y", "t")
        assert title[:35] in text_of(app)
        assert await copied(pilot, "y", "m") == f"`2048000` {title}"
        assert await copied(pilot, "y", "y") == "2048000"
        assert "We followed 200 participants" in await copied(pilot, "y", "x")  # read for it: no pane shows it
        await pilot.press("y", "escape")
        assert app.screen is app.compare
        await pilot.press("enter")  # its own screen
        await until(pilot, lambda: app.screen is not app.compare and "We followed 200" in text_of(app))
        assert await copied(pilot, "y", "i") == "2048000"


async def test_nothing_that_a_terminal_obeys_is_copied_nor_more_than_it_takes(monkeypatch: pytest.MonkeyPatch) -> None:
    engine = FakeEngine()
    engine.answers[ReadDocument] = lambda asked: view_of(asked, HOSTILE + "\nnext line")
    app = CompareApp(engine, qid="42")
    async with app.run_test(size=(80, 24)) as pilot:
        await finished(pilot)
        text = await copied(pilot, "y", "x")
        assert text == HOSTILE.replace("\x1b", "␛") + "\nnext line"
        monkeypatch.setattr(clipboard, "LIMIT", len(text.encode()) - 1)
        assert await copied(pilot, "y", "x") == ""
        doc_id, size = compare(pilot).rankings.doc_id, len(text.encode())
        assert notices(app)[-1] == (
            f"Not copied: the text of document {doc_id} has {size} bytes, and terminals take at most {size - 1}. "
            "Drag over a part of it."
        )


def view_of(asked: ReadDocument, text: str) -> DocumentView:
    return DocumentView(doc=Doc(id=asked.doc_id, title="", text=text))


async def test_a_click_chooses_and_one_elsewhere_does_not() -> None:
    app = CompareApp(FakeEngine(), qid="42")
    async with app.run_test(size=(80, 24)) as pilot:
        await finished(pilot)
        await pilot.press("y")
        await until(pilot, lambda: isinstance(app.screen, CopyScreen))
        at, line = next((at, each) for at, each in enumerate(text_of(app).splitlines()) if "Copy of" in each)
        await pilot.click(offset=(line.index("t title"), at))
        await until(pilot, lambda: app.clipboard and app.screen is app.compare)
        assert app.clipboard[:35] in text_of(app)
        await pilot.press("y")
        await until(pilot, lambda: isinstance(app.screen, CopyScreen))
        await pilot.click(offset=(10, 10))
        await until(pilot, lambda: app.screen is app.compare)


async def test_a_drag_selects_in_a_list_and_in_a_document() -> None:
    app = CompareApp(FakeEngine(), qid="42")
    async with app.run_test(size=(160, 45)) as pilot:
        await finished(pilot)
        ranking, body = compare(pilot).rankings.active_list, compare(pilot).reader.pane.body
        await until(pilot, lambda: len(body.text) > 300)
        first, second = (ranking.render_line(y).text for y in (0, 1))
        await drag(pilot, ranking, (10, 0), (7, 1))
        assert notices(app)[-1].endswith("characters are selected; y copies them.")
        styles = {segment.style.bgcolor for segment in ranking.render_lines(ranking.size.region)[0] if segment.style}
        assert len(styles) > 1  # it is seen
        assert await copied(pilot, "y") == f"{first[10:].rstrip()}\n{second[:8]}"
        assert compare(pilot).selections == {}
        lines = body.render_line(0).text, body.render_line(1).text
        await drag(pilot, body, (3, 0), (6, 1))
        text = await copied(pilot, "ctrl+c")
        assert text == f"{lines[0][3:].rstrip()} {lines[1][1:7]}"  # as it was written: no line break of the screen
        assert text in body.text


async def drag(pilot: Pilot[None], widget: Widget, start: tuple[int, int], end: tuple[int, int]) -> None:
    await pilot.mouse_down(widget, offset=start)
    await pilot.hover(widget, offset=end)
    await pilot.mouse_up(widget, offset=end)
    await pilot.pause()


async def test_the_comparison_is_copied_as_markdown() -> None:
    app = ZsrTuiApp(FakeEngine(), dataset=DATASET, systems=SYSTEMS, qid="42")
    async with app.run_test(size=(120, 40)) as pilot:
        await settle(pilot)
        app.findings.copy_comparison()
        await until(pilot, lambda: app.clipboard)
        lines = app.clipboard.splitlines()
        assert lines[0].startswith("**")
        assert "(qid 42, " in lines[0]
        assert "nDCG@10" in lines[2]
        assert lines[4].startswith("| 1 | bm25 |")
        tops = [line for line in lines if "| 2048000 |" in line]
        assert len(tops) == 3
        assert any(mark in tops[1] for mark in "↑↓→×")
        assert notices(app)[-1] == "Copied this comparison as Markdown."


async def test_queries_documents_and_systems_of_an_evaluation_are_copied() -> None:
    app = app_on(StoredEngine())
    async with app.run_test(size=(120, 40)) as pilot:
        screen = await opened(pilot)
        await until(pilot, lambda: screen.listing.row is not None)
        row = screen.listing.row
        await pilot.press("y")
        await until(pilot, lambda: isinstance(app.screen, CopyScreen))
        shown = text_of(app).splitlines()
        assert shown[next(at for at, line in enumerate(shown) if "Copy of" in line) - 1].startswith(">")
        assert await copied(pilot, "i") == row.qid
        assert await copied(pilot, "y", "x") == row.text
        await until(pilot, lambda: screen.paths.path is not None)
        screen.paths.focus()
        await until(pilot, lambda: screen.paths.has_focus)
        assert await copied(pilot, "y", "i") == screen.paths.path.fate.doc_id
    engine = EvaluationEngine()
    engine.store(view())
    app = app_with(engine)
    async with app.run_test(size=(120, 40)) as pilot:
        await evaluation_opened(pilot)
        assert await copied(pilot, "y", "y") in text_of(app)
        table = await copied(pilot, "y", "m")
        assert table.splitlines()[0].startswith("| system | params | nDCG@10 |")
        assert len({line.count(" | ") for line in table.splitlines()}) == 1


async def test_rows_of_the_failures_are_copied() -> None:
    async with app_on(StoredEngine()).run_test(size=(120, 40)) as pilot:
        await opened(pilot)
        await pilot.press("f")
        await until(pilot, lambda: getattr(pilot.app.screen, "breakdowns", None) is not None)
        screen = pilot.app.screen
        await until(pilot, lambda: screen.classes_table.outcome is not None and screen.breakdowns.group is not None)
        text = await copied(pilot, "y")
        assert text.startswith(screen.classes_table.outcome.outcome)
        assert "(" in text  # documents, and in how many queries
        await pilot.press("tab")
        feature, group = screen.breakdowns.group
        text = await copied(pilot, "y")
        assert text.startswith(f"{feature.feature} {group.label}: {group.queries} queries, mean ")


async def test_names_are_copied_in_the_setup() -> None:
    app = ShellApp(ShellEngine(), dataset="demo", systems=("bm25", "bm25(k1=1.2, b=0.75)"))
    async with app.run_test(size=(120, 40)) as pilot:
        await settle(pilot)
        await pilot.press("s")
        await settle(pilot)
        await pilot.press("f4", "j")
        assert await copied(pilot, "y") == "bm25(k1=1.2, b=0.75)"
        app.screen.corpora.options.focus()
        await settle(pilot)
        assert await copied(pilot, "y") == "demo"


async def test_a_screenshot_is_a_file_of_its_own_that_loads_nothing() -> None:
    app = ShellApp(ShellEngine())
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        app.findings.take_screenshot()
        app.findings.take_screenshot()
        await until(pilot, lambda: len(notices(app)) == 2)
        files = sorted(paths.screenshots_dir().iterdir())
        assert len(files) == 2
        for file in files:
            assert f"The screenshot is in {file}." in notices(app)
            svg = file.read_text("utf-8")
            assert "demo" in svg
            assert "url(http" not in svg
            assert "@import" not in svg


def a_tmux(folder: Path, does: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A program of that name, in a terminal that tmux runs."""
    program = folder / "tmux"
    program.write_text(f"#!/bin/sh\n{does}\n")
    program.chmod(0o700)
    monkeypatch.setenv("PATH", f"{folder}:/usr/bin:/bin")
    monkeypatch.setenv("TMUX", "/tmp/socket,1,0")


async def test_tmux_is_told_by_its_own_command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    a_tmux(tmp_path, f"echo $@ > {tmp_path}/asked; cat > {tmp_path}/given", monkeypatch)
    await clipboard.to_tmux("naïve \x1b[31m")
    assert (tmp_path / "asked").read_text() == "load-buffer -w -\n"
    assert (tmp_path / "given").read_text() == "naïve ␛[31m"
    a_tmux(tmp_path, "echo 'unknown flag -w' >&2; exit 1", monkeypatch)
    with pytest.raises(Problem, match=r"tmux did not take what was copied \(unknown flag -w\); with `set -g"):
        await clipboard.to_tmux("text")
