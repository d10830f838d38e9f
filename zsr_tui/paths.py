"""Where the program keeps things. Every place can be moved by an environment variable.

ZSR_TUI_HOME     moves everything below to subfolders of one folder
ZSR_TUI_CONFIG   names the file of settings (`zsr_tui.settings`)
ZSR_TUI_INDEXES  moves the built indexes alone; ZSR_TUI_DATA, ZSR_TUI_CACHE and ZSR_TUI_THEMES do so for these
IR_DATASETS_HOME moves the datasets that ir_datasets downloads (its own variable, default ~/.ir_datasets)
HF_HOME          moves the models of the Hugging Face hub (its own variable)
PYSERINI_CACHE   moves prebuilt indexes (pyserini's own variable), else they lie with the built ones
"""

from __future__ import annotations

import os
from pathlib import Path

import platformdirs

_APP = "zsr_tui"
KEPT = "kept"  # of judgments and notes, in the home of whoever they belong to
_CHECKOUT = Path(__file__).resolve().parent.parent


def _place(kind: str, default: str, alone: str = "") -> Path:
    """`alone` is the variable that moves this place and no other."""
    if explicit := os.environ.get(alone):
        return Path(explicit).expanduser().absolute()
    home = os.environ.get("ZSR_TUI_HOME")
    return Path(home).expanduser().absolute() / kind if home else Path(default)


def config_dir() -> Path:
    """The settings that a person may edit, and what was chosen last."""
    return _place("config", platformdirs.user_config_dir(_APP))


def config_file() -> Path:
    """The settings that a person writes."""
    explicit = os.environ.get("ZSR_TUI_CONFIG")
    return Path(explicit).expanduser().absolute() if explicit else config_dir() / "config.toml"


def engines_file() -> Path:
    """The search engines of others that a person has named."""
    return config_dir() / "engines.toml"


def templates_dir() -> Path:
    """A person's own queries to them."""
    return config_dir() / "templates"


def themes_dir() -> Path:
    """A person's own themes."""
    explicit = os.environ.get("ZSR_TUI_THEMES")
    return Path(explicit).expanduser().absolute() if explicit else config_dir() / "themes"


def cache_dir() -> Path:
    """What can be made again at any time: offsets of local corpora, unpacked archives."""
    return _place("cache", platformdirs.user_cache_dir(_APP), "ZSR_TUI_CACHE")


def log_dir() -> Path:
    return _place("log", platformdirs.user_log_dir(_APP))


def data_dir() -> Path:
    return _place("data", platformdirs.user_data_dir(_APP), "ZSR_TUI_DATA")


def screenshots_dir() -> Path:
    """Pictures of the screen that a person took."""
    return data_dir() / "screenshots"


def sessions_dir() -> Path:
    """Logs of sessions, each for its owner's eyes alone."""
    return data_dir() / "sessions"


def findings_dir() -> Path:
    """Findings that a person made, to hand on."""
    return data_dir() / "findings"


def kept_dir() -> Path:
    """Judgments and notes, a file for each corpus."""
    return data_dir() / KEPT


def told_dir() -> Path:
    """Which notes on each corpus commands have said."""
    return data_dir() / "told"


def unfinished_dir() -> Path:
    """Where temporary files outside of these folders are noted: beside a report, in a folder of run files."""
    return data_dir() / "unfinished"


def indexes_dir() -> Path:
    """Built indexes: `indexes/` of a checkout, else below the data directory."""
    explicit = os.environ.get("ZSR_TUI_INDEXES")
    if explicit:
        return Path(explicit).expanduser().absolute()
    if "ZSR_TUI_HOME" not in os.environ and (_CHECKOUT / "indexes" / "README.md").is_file():
        return _CHECKOUT / "indexes"
    return data_dir() / "indexes"


def prebuilt_dir() -> Path:
    """Indexes that Anserini and pyserini publish: where pyserini has its own, if that was said."""
    cache = os.environ.get("PYSERINI_CACHE")
    return Path(cache).expanduser().absolute() / "indexes" if cache else indexes_dir() / "prebuilt"


def shared_socket() -> Path:
    """Where `zsr-tui serve` listens if nothing is said: of this machine and this user alone."""
    runtime = os.environ.get("XDG_RUNTIME_DIR")
    return Path(runtime or Path("~/.cache").expanduser()) / "zsr-tui" / "engine.sock"


def engine_log() -> Path:
    return log_dir() / "engine.log"


def see_log() -> str:
    """For the end of a sentence: where the engine's log is; "" where none could be made."""
    return f"; its log is at {engine_log()}" if engine_log().is_file() else ""


def ir_datasets_dir() -> Path:
    """Where ir_datasets keeps its data, found as ir_datasets finds it, without importing it."""
    return Path(os.environ.get("IR_DATASETS_HOME", "~/.ir_datasets")).expanduser()


def hub_dir() -> Path:
    """Where models of the Hugging Face hub are kept, found as huggingface_hub finds it, without importing it."""
    cache = os.environ.get("XDG_CACHE_HOME", "~/.cache")
    home = os.environ.get("HF_HOME", os.path.join(cache, "huggingface"))
    return Path(os.environ.get("HF_HUB_CACHE", os.path.join(home, "hub"))).expanduser()
