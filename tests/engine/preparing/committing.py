"""The engine's program, which makes durable what it has encoded after every batch: a test need not wait for that."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[3]))

from tests.unit.retrieval.made_up import commit_often
from zsr_tui.engine.__main__ import main

if __name__ == "__main__":
    commit_often()
    main()
