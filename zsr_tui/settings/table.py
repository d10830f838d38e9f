"""Every setting there is, in the order in which they are shown."""

from __future__ import annotations

from typing import Any

from zsr_tui.domain import LARGEST_GRADE, RELEVANT_FROM
from zsr_tui.settings.setting import Setting, flag, folder, text, texts, whole

DATASET = text(
    "dataset",
    "The dataset to start with: demo, an ir_datasets id (beir/scifact/test), or a folder or zip in BEIR layout.",
    "beir/scifact/test",
    otherwise="what was chosen last; at first demo",
)
SYSTEMS = texts(
    "systems",
    "The systems to start with, one to five, in the notation.",
    ("bm25", "dense(BAAI/bge-base-en-v1.5)"),
    otherwise="what was chosen last; at first BM25, a dense retriever and a reranker",
    most=5,
)
LAST_QUERY = flag("last_query", "Ask what was asked last again at the start.", default=True)
DEPTH = whole("depth", 100, "Rows of each list in Compare.", least=1, most=1000)
REFERENCE = whole("reference", 1, "The list that movements are counted against at first.", least=1, most=5)
LIVE = flag("live", "Search while the query is being typed.")
THEME = text(
    "theme", "The colours at the start: slate, paper, one of Textual's, or one of your own.",
    "paper", otherwise="what was chosen last; at first slate",
)  # fmt: skip
COMPACT = flag("compact", "Compact spacing: one line for a row or an option, no empty lines.")
WHO = text(
    "who", "Your name, which is kept with your judgments and notes.", "Anna", otherwise="the name of your account",
    variable="ZSR_TUI_WHO",
)  # fmt: skip

RELEVANT_FROM_GRADE = whole(
    "relevant_from", 1, "A judged document counts as relevant from this grade on, where a measure knows no grades.",
    least=1, most=LARGEST_GRADE, variable=RELEVANT_FROM,
)  # fmt: skip

PRECISION = text(
    "models.precision", "Of models that torch runs.", "fp32", one_of=("fp32", "bf16", "fp16"),
    otherwise=(
        "bf16 where the hardware computes in it (BERT's kind of model on a GPU in fp16), fp16 on older GPUs, else fp32"
    ),
    variable="ZSR_TUI_PRECISION",
)  # fmt: skip
DEVICES = texts(
    "models.devices", "The devices to use, as torch names them.", ("cuda:0",), otherwise="all GPUs, else the processor",
    variable="ZSR_TUI_DEVICES",
)  # fmt: skip
CPU_FALLBACK = flag(
    "models.cpu_fallback", "When the last other device is lost, models go on on the processor.",
    variable="ZSR_TUI_CPU_FALLBACK",
)  # fmt: skip
TRUST_REMOTE_CODE = texts(
    "models.trust_remote_code", "Models that may run code of their own: hub ids and folders.",
    ("org/name",), otherwise="none", variable="ZSR_TUI_TRUST_REMOTE_CODE",
)  # fmt: skip

ENGINE_ADDRESS = text(
    "engine.address", "The engine of zsr-tui serve to ask: the path of its socket, http(s)://host:port, or ssh://host.",
    "ssh://gpu-box", otherwise="an engine of its own for each program", variable="ZSR_TUI_ENGINE",
)  # fmt: skip
ENGINE_TOKEN_FILE = text(
    "engine.token_file", "A file with your token for it.", "~/.zsr-token",
    otherwise="ZSR_TUI_TOKEN, where it asks for one", variable="ZSR_TUI_TOKEN_FILE",
)  # fmt: skip

CACHE_MB = whole(
    "cache.megabytes", 1024, "The size limit of the cache of scores and query vectors; 0 switches it off.",
    least=0, most=1_000_000, variable="ZSR_TUI_CACHE_MB",
)  # fmt: skip

SESSIONS_KEEP = whole(
    "sessions.keep", 50, "Session logs that are kept, the latest; 0 switches them off.", least=0, most=10_000
)
SESSIONS_MB = whole("sessions.megabytes", 64, "What all session logs may take.", least=1, most=100_000)

INDEXES = folder(
    "places.indexes",
    "BM25 indexes and vectors.",
    "~/search/indexes",
    otherwise="zsr-tui locate prints it",
    variable="ZSR_TUI_INDEXES",
)
DATA = folder(
    "places.data", "Judgments and notes, local and licensed corpora, stored evaluations, session logs, findings.",
    "~/search/data", otherwise="zsr-tui locate prints it", variable="ZSR_TUI_DATA",
)  # fmt: skip
CACHE = folder(
    "places.cache", "The cache of scores, unpacked zips; safe to delete.", "~/search/cache",
    otherwise="zsr-tui locate prints it", variable="ZSR_TUI_CACHE",
)  # fmt: skip
THEMES = folder(
    "places.themes",
    "Your own themes.",
    "~/search/themes",
    otherwise="themes in the configuration folder",
    variable="ZSR_TUI_THEMES",
)
DATASETS = folder(
    "places.datasets",
    "Datasets that ir_datasets downloads.",
    "~/search/datasets",
    otherwise="~/.ir_datasets",
    variable="IR_DATASETS_HOME",
)
MODELS = folder(
    "places.models", "Models of the Hugging Face hub.", "~/search/models", otherwise="~/.cache/huggingface/hub",
    variable="HF_HUB_CACHE", also=("HF_HOME",),
)  # fmt: skip

HUB_ENDPOINT = text(
    "hub.endpoint", "The address of the model hub, or of a mirror.", "https://hf-mirror.example", otherwise="https://huggingface.co",
    variable="HF_ENDPOINT",
)  # fmt: skip
HUB_OFFLINE = flag("hub.offline", "Ask the hub for nothing: only models that are here.", variable="HF_HUB_OFFLINE")

SERVERS_TIMEOUT = whole(
    "servers.timeout", 60, "Seconds that the answer of a model's server may take.", least=1, most=86_400,
    variable="ZSR_TUI_ENDPOINT_TIMEOUT",
)  # fmt: skip
SERVERS_REQUESTS = whole(
    "servers.requests", 4, "Requests to one server at once.", least=1, most=64, variable="ZSR_TUI_ENDPOINT_REQUESTS"
)

GENERATION_ADDRESS = text(
    "generation.address", "A server of text generation with the API of OpenAI.",
    "http://localhost:8000/v1", otherwise="none: no paraphrases and no hypothetical answers",
    variable="ZSR_TUI_GENERATION_ADDRESS",
)  # fmt: skip
GENERATION_MODEL = text(
    "generation.model", "The model that the server is asked for.", "org/name",
    otherwise="the only one that the server has", variable="ZSR_TUI_GENERATION_MODEL",
)  # fmt: skip
GENERATION_KEY_VARIABLE = text(
    "generation.key_variable", "The name of the environment variable that holds the server's key.",
    "MY_API_KEY", otherwise="ZSR_TUI_KEY_<HOST>, if it is set", variable="ZSR_TUI_GENERATION_KEY_VARIABLE",
)  # fmt: skip

JUDGING_ADDRESS = text(
    "judging.address", "A server with a model that judges, with the API of OpenAI.",
    "http://localhost:8000/v1", otherwise="none: zsr-tui judge --model needs an --address",
    variable="ZSR_TUI_JUDGING_ADDRESS",
)  # fmt: skip
JUDGING_MODEL = text(
    "judging.model", "The model that judges.", "org/name", otherwise="the only one that the server has",
    variable="ZSR_TUI_JUDGING_MODEL",
)  # fmt: skip
JUDGING_KEY_VARIABLE = text(
    "judging.key_variable", "The name of the environment variable that holds the server's key.",
    "MY_API_KEY", otherwise="ZSR_TUI_KEY_<HOST>, if it is set", variable="ZSR_TUI_JUDGING_KEY_VARIABLE",
)  # fmt: skip
JUDGING_PRICE = text(
    "judging.price", "What a million tokens cost that the model reads, and that it writes, with or without a currency.",
    "0.15 / 0.60 USD", otherwise="the cost is shown in tokens alone", variable="ZSR_TUI_JUDGING_PRICE",
)  # fmt: skip

SETTINGS: tuple[Setting[Any], ...] = (
    DATASET, SYSTEMS, LAST_QUERY, DEPTH, REFERENCE, LIVE, THEME, COMPACT, WHO, RELEVANT_FROM_GRADE,
    PRECISION, DEVICES, CPU_FALLBACK, TRUST_REMOTE_CODE,
    ENGINE_ADDRESS, ENGINE_TOKEN_FILE,
    CACHE_MB,
    SESSIONS_KEEP, SESSIONS_MB,
    INDEXES, DATA, CACHE, THEMES, DATASETS, MODELS,
    HUB_ENDPOINT, HUB_OFFLINE,
    SERVERS_TIMEOUT, SERVERS_REQUESTS,
    GENERATION_ADDRESS, GENERATION_MODEL, GENERATION_KEY_VARIABLE,
    JUDGING_ADDRESS, JUDGING_MODEL, JUDGING_KEY_VARIABLE, JUDGING_PRICE,
)  # fmt: skip
BY_KEY = {setting.key: setting for setting in SETTINGS}

# Tables whose keys are the user's: actions with their keys, servers with the variables that hold their keys.
KEYS, SERVER_KEYS, PROFILES = "keys", "servers.keys", "profiles"
OPEN = {
    KEYS: "Keys of your own, by the action's id: the user guide and F1 list them.",
    SERVER_KEYS: "Where a server's key is: the name of the environment variable that holds it, by the server's name.",
}
SECTIONS = {
    "models": "How models run.",
    "engine": "One engine for several, in place of one of your own.",
    "cache": "The cache of scores and query vectors.",
    "sessions": "Logs of what was asked and done, to be reopened and asked again.",
    "places": "Where things are kept; what is not absolute lies beside this file.",
    "hub": "The model hub.",
    "servers": "Models that a server runs.",
    "generation": "Text generation, for variants of a query.",
    "judging": "A model that judges documents.",
}
