"""Whether a model's chat template may be filled in with a query and a document: a program of others, which nothing
ends once it runs."""

from __future__ import annotations

from typing import Any

from jinja2 import Environment, TemplateSyntaxError, nodes

from zsr_tui.domain import Problem

_DEEPEST = 2  # loops: over messages, and over the parts of one
# functions, filters and methods that make much of little
_GROWING = frozenset({"range", "lipsum", "center", "format", "indent", "ljust", "rjust", "zfill", "expandtabs"})
_OF_MACROS = frozenset({"namespace", "dict", "raise_exception", "strftime_now"})  # what one may call by name


def check(template: Any) -> None:
    """Of a tokenizer: a text, or several by name. Raises `Problem`."""
    for each in template.values() if isinstance(template, dict) else [template]:
        if isinstance(each, str) and (what := _more_than_needed(each)):
            raise Problem(
                f"the model's chat template has {what}, which no prompt of a query and a document needs, and which "
                "could go on for ever or fill the memory: take the template that the model was published with."
            )


def _more_than_needed(template: str) -> str:
    """The first of it in words, "" where there is nothing. It is read, and no part of it is run."""
    try:
        tree = Environment(extensions=["jinja2.ext.loopcontrols"]).parse(template)
    except TemplateSyntaxError as error:
        return f"what cannot be read ({error.message})"
    for node in tree.find_all((nodes.Mul, nodes.Pow)):
        return f"a {'product' if isinstance(node, nodes.Mul) else 'power'} (line {node.lineno})"
    for name, line in _called(tree):
        if name in _GROWING:
            return f"{name} (line {line})"
    for macro in tree.find_all(nodes.Macro):
        if any(name not in _OF_MACROS for name, _ in _functions(macro)):
            return f"a macro that calls another (line {macro.lineno})"
    return "loops within loops" if _depth(tree) > _DEEPEST else ""


def _called(tree: nodes.Node) -> list[tuple[str, int]]:
    """Names that may be those of functions, filters or methods, each with its line."""
    return [
        *((each.name, each.lineno) for each in tree.find_all(nodes.Name)),
        *((each.name, each.lineno) for each in tree.find_all(nodes.Filter)),
        *((each.attr, each.lineno) for each in tree.find_all(nodes.Getattr)),
        *(
            (str(each.arg.value), each.lineno)
            for each in tree.find_all(nodes.Getitem)
            if isinstance(each.arg, nodes.Const)
        ),
    ]


def _functions(tree: nodes.Node) -> list[tuple[str, int]]:
    return [(each.node.name, each.lineno) for each in tree.find_all(nodes.Call) if isinstance(each.node, nodes.Name)]


def _depth(node: nodes.Node) -> int:
    """Of loops in one another; one that calls itself has no end."""
    below = max((_depth(child) for child in node.iter_child_nodes()), default=0)
    if not isinstance(node, nodes.For):
        return below
    return _DEEPEST + 1 if node.recursive else below + 1
