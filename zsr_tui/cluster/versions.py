"""What has to be the same here and on a node, so that results are."""

from __future__ import annotations

import platform
from importlib import metadata

from zsr_tui import __version__
from zsr_tui.cluster.messages import About


def here() -> dict[str, str]:
    """As a worker tells them."""
    return {
        "Python": ".".join(platform.python_version_tuple()[:2]),
        "zsr-tui": __version__,
        **{package: metadata.version(package).partition("+")[0] for package in ("torch", "transformers")},
    }


def difference(worker: About) -> str:
    """One sentence, "" where there is none."""
    own = here()
    if not worker.versions.get("zsr-tui"):
        return f"zsr-tui cannot be imported there ({worker.why_not}): install zsr-tui {own['zsr-tui']} on every node."
    others = [
        f"{name} {there or 'is missing'}{'' if not there else f' in place of {own[name]}'}"
        for name in own
        if (there := worker.versions.get(name, "")) != own[name]
    ]
    if others:
        return f"it has {', '.join(others)}: install the same versions on every node."
    return worker.why_not
