"""What several threads may be the first to import.

transformers puts another module in its place when it has begun, and sentence_transformers is a circle: who imports a
part of them while another thread is in the middle gets what is not complete yet. What takes it from here (`taken`)
does so one thread at a time.
"""

from __future__ import annotations

import importlib
import sys
import threading
from types import ModuleType
from typing import Any

_alone = threading.RLock()


def taken(module: str, name: str) -> Any:
    """What has this name in a module, which is imported for that, if need be."""
    with _alone:
        return getattr(importlib.import_module(module), name)


def there(module: str) -> ModuleType | None:
    """A module that has been imported as a whole; None before, and while it is being."""
    found = sys.modules.get(module)
    return None if getattr(getattr(found, "__spec__", None), "_initializing", False) else found
