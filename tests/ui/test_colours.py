"""Colours: the theme that is in use, what can be read on it, and what there is without any."""

from __future__ import annotations

import pytest
from textual.color import Color

from tests.ui.reading import text_of
from tests.waiting import until
from zsr_tui.ui import memory, themes

from .keys.test_palette import palette
from .shell import ShellApp, ShellEngine, settle


async def test_the_theme_is_changed_and_remembered() -> None:
    app = ShellApp(ShellEngine())
    async with app.run_test() as pilot:
        await settle(pilot)
        seen = [app.theme]
        for _ in themes.NAMES[1:]:
            await pilot.press("t")
            await settle(pilot)
            seen.append(app.theme)
        assert sorted(seen) == sorted(themes.NAMES)
        await palette(pilot, "paper")
        await until(pilot, lambda: app.theme == "paper")
        await settle(pilot)
    assert memory.load()[0].theme == "paper"
    assert ShellApp(ShellEngine()).theme == "paper"


def test_text_stands_out_from_its_background() -> None:
    """WCAG 2.1: 7 for text, 4.5 for what is told by colour too."""
    for theme in themes.OURS:
        assert contrast(theme.foreground, theme.background) >= 7
        for name in ("primary", "secondary", "accent", "success", "warning", "error"):
            assert contrast(getattr(theme, name), theme.background) >= 4.5, (theme.name, name)


def contrast(one: str | None, other: str | None) -> float:
    """https://www.w3.org/TR/WCAG21/#dfn-contrast-ratio"""

    def luminance(colour: str | None) -> float:
        parts = [
            value / 12.92 if value <= 0.03928 else ((value + 0.055) / 1.055) ** 2.4
            for value in Color.parse(colour or "").normalized
        ]
        return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]

    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


async def test_everything_can_be_told_without_colour(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    app = ShellApp(ShellEngine())
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        await pilot.press("s")
        await settle(pilot)
        assert "✓ Demo corpus" in text_of(app)
        await pilot.press("f4")
        await settle(pilot)
        row = app.screen.chosen.render_line(0)
        assert any(segment.style and segment.style.reverse for segment in row)
