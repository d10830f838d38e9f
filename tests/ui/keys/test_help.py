"""The help of this place: what has the focus, then what stands on the screen, then the keys."""

from __future__ import annotations

import pytest
from textual.containers import VerticalScroll

from tests.ui.reading import text_of
from tests.waiting import until
from zsr_tui.ui.app import ZsrTuiApp
from zsr_tui.ui.help.screen import HelpScreen, is_seen
from zsr_tui.ui.parts.glossary import LOOKS

from ..fake.engine import DATASET, SYSTEMS, FakeEngine
from ..shell import settle


@pytest.mark.parametrize(
    ("sign", "there", "elsewhere"),
    [
        ("·", ">  1 ·  22.64  Vitamin", " demo   140 docs · 6 queries"),
        ("●.489", " nDCG@10 0.533 ●.489", " took 3.5 s."),
        ("↑n ↓n", "›  1 ●2 ↑1   20.43", " ↑ ↓ move"),
        ("→", "│›  1 ●2 →    20.43", " ← → list"),
        (">", ">  1 ·  22.64", " bm25 % 100 >> org/model"),
    ],
    ids=["unjudged", "beside it", "movement", "same place", "cursor"],
)
def test_a_mark_is_told_from_what_looks_like_it(sign: str, there: str, elsewhere: str) -> None:
    assert is_seen(sign, there, LOOKS[sign])
    assert not is_seen(sign, elsewhere, LOOKS[sign])


async def test_what_has_the_focus_comes_first_then_what_is_seen() -> None:
    app = ZsrTuiApp(FakeEngine(), dataset=DATASET, systems=SYSTEMS)
    async with app.run_test(size=(120, 60)) as pilot:
        await settle(pilot)
        for keys, title, sentence in (
            (["question_mark"], "", ""),  # typed
            (["f1"], "The query", "Enter searches."),
            (["escape", "ctrl+u", "escape", "n"], "", ""),
            (["question_mark"], "This list", "A row has rank, the dataset's judgment"),
        ):
            await pilot.press(*keys)
            await settle(pilot)
            if title:
                assert isinstance(app.screen, HelpScreen)
                box = app.screen.query_one(VerticalScroll).region
                lines = [line[box.x : box.right] for line in text_of(app).splitlines()[box.y : box.bottom]]
                assert " ".join(" ".join(lines).split()).startswith(f"{title} {sentence}")
                await pilot.press("escape")
                await settle(pilot)
        await pilot.press("question_mark")
        await until(pilot, lambda: "What stands there now" in text_of(app))
        shown = text_of(app)
        seen = shown[shown.index("What stands there now") : shown.index("On this screen")]
        for sign in ("●", "·", "↑n ↓n", "Judged@10"):
            assert sign in seen
        assert "◉" not in seen  # no picture is shown
        assert "guessed" not in seen


@pytest.mark.parametrize(
    ("sign", "shown", "seen"),
    [
        pytest.param("3 ties", "12 ms · 32 ties", True, id="another number"),
        pytest.param("3 ties", "3 neckties", False, id="part of a word"),
        pytest.param("Judged@10", "Judged@10 0.200", True, id="measure"),
        pytest.param("↑n ↓n", "  ↓3 ", True, id="one of two marks"),
        pytest.param("◉", "● 2", False, id="another mark"),
        pytest.param("4 inputs cut†", "nothing is cut", False, id="mark in a word"),
    ],
)
def test_what_is_seen(sign: str, shown: str, seen: bool) -> None:
    assert is_seen(sign, shown) is seen
