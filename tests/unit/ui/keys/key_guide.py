"""The key tables of the user guide, made from the table of actions.

`python -m tests.unit.ui.keys.key_guide` renews them.
"""

from __future__ import annotations

from pathlib import Path

from tests.documents.made import put
from zsr_tui.ui.keys.action import ANYWHERE, HERE, Action
from zsr_tui.ui.keys.names import key_display
from zsr_tui.ui.keys.table import ACTIONS

GUIDE = Path(__file__).resolve().parents[4] / "docs" / "user-guide.md"
BEGIN, END = "<!-- keys: made by tests/unit/ui/keys/key_guide.py -->\n", "<!-- end of keys -->\n"
PLACES = {
    "compare": "Compare",
    "document": "A document on the whole screen",
    "edit": "A document's edited text",
    "note": "A note",
    "review": "What was judged and noted",
    "merge": "Judgments of two people",
    "explain": "Why a document is there",
    "axioms": "Lists held against axioms",
    "finding": "A finding",
    "setup": "Setup",
    "evaluation": "Evaluate",
    "evaluation-start": "Evaluate, the form",
    "evaluation_queries": "Queries of an evaluation",
    "evaluation_failures": "Why queries fail",
    "pool": "Judging what is unjudged",
    "blind": "Lists without names",
    "engine": "The engine's window",
    HERE: "In a list, table, picture or text",
    ANYWHERE: "Anywhere",
}
_DISPLAY = {
    "escape": "Esc",
    "enter": "Enter",
    **{f"alt+{number}": f"Alt+{number}" for number in range(1, 6)},
    "tab": "Tab",
    "shift+tab": "Shift+Tab",
    "delete": "Delete",
    **{letter: f"Shift+{letter}" for letter in "ABEFGNORUWX"},
}


def tables() -> str:
    """One table for each place, all of an action's keys in it; actions of a group share a line."""
    parts: list[str] = []
    for place, title in PLACES.items():
        parts += [f"**{title}**\n", "| key | action | id in config.toml |", "|---|---|---|"]
        parts += [_line(group) for group in _groups([action for action in ACTIONS if action.where == place])]
        parts.append("")
    return "\n".join(parts)


def guide(text: str) -> str:
    """The guide's text with the tables in their place."""
    return put(text, BEGIN, tables(), END)


def _groups(actions: list[Action]) -> list[list[Action]]:
    groups: dict[str, list[Action]] = {}
    for action in actions:
        groups.setdefault(action.group or action.id, []).append(action)
    return list(groups.values())


def _line(actions: list[Action]) -> str:
    first, last = actions[0], actions[-1]
    if first is last:
        return f"| {', '.join(map(_key, first.keys)) or 'Ctrl+P'} | {_lower(first.title)} | `{first.id}` |"
    between = " ... " if len(actions) > 2 else ", "
    keys, ids = (between.join(ends) for ends in ((_key(first.keys[0]), _key(last.keys[0])), _ids(first, last)))
    return f"| {keys} | {_lower(first.group)} | {ids} |"


def _ids(first: Action, last: Action) -> tuple[str, str]:
    return f"`{first.id}`", f"`{last.id}`"


def _key(key: str) -> str:
    if key in _DISPLAY:
        return _DISPLAY[key]
    if key.startswith("ctrl+"):
        return f"Ctrl+{key[5:].upper()}"
    shown = key_display(key)
    return f"`{shown}`" if len(shown) == 1 else shown


def _lower(title: str) -> str:
    return title[0].lower() + title[1:]


if __name__ == "__main__":
    GUIDE.write_text(guide(GUIDE.read_text("utf-8")), "utf-8")
