"""SVG to PNG with what is installed: rsvg-convert, or the Python package cairosvg."""

from __future__ import annotations

import shutil
import subprocess

from zsr_tui.domain import Problem

_ZOOM = 2
_SECONDS = 60


def png(svg: str) -> bytes:
    """At twice the plot's size. Raises `Problem` where nothing on this machine can convert it."""
    program = shutil.which("rsvg-convert")
    if program is None:
        return _cairosvg(svg)
    try:
        done = subprocess.run(
            [program, "--zoom", str(_ZOOM), "--format", "png"],
            input=svg.encode("utf-8", "replace"),
            capture_output=True,
            timeout=_SECONDS,
            check=True,
        )
    except (OSError, subprocess.SubprocessError) as error:
        raise Problem(
            "rsvg-convert could not draw the plot: write .svg in place of .png.", detail=str(error)
        ) from error
    return done.stdout


def _cairosvg(svg: str) -> bytes:
    try:
        import cairosvg
    except (ImportError, OSError) as error:  # OSError: the package without its library
        raise Problem(
            "PNG needs rsvg-convert (Debian's librsvg2-bin) or the Python package cairosvg: install one of them, "
            "or write .svg.",
            detail=str(error),
            usage=True,
        ) from error
    data = cairosvg.svg2png(bytestring=svg.encode("utf-8", "replace"), scale=_ZOOM)
    assert isinstance(data, bytes)
    return data
