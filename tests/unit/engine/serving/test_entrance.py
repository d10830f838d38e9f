"""The way of a request into a shared engine, in front of an application that says who asks."""

from __future__ import annotations

import asyncio
import logging
from pathlib import Path

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.testclient import TestClient

from tests.waiting import DEADLINE
from zsr_tui import caller
from zsr_tui.caller import Bounds, Caller
from zsr_tui.domain import Problem
from zsr_tui.engine import bodies
from zsr_tui.engine.answers import refused
from zsr_tui.engine.bodies import Busy
from zsr_tui.engine.library import Library
from zsr_tui.engine.serving import entrance as entrances
from zsr_tui.engine.serving.door import by_token, by_user
from zsr_tui.engine.serving.entrance import Entrance
from zsr_tui.engine.serving.limits import Limits
from zsr_tui.engine.serving.log import REQUESTS, AsJson
from zsr_tui.engine.serving.tokens import Tokens

ANNA, BEN = "anna-0123456789abcdef", "ben-0123456789abcdefg"
PATHS = ("/status", "/v1/models", "/search", "/files/{name}", "/call/{name}")
BEARER = {"anna": {"authorization": f"Bearer {ANNA}"}, "ben": {"authorization": f"bearer  {BEN}"}}


async def who(request: Request) -> Response:
    asks = caller.current()
    try:
        read = len(await bodies.read(request))
    except Problem as problem:
        return refused(problem)
    return JSONResponse(
        {"name": asks.name, "home": str(caller.home()), "bounded": asks.bounds is not None, "read": read}
    )


@pytest.fixture
def limits() -> Limits:
    return Limits(requests=2, streams=1)


@pytest.fixture
def entrance(tmp_path: Path, limits: Limits) -> Entrance:
    path = tmp_path / "tokens"
    path.write_text(f"anna {ANNA}\nben {BEN}\n")
    path.chmod(0o600)
    routes = [Route(each, who, methods=["GET", "POST"]) for each in PATHS]
    return Entrance(Starlette(routes=routes), Library(), by_token(Tokens(path), Bounds()), limits)


@pytest.fixture
def client(entrance: Entrance) -> TestClient:
    return TestClient(entrance)


def test_without_a_right_token_nothing_but_the_health_is_told(client: TestClient) -> None:
    assert client.get("/healthz").json() == {"status": "ok"}
    wrong = [{}, {"authorization": ANNA}, {"authorization": f"Bearer {ANNA}x"}, {"authorization": "Bearer "}]
    for path in ("/status", "/metrics", "/nothing", "/v1/models"):
        for headers in wrong:
            answer = client.get(path, headers=headers)
            assert (answer.status_code, answer.headers["www-authenticate"]) == (401, "Bearer")
    assert "give your token with --token-file" in client.get("/status").json()["message"]
    assert "does not know your token" in client.get("/status", headers=wrong[2]).json()["message"]
    assert client.get("/v1/models").json()["error"]["type"] == "authentication_error"
    twice = [("authorization", f"Bearer {ANNA}"), ("authorization", f"Bearer {BEN}")]
    assert client.get("/status", headers=twice).status_code == 401


def test_who_asks_is_known_inside_and_has_a_folder_of_their_own(client: TestClient) -> None:
    found = {name: client.post("/status", headers=BEARER[name], content=b"12345").json() for name in BEARER}
    assert {name: (each["name"], each["bounded"], each["read"]) for name, each in found.items()} == {
        "anna": ("anna", True, 5),
        "ben": ("ben", True, 5),
    }
    assert [Path(each["home"]).parts[-2:] for each in found.values()] == [("callers", "anna"), ("callers", "ben")]
    assert caller.current() == caller.OWN


def test_one_caller_has_so_many_under_way_and_is_told_when_to_ask_again(
    client: TestClient, limits: Limits, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(entrances, "MOMENT_S", 0.0)
    left = [limits.enter("anna", stream=True), limits.enter("ben", stream=False)]
    assert client.get("/status", headers=BEARER["anna"]).status_code == 200
    streams = client.get("/search", headers=BEARER["anna"])
    left.append(limits.enter("anna", stream=False))
    requests = client.get("/v1/models", headers=BEARER["anna"])
    assert client.get("/status", headers=BEARER["ben"]).status_code == 200
    for leave in left:
        leave()
    assert (streams.status_code, requests.status_code, requests.headers["retry-after"]) == (429, 429, "1")
    assert streams.json()["message"] == "1 stream of yours is under way: wait until one ends, or close it."
    assert requests.json()["error"]["type"] == "rate_limit_error"
    assert limits.under_way == (0, 0)


async def test_a_stream_waits_a_moment_for_one_that_its_caller_has_closed_and_only_so_many_wait(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(entrances, "MOMENT_S", DEADLINE)
    limits = Limits(streams=1)
    closed = limits.enter("anna", stream=True)
    door = Entrance(Starlette(), Library(), lambda _: None, limits)
    waiting = asyncio.create_task(door._entered("anna", stream=True))
    while not limits._waiting["anna"]:
        await asyncio.sleep(0)
    with pytest.raises(Busy, match="1 stream of yours waits for a place already"):
        await door._entered("anna", stream=True)
    closed()
    leave = await waiting
    assert (limits.under_way, limits._waiting.total()) == ((1, 1), 0)
    leave()


def test_what_one_caller_sends_at_once_is_limited(client: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bodies, "EACH", 10)
    assert client.post("/status", headers=BEARER["anna"], content=b"x" * 10).status_code == 200
    answer = client.post("/status", headers=BEARER["anna"], content=b"x" * 11)
    assert (answer.status_code, answer.headers["retry-after"]) == (429, "1")
    assert bodies._reading._held.total() == 0


def test_what_is_over_is_logged_and_counted_without_a_token_or_a_name(
    client: TestClient, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("zsr_tui.engine.serving.log.SLOW_MS", 10**9)
    caplog.set_level(logging.DEBUG, REQUESTS)
    client.get("/status?query=secret", headers=BEARER["anna"])
    client.get("/nothing", headers=BEARER["ben"])
    client.get("/never/heard/of")
    client.get("/never/heard/of")
    levels = [record.levelname for record in caplog.records if record.name == REQUESTS]
    assert levels == ["DEBUG", "INFO", "INFO", "DEBUG"]  # a quick question is not worth a line, a refusal is, once
    logged = [AsJson().format(record) for record in caplog.records if record.name == REQUESTS]
    assert ['"caller":"anna"' in logged[0], '"caller":"ben"' in logged[1], '"caller":""' in logged[2]] == [True] * 3
    assert ['"status":200' in logged[0], '"status":404' in logged[1], '"status":401' in logged[2]] == [True] * 3
    assert ['"address":"testclient"' in line for line in logged] == [False, False, True, True]
    text = client.get("/metrics", headers=BEARER["ben"]).text
    assert 'zsr_tui_requests_total{path="/status",status="200"} 1' in text
    assert 'zsr_tui_requests_total{path="other",status="404"} 1' in text
    assert 'zsr_tui_request_seconds_count{path="other"} 3' in text
    assert "\nzsr_tui_requests_under_way 1\n" in text
    for private in ("anna", "ben", ANNA, "secret", "heard"):
        assert private not in text
        assert private not in "".join(logged).replace('"caller":"anna"', "").replace('"caller":"ben"', "").replace(
            "/never/heard/of", ""
        )


def test_what_callers_name_is_not_counted_apart_so_others_do_not_read_it_and_there_is_an_end_of_it(
    client: TestClient, limits: Limits
) -> None:
    for name in ("plan.run", "secret.run", ".x"):
        client.post(f"/files/{name}", headers=BEARER["anna"])
    client.post("/call/ReadHealth", headers=BEARER["anna"])
    left = [limits.enter("anna", stream=False) for _ in range(2)]
    for path in ("/status", "/made/up", "/call/MadeUp", "/files/refused.run"):
        assert client.post(path, headers=BEARER["anna"]).status_code == 429
    for leave in left:
        leave()
    counted = [line for line in client.get("/metrics", headers=BEARER["ben"]).text.splitlines() if "_total{" in line]
    assert sorted(counted) == [
        'zsr_tui_requests_total{path="/call/ReadHealth",status="200"} 1',
        'zsr_tui_requests_total{path="/files/{name}",status="200"} 3',
        'zsr_tui_requests_total{path="/files/{name}",status="429"} 1',
        'zsr_tui_requests_total{path="/status",status="429"} 1',
        'zsr_tui_requests_total{path="other",status="429"} 2',
    ]


def test_an_engine_that_is_being_stopped_takes_nothing_new(client: TestClient, entrance: Entrance) -> None:
    entrance.stopping = True
    answer = client.get("/status", headers=BEARER["anna"])
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "1")
    assert (client.get("/healthz").status_code, client.get("/healthz").json()) == (503, {"status": "stopping"})


def test_the_user_at_the_other_end_of_a_socket_is_known_and_the_engines_own_may_do_anything(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("os.getuid", lambda: 7)
    door = by_user(Bounds())
    own, other = door({"client": ("7", 1)}), door({"client": ("4000000", 1)})
    assert own is not None
    assert other is not None
    assert (own.home, own.bounds) == (None, None)
    assert own.name == "uid-7" or own.name
    assert (other.name, other.bounds) == ("uid-4000000", Bounds())
    assert other.home is not None
    assert other.home.name == "uid-4000000"
    assert [door({"client": None}), door({"client": ("127.0.0.1", 1)})] == [None, None]
    assert Caller().name == ""
