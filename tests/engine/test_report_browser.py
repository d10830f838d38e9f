"""The HTML report in a real browser. `ZSR_TUI_SCREENSHOTS=folder` keeps the pictures."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.engine.browser import Page, browser, find
from tests.engine.conftest import BM25, DENSE
from tests.unit.evaluation.report.example import (
    ESCAPES,
    MEASURES,
    RUN_NAME,
    SCRIPT,
    contents,
    evaluation,
    write,
    write_report,
)
from zsr_tui.api.events import EvaluateFinished
from zsr_tui.api.requests import EvaluateRequest
from zsr_tui.engine.evaluation.evaluate import evaluate
from zsr_tui.engine.library import Library
from zsr_tui.evaluation import store
from zsr_tui.progress import CancelToken
from zsr_tui.text import one_line

QUERIES = 40


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write(contents(QUERIES), tmp_path_factory.mktemp("report") / "a report #1.html")


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Page]:
    program = find()
    if program is None:
        pytest.skip("no Chromium on the PATH (Debian: apt-get install chromium-headless-shell)")
    with browser(program, tmp_path_factory.mktemp("profile")) as page:
        yield page


def keep(page: Page, name: str) -> None:
    folder = os.environ.get("ZSR_TUI_SCREENSHOTS")
    if folder:
        page.screenshot(Path(folder) / f"{name}.png")


def show(page: Page, *, scripts: bool = True, dark: bool = False, media: str = "", width: int = 1200) -> None:
    page.call("Emulation.setScriptExecutionDisabled", value=not scripts)
    scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
    page.call("Emulation.setEmulatedMedia", media=media, features=[scheme])
    page.call("Emulation.setDeviceMetricsOverride", width=width, height=900, deviceScaleFactor=1, mobile=False)


@pytest.mark.parametrize("scripts", [True, False])
def test_everything_is_on_the_page_with_and_without_scripts(page: Page, report: Path, scripts: bool) -> None:
    show(page, scripts=scripts)
    page.open(report)
    assert page.value("document.title") == "beir/scifact/test: 6 systems, nDCG@10"
    assert page.value("document.querySelector('h1').innerText") == "beir/scifact/test: 6 systems, nDCG@10"
    assert "2026-11-22 20:00 UTC" in page.value("document.querySelector('header').innerText")
    rows = page.value("[...document.querySelectorAll('#results table')[0].tBodies[0].rows].map(r => r.innerText)")
    assert len(rows) == 6
    assert rows[3].split("\t")[:2] == ["monoT5-3B", "2.85B"]
    assert RUN_NAME in rows[5]
    head = page.value("document.querySelector('#results thead').innerText")
    assert all(measure in head for measure in MEASURES)
    assert page.value("document.querySelectorAll('#all tbody tr').length") == QUERIES
    assert page.value("document.querySelectorAll('#queries article').length") == 3
    assert page.value("document.querySelectorAll('#queries article:first-of-type .list').length") == 6
    assert (
        page.value("document.querySelectorAll('#queries article:first-of-type .list:first-of-type .doc').length") == 10
    )
    # every plot has a size, a name and words
    plots = page.value(
        "[...document.querySelectorAll('svg')].map(s => [s.getBoundingClientRect().height, "
        "s.querySelector('title').textContent, s.querySelector('desc').textContent])"
    )
    assert len(plots) == 2 + 2 * 5 + 1 + 5 + 1  # size and depth, by system, the paper's, breakdowns, the average
    assert all(height > 100 and title and words for height, title, words in plots)
    assert page.value("document.querySelectorAll('thead button').length > 0") is scripts
    assert page.complaints() == []
    assert page.requests() == [report.as_uri()]
    keep(page, f"report-{'scripts' if scripts else 'plain'}")


def test_what_documents_hold_stays_text(page: Page, report: Path) -> None:
    show(page)
    page.open(report)
    assert "taken over" not in page.value("document.title")
    assert page.value("document.querySelectorAll('script').length") == 1
    assert page.value("document.querySelectorAll('img, iframe, object, article b, article i').length") == 0
    assert page.value("document.querySelectorAll('#q1 h3')[0].textContent") == one_line(SCRIPT)
    assert page.value("document.querySelectorAll('#q2 h3')[0].textContent") == one_line(ESCAPES)
    assert "\x1b" not in page.value("document.body.textContent")


def test_nothing_runs_even_if_markup_came_through(page: Page, report: Path) -> None:
    """The page's policy is the second lock: put markup into it by force and it does nothing."""
    forced = report.with_name("forced.html")
    markup = "<script>document.title='taken over'</script><img src='https://example.org/x.png'>"
    forced.write_text(report.read_text("utf-8").replace("<main>", f"<main>{markup}"), "utf-8")
    show(page)
    page.open(forced)
    assert page.value("document.title") == "beir/scifact/test: 6 systems, nDCG@10"
    assert page.complaints()  # the browser says what it refused
    refused = [event for event in page.events if event.get("method") == "Network.loadingFailed"]
    assert len(page.requests()) - len(refused) <= 1


def test_a_click_on_a_column_sorts_by_its_number(page: Page, report: Path) -> None:
    show(page)
    page.open(report)
    names = "[...document.querySelectorAll('#results table')[0].tBodies[0].rows].map(r => r.cells[0].innerText)"
    click = "document.querySelectorAll('#results table')[0].tHead.rows[0].cells[1].querySelector('button').click()"
    page.value(click)
    down = page.value(names)
    assert down[:2] == ["monoT5-3B", "monoT5-base"]
    assert set(down[-2:]) == {"BM25", RUN_NAME}  # without parameters: last in both directions
    page.value(click)
    up = page.value(names)
    assert up[3] == "monoT5-3B"
    assert set(up[-2:]) == {"BM25", RUN_NAME}


@pytest.mark.parametrize("dark", [False, True])
def test_text_can_be_read_in_light_and_dark(page: Page, report: Path, dark: bool) -> None:
    """At least 4.5:1 (WCAG AA) for every kind of text, in HTML and in plots."""
    show(page, dark=dark)
    page.open(report)
    worst = page.value(_CONTRAST)
    assert worst[0] >= 4.5, worst
    background = page.value("getComputedStyle(document.body).backgroundColor")
    assert background == ("rgb(20, 24, 29)" if dark else "rgb(255, 255, 255)")
    keep(page, f"report-{'dark' if dark else 'light'}")


_CONTRAST = """
(() => {
  const rgb = text => text.match(/[\\d.]+/g).map(Number);
  const light = ([r, g, b]) => [r, g, b].map(c => c / 255)
    .map(c => c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4)
    .reduce((sum, c, i) => sum + c * [0.2126, 0.7152, 0.0722][i], 0);
  const behind = element => {
    for (let e = element; e; e = e.parentElement) {
      const c = rgb(getComputedStyle(e).backgroundColor);
      if (c.length < 4 || c[3] > 0) return c;
    }
    return [255, 255, 255];
  };
  let worst = [99, ""];
  const kinds = "h1,h2,h3,h4,p,a,th,td,dt,dd,small,mark,summary,text,.j,.up,.down,.score";
  for (const e of document.querySelectorAll(kinds)) {
    if (!e.textContent.trim()) continue;
    const style = getComputedStyle(e);
    const [a, b] = [light(rgb(e.tagName === "text" ? style.fill : style.color)), light(behind(e))];
    const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    if (ratio < worst[0]) worst = [ratio, e.tagName + " " + e.className + " " + e.textContent.slice(0, 40)];
  }
  return worst;
})()
"""


def test_no_label_of_a_plot_covers_a_mark_or_another_label(page: Page, report: Path) -> None:
    """With the faces and sizes that the browser really uses."""
    show(page)
    page.open(report)
    assert page.value("document.querySelectorAll('#plots figure:first-of-type text.p-halo').length") >= 6
    assert page.value(_COVERED) == []


_COVERED = """
(() => {
  const covered = [];
  const meet = (a, b) => Math.min(a.right, b.right) - Math.max(a.left, b.left) > 1 &&
    Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top) > 3;
  for (const plot of document.querySelectorAll("svg")) {
    const labels = [...plot.querySelectorAll("text.p-halo")];
    const marks = [...plot.querySelectorAll("circle, path")].filter(e => e.querySelector("title"));
    labels.forEach((label, at) => {
      const box = label.getBoundingClientRect(), frame = plot.getBoundingClientRect();
      if (box.left < frame.left || box.right > frame.right) covered.push(label.textContent + " leaves the picture");
      for (const mark of marks)
        if (meet(box, mark.getBoundingClientRect())) covered.push(label.textContent + " covers a mark");
      for (const other of labels.slice(at + 1))
        if (meet(box, other.getBoundingClientRect())) covered.push(label.textContent + " covers " + other.textContent);
    });
  }
  return covered;
})()
"""


def test_each_chosen_query_says_why_and_which_stage_is_at_fault(page: Page, tmp_path: Path) -> None:
    show(page, scripts=False)
    page.open(write_report(evaluation(QUERIES), tmp_path / "chosen.html"))
    why = page.value("[...document.querySelectorAll('#queries article')].map(a => a.querySelector('.why').innerText)")
    assert len(why) == 12
    for said in why:
        assert re.match(r"(Largest|Second largest|Third largest) (loss|gain) of .+ against BM25: [+−]0\.\d\d\n", said)
        assert "nDCG@10: " in said
    assert any("at fault: " in said for said in why)


@pytest.mark.parametrize("width", [360, 400, 800, 1280])
def test_the_page_fits_its_window(page: Page, report: Path, width: int) -> None:
    """Only tables scroll sideways, inside their own box."""
    show(page, width=width)
    page.open(report)
    assert page.value("document.documentElement.scrollWidth") <= width
    assert page.value("document.querySelector('#results .scroll').scrollWidth") > 400 or width > 400
    keep(page, f"report-{width}")


def test_printing_shows_what_is_folded(page: Page, report: Path) -> None:
    show(page, media="print")
    page.open(report)
    # a folded table takes no room on the screen and all that it needs on paper
    assert page.value("document.querySelector('#all table').getBoundingClientRect().height") > 20 * QUERIES * 0.5
    assert page.value("getComputedStyle(document.querySelector('nav')).display") == "none"
    page.call("Emulation.setDeviceMetricsOverride", width=720, height=1000, deviceScaleFactor=1, mobile=False)
    tables = "[...document.querySelectorAll('#results table')].map(t => t.getBoundingClientRect().right)"
    assert max(page.value(tables)) <= 720  # about the width of A4 between its margins: paper does not scroll
    pdf = page.call("Page.printToPDF")["data"]
    assert len(pdf) > 20_000


def test_the_report_of_a_real_run_shows_what_was_measured(library: Library, tmp_path: Path, page: Page) -> None:
    ends: list[EvaluateFinished] = []
    asked = EvaluateRequest(
        id="r", dataset="demo", systems=(BM25, DENSE), measures=("nDCG@10", "R@100"), command="zsr-tui evaluate ..."
    )
    evaluate(
        library,
        asked,
        lambda event: ends.append(event) if isinstance(event, EvaluateFinished) else None,
        CancelToken(),
    )
    corpus = library.corpus("demo")
    made = store.find(ends[0].evaluation).evaluation(lambda _, ids: corpus.corpus.docs(ids))
    report = write_report(made, tmp_path / "demo.html")
    show(page)
    page.open(report)
    rows = page.value("[...document.querySelectorAll('#results table')[0].tBodies[0].rows].map(r => r.innerText)")
    assert len(rows) == 2
    for row, result in zip(rows, ends[0].results, strict=True):
        assert f"{result.means['nDCG@10']:.4f}" in row
        assert f"{result.means['R@100']:.4f}" in row
    assert page.value("document.querySelectorAll('#queries .snippet').length") > 50
    assert page.value("document.querySelector('#queries .why').innerText").count("nDCG@10: ") >= 1
    assert "pushed down" in page.value("document.querySelector('#failures').innerText")
    assert page.value("document.querySelectorAll('#queries mark').length") > 20
    assert page.complaints() == []
    keep(page, "report-demo")
