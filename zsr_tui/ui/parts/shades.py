"""The colours of judgments and movements, made for what is behind them: as readable on one theme as on another.

A grade is the lighter on a dark background, the darker on a light one, the higher it is, so that grades stay apart for
whoever sees no colours; blue and orange stay apart for the usual kinds of colour blindness, as green and red do not.
"""

from __future__ import annotations

RGB = tuple[int, int, int]

LEAST = 4.6  # contrast: a little above the 4.5 of WCAG 2.1 for text, so that rounding does not fall below it
MOST = 0.92  # of the contrast that black or white has: what is nearer to them has no hue
# Okabe and Ito's colours, https://jfly.uni-koeln.de/color/
BLUE, ORANGE, AMBER, GREY = (86, 180, 233), (230, 120, 30), (230, 159, 0), (128, 128, 128)
# The hue of a role, and how far it is between the least contrast and the most.
SHADES = {
    "grade-1": (BLUE, 0.15),
    "grade-2": (BLUE, 0.55),
    "grade-3": (BLUE, 0.95),
    "judged": (ORANGE, 0.3),
    "unjudged": (GREY, 0.0),
    "up": (BLUE, 0.5),
    "down": (ORANGE, 0.5),
    "same": (GREY, 0.0),
    "absent": (AMBER, 0.4),
}


def luminance(colour: RGB) -> float:
    """https://www.w3.org/TR/WCAG21/#dfn-relative-luminance"""
    red, green, blue = (
        value / 12.92 if value <= 0.03928 else ((value + 0.055) / 1.055) ** 2.4
        for value in (part / 255 for part in colour)
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: RGB, other: RGB) -> float:
    """https://www.w3.org/TR/WCAG21/#dfn-contrast-ratio"""
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


def shade(role: str, behind: RGB) -> RGB:
    """The colour of a role of `SHADES` on a background."""
    hue, share = SHADES[role]
    towards = max((0, 0, 0), (255, 255, 255), key=lambda end: contrast(end, behind))
    most = max(LEAST, MOST * contrast(towards, behind))
    wanted = min(contrast(towards, behind), LEAST * (most / LEAST) ** share)
    low, high = 0.0, 1.0  # the way from the other end over the hue to this one: contrast grows along it
    for _ in range(12):
        middle = (low + high) / 2
        found = _along(hue, towards, middle)
        enough = contrast(found, behind) >= wanted and (luminance(found) > luminance(behind)) == (towards[0] > 0)
        low, high = (low, middle) if enough else (middle, high)
    return _along(hue, towards, high)


def _along(hue: RGB, towards: RGB, at: float) -> RGB:
    start: RGB = (255 - towards[0], 255 - towards[1], 255 - towards[2])
    first, second, part = (start, hue, 2 * at) if at < 0.5 else (hue, towards, 2 * at - 1)
    red, green, blue = (round(a + (b - a) * part) for a, b in zip(first, second, strict=True))
    return red, green, blue
