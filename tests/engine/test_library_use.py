"""The example of docs/scoring.md, as a reader would run it."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

PAGE = Path(__file__).resolve().parents[2] / "docs" / "scoring.md"


def example() -> str:
    (code,) = re.findall(r"^```python\n(.*?)^```$", PAGE.read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE)
    return str(code)


def test_ten_lines_give_vectors_and_scores() -> None:
    statements = [line for line in example().splitlines() if line and not line.startswith(("import ", "from "))]
    assert len(statements) <= 10
    shown = (
        "import json\n"
        "first = batches[0]\n"
        "print(json.dumps([vectors.shape, str(vectors.dtype), query.shape, by_vector.shape, by_vector.tolist(),"
        " sorted(scores.items()), [type(score).__name__ for score in first.scores], list(first.cut)]))\n"
    )
    done = subprocess.run([sys.executable, "-c", example() + shown], capture_output=True, text=True, timeout=600)
    assert done.returncode == 0, done.stderr
    vectors, dtype, query, shape, by_vector, scores, kinds, cut = json.loads(done.stdout)
    assert (vectors, dtype, query, shape) == ([3, 384], "float32", [384], [3])
    assert max(by_vector) == by_vector[0] <= 1.0 + 1e-5
    assert [index for index, _ in scores] == [0, 1, 2]
    assert max(scores, key=lambda pair: pair[1])[0] == 0
    assert scores[0][1] > 1  # a raw logit, not a probability
    assert set(kinds) == {"float"}
    assert not any(cut)


def test_importing_it_imports_no_runtime_of_models() -> None:
    code = "import sys, zsr_tui.scoring; print(*{name.split('.')[0] for name in sys.modules})"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=600)
    assert not {"torch", "transformers", "onnxruntime", "numpy", "textual", "starlette"} & set(done.stdout.split())


def test_every_variable_that_the_page_names_is_read_by_the_code() -> None:
    named = set(re.findall(r"`(ZSR_TUI_\w+)", PAGE.read_text(encoding="utf-8")))
    package = PAGE.parents[1] / "zsr_tui"
    code = "\n".join(path.read_text(encoding="utf-8") for path in package.rglob("*.py"))
    assert named >= {"ZSR_TUI_PRECISION", "ZSR_TUI_DEVICES", "ZSR_TUI_CACHE_MB", "ZSR_TUI_CPU_FALLBACK"}
    for name in named:
        prefix = "ZSR_TUI_KEY_"
        assert (prefix if name.startswith(prefix) else name) in code
