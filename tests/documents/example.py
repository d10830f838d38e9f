"""Runs an example of Python, and holds its values against the comments behind their assignments.

`example.py FILE TOLERANCE`: `float32, (3, 384)` is the type and shape of an array, `{0: 9.1}` is a value. What stands
behind a colon or a semicolon in a comment is for people.
"""

import ast
import re
import sys
from pathlib import Path

CODE, WITHIN = Path(sys.argv[1]).read_text("utf-8"), float(sys.argv[2])
ARRAY = re.compile(r"(\w+), (\([\d, ]*\))")


def same(shown: object, found: object) -> bool:
    if isinstance(shown, dict) and isinstance(found, dict):
        return shown.keys() == found.keys() and all(same(value, found[key]) for key, value in shown.items())
    if isinstance(shown, list | tuple):
        return len(shown) == len(list(found)) and all(map(same, shown, found))
    if isinstance(shown, float):
        return abs(shown - float(found)) <= WITHIN
    return bool(shown == found)


def main() -> int:
    names: dict[str, object] = {}
    exec(compile(CODE, sys.argv[1], "exec"), names)
    lines, wrong = CODE.splitlines(), 0
    for statement in ast.parse(CODE).body:
        _, _, comment = lines[statement.end_lineno - 1].partition("  # ")
        if not comment or not isinstance(statement, ast.Assign):
            continue
        name = ast.unparse(statement.targets[0])
        value = names[name]
        if array := ARRAY.match(comment):
            found = f"{value.dtype}, {value.shape}"
            right = found == array[0]
        else:
            found = repr(value)
            right = same(ast.literal_eval(comment), value)
        if not right:
            print(f"{name}: the document says {comment!r}, it is {found}", file=sys.stderr)
            wrong = 1
    return wrong


if __name__ == "__main__":
    sys.exit(main())
