"""A model with other settings than its own, for once: `MODEL; precision=fp32, max_length=256`."""

from __future__ import annotations

import re
from typing import NamedTuple

from zsr_tui.domain import Problem
from zsr_tui.scoring.devices import PRECISIONS
from zsr_tui.scoring.models import entries, reference

_SETTINGS = re.compile(r"(?P<model>.*?\S)\s*;\s*(?P<settings>\w+\s*=[^;()]*)", re.DOTALL)


class Settings(NamedTuple):
    """None: the model's own, the device's own."""

    precision: str | None = None
    max_length: int | None = None


class Written(NamedTuple):
    model: str
    settings: Settings

    def __str__(self) -> str:
        said = [f"{name}={value}" for name, value in self.settings._asdict().items() if value is not None]
        return "; ".join(filter(None, (self.model, ", ".join(said))))


def split(text: str) -> Written:
    """The model's name, and what is said behind a semicolon. Raises `Problem` for settings that there are not."""
    found = _SETTINGS.fullmatch(text.strip()) if ";" in text else None
    if found is None or reference.is_model_folder(text):
        return Written(text, Settings())
    settings = Settings()
    for each in found["settings"].split(","):
        name, _, value = (part.strip() for part in each.partition("="))
        if name == "precision" and value in PRECISIONS:
            settings = settings._replace(precision=value)
        elif name == "max_length" and value.isascii() and value.isdigit() and int(value):
            settings = settings._replace(max_length=int(value))
        elif name in settings._fields:
            known = ", ".join(PRECISIONS) if name == "precision" else "a number of tokens, 1 or more"
            raise Problem(f"{name}={value} in {text!r}: write {known}.", usage=True)
        else:
            raise Problem(
                f"{each.strip()!r} in {text!r} is no setting: behind a semicolon stand precision=fp32 and "
                f"max_length=256; prompts and all else of a model are said in {entries.own_place()}.",
                usage=True,
            )
    return Written(found["model"], settings)
