"""Judgments and movements can be read on every theme, and told apart by who is colour-blind."""

from __future__ import annotations

import math
from itertools import combinations, pairwise

import pytest
from textual.theme import BUILTIN_THEMES, Theme

from zsr_tui.ui import themes
from zsr_tui.ui.parts.shades import RGB, SHADES, contrast, luminance, shade

GRADES = ("grade-1", "grade-2", "grade-3")
MARKS = (*GRADES, "judged", "unjudged")
# Machado, Oliveira and Fernandes 2009, severity 1, on linear RGB:
# https://www.inf.ufrgs.br/~oliveira/pubs_files/CVD_Simulation/CVD_Simulation.html
SEEN = {
    "as it is": ((1, 0, 0), (0, 1, 0), (0, 0, 1)),
    "protanopia": (
        (0.152286, 1.052583, -0.204868),
        (0.114503, 0.786281, 0.099216),
        (-0.003882, -0.048116, 1.051998),
    ),
    "deuteranopia": (
        (0.367322, 0.860646, -0.227968),
        (0.280085, 0.672501, 0.047413),
        (-0.011820, 0.042940, 0.968881),
    ),
}
ALL = {theme.name: theme for theme in (*BUILTIN_THEMES.values(), *themes.OURS) if not theme.name.startswith("ansi")}


def backgrounds(theme: Theme) -> dict[str, RGB]:
    """Everything that rows stand on."""
    generated = theme.to_color_system().generate()
    from textual.color import Color

    names = ("background", "surface", "panel", "block-cursor-background", "block-cursor-blurred-background")
    base = Color.parse(generated["background"])
    return {name: base.blend(colour, colour.a).rgb for name in names for colour in [Color.parse(generated[name])]}


@pytest.mark.parametrize("name", sorted(ALL))
def test_marks_can_be_read_on_whatever_a_theme_has_behind_them(name: str) -> None:
    for what, behind in backgrounds(ALL[name]).items():
        for role in SHADES:
            assert contrast(shade(role, behind), behind) >= 4.5, (what, role)
        steps = [contrast(shade(role, behind), behind) for role in GRADES]
        assert steps == sorted(steps), what


@pytest.mark.parametrize("sight", sorted(SEEN))
@pytest.mark.parametrize("name", sorted(ALL))
def test_marks_stay_apart(name: str, sight: str) -> None:
    behind = backgrounds(ALL[name])["background"]
    seen = {role: lab(shade(role, behind), SEEN[sight]) for role in MARKS}
    lightness = [seen[role][0] for role in GRADES]
    rising = lightness[0] < lightness[-1]
    assert all((low < high) == rising and abs(high - low) >= 6 for low, high in pairwise(lightness)), lightness
    for one, other in combinations(MARKS, 2):
        assert math.dist(seen[one], seen[other]) >= 10, (one, other)
    assert math.dist(lab(shade("up", behind), SEEN[sight]), lab(shade("down", behind), SEEN[sight])) >= 30


def lab(colour: RGB, sight: tuple[tuple[float, ...], ...]) -> tuple[float, float, float]:
    """CIELAB (D65) of a colour as it is seen."""
    linear = [
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in (c / 255 for c in colour)
    ]
    red, green, blue = (max(0.0, min(1.0, sum(a * b for a, b in zip(row, linear, strict=True)))) for row in sight)
    x = (0.4124 * red + 0.3576 * green + 0.1805 * blue) / 0.9505
    y = 0.2126 * red + 0.7152 * green + 0.0722 * blue
    z = (0.0193 * red + 0.1192 * green + 0.9505 * blue) / 1.089
    a, b, c = (v ** (1 / 3) if v > 216 / 24389 else (24389 / 27 * v + 16) / 116 for v in (x, y, z))
    return 116 * b - 16, 500 * (a - b), 200 * (b - c)


def test_luminance_and_contrast_are_those_of_wcag() -> None:
    assert luminance((255, 255, 255)) == pytest.approx(1.0)
    assert contrast((0, 0, 0), (255, 255, 255)) == pytest.approx(21.0)
    assert contrast((118, 118, 118), (255, 255, 255)) == pytest.approx(4.54, abs=0.01)  # WebAIM's #767676
