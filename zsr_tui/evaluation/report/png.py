"""SVG to PNG with what is installed: rsvg-convert, or the Python package cairosvg."""

from __future__ import annotations

import shutil
import subprocess
import zlib

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


def with_text(data: bytes, keyword: str, text: str) -> bytes:
    """The picture with a text inside: an iTXt chunk (PNG, 11.3.3.4) before its end."""
    body = b"iTXt" + keyword.encode("latin-1") + b"\0\0\0\0\0" + text.encode("utf-8", "replace")
    chunk = (len(body) - 4).to_bytes(4) + body + zlib.crc32(body).to_bytes(4)
    end = data.rindex(b"IEND") - 4
    return data[:end] + chunk + data[end:]


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
