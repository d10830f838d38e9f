"""Names of keys: as Textual spells them, and as the screen shows them."""

from __future__ import annotations

import unicodedata

from textual.keys import Keys, _character_to_key

_NAMED = {key.value for key in Keys if "<" not in key.value} | {f"f{number}" for number in range(1, 25)}
_MODIFIERS = {"ctrl", "shift", "alt", "super", "hyper", "meta"}
_DISPLAY = {
    "escape": "esc",
    "enter": "enter",
    "space": "space",
    "slash": "/",
    "plus": "+",
    "less_than_sign": "<",  # Unicode's own name has a hyphen
    "greater_than_sign": ">",
    "minus": "-",
    "delete": "del",
    "pageup": "pgup",
    "pagedown": "pgdn",
    "left": "←",
    "right": "→",
    "up": "↑",
    "down": "↓",
}


def key_name(key: str) -> str | None:
    """How Textual spells a key that a user wrote ("/" is "slash"), or None if there is no such key."""
    if len(key) == 1:
        return _character_to_key(key) if key.isprintable() else None
    *modifiers, last = key.lower().split("+")
    if not set(modifiers) <= _MODIFIERS:
        return None
    if len(last) == 1:
        return "+".join([*modifiers, last]) if modifiers else last
    if key.lower() in _NAMED or last in _NAMED:
        return key.lower()
    try:
        unicodedata.lookup(last.replace("_", " "))
    except KeyError:
        return None
    return key.lower()


def key_display(key: str) -> str:
    """A key as the screen shows it: "ctrl+p" is "^p", "slash" is "/"."""
    *modifiers, last = key.split("+")
    shown = _DISPLAY.get(last) or _character(last) or last
    if last.startswith("f") and last[1:].isdigit():
        shown = last.upper()
    return "".join("^" if modifier == "ctrl" else f"{modifier}+" for modifier in modifiers) + shown


def _character(name: str) -> str:
    """The printable character of that name; "" for the name of a key (Unicode knows "tab" and "escape" too)."""
    try:
        character = unicodedata.lookup(name.replace("_", " "))
    except KeyError:
        return ""
    return character if character.isprintable() else ""
