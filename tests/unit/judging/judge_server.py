"""A process that speaks POST /v1/chat/completions and GET /v1/models, as a judge that says what the passage tells it.

The passage holds what is answered in double brackets, "[[final score: 2]]", or what goes wrong:
    [[hollow]] no choices   [[null]] no text   [[cut]] prose that was cut off   [[status 500]] that status
    [[with three others: final score: 2]] no answer before four such are under way
    [[later]] status 429, and the day after   [[once]] status 429 the first time, then 1   [[silent]] no answer at all
The model "strict" refuses a temperature, "poet" writes prose, and "by length" grades by that.
GET /log gives what was asked: [{path, key, body, at_once}].
It prints its port.
"""

from __future__ import annotations

import json
import re
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

KEY = "sk-judge-0123456789"
USAGE = {"prompt_tokens": 200, "completion_tokens": 5, "total_tokens": 205}
log: list[dict[str, Any]] = []
seen: set[str] = set()
at_work: list[dict[str, Any]] = []
lock = threading.Lock()
four = threading.Barrier(4)
TOGETHER = "with three others: "


class Judge(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    entry: dict[str, Any] | None = None  # of what is being answered

    def do_GET(self) -> None:
        if self.path == "/log":
            self.say(log)
        elif self.path == "/v1/models":
            self.say({"object": "list", "data": [{"id": "org/judge", "object": "model"}]})
        else:
            self.say({"error": {"message": "no such path"}}, 404)

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["content-length"])))
        key = self.headers.get("authorization", "")
        self.entry = entry = {"path": self.path, "key": key, "body": body, "at_once": 0}
        silent = said_by(body) == "silent"
        with lock:
            log.append(entry)
            at_work.extend([entry] * (not silent))
            for each in at_work:
                each["at_once"] = max(each["at_once"], len(at_work))
        if silent:
            threading.Event().wait()  # for ever, and not among those that are at work
        self.judge(body)

    def judge(self, body: dict[str, Any]) -> None:
        passage, answer = body["messages"][-1]["content"], said_by(body)
        if body["model"] == "locked" and self.headers.get("authorization") != f"Bearer {KEY}":
            self.say({"error": {"message": "wrong key"}}, 401)
        elif body["model"] == "strict" and "temperature" in body:
            self.say({"error": {"message": "unsupported parameter: temperature"}}, 400)
        elif body["model"] == "poet":
            self.say(written("The passage is a joy."))
        elif body["model"] == "by length":
            self.say(written(f"final score: {len(passage) % 4}"))
        elif answer == "hollow":
            self.say({"choices": []})
        elif answer == "null":
            self.say(written(None))
        elif answer == "cut":
            self.say(written("The passage speaks of bread, and", "length"))
        elif answer.startswith("status "):
            self.say({"error": {"message": "out of order"}}, int(answer.split()[1]))
        elif answer == "later":
            self.say({"error": {"message": "quota"}}, 429, {"retry-after": "86400"})
        elif answer == "once" and passage not in seen:
            seen.add(passage)
            self.say({"error": {"message": "busy"}}, 429, {"retry-after": "0"})
        else:
            if answer.startswith(TOGETHER):
                four.wait(300)
            self.say(written("final score: 1" if answer == "once" else answer.removeprefix(TOGETHER)))

    def say(self, value: Any, status: int = 200, headers: dict[str, str] | None = None) -> None:
        content = json.dumps(value).encode()
        with lock:  # before the answer, which has the client ask again
            at_work[:] = [each for each in at_work if each is not self.entry]
        self.send_response(status)
        for name, each in {
            "content-type": "application/json",
            "content-length": str(len(content)),
            **(headers or {}),
        }.items():
            self.send_header(name, each)
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, format: str, *args: object) -> None:
        pass


def said_by(body: dict[str, Any]) -> str:
    said = re.search(r"\[\[(.*?)\]\]", body["messages"][-1]["content"], re.DOTALL)
    return said[1] if said else "final score: 0"


def written(text: str | None, reason: str = "stop") -> dict[str, Any]:
    message = {"role": "assistant", "content": text}
    return {"choices": [{"index": 0, "message": message, "finish_reason": reason}], "usage": USAGE}


def main() -> None:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Judge)
    print(server.server_port, flush=True)
    server.serve_forever()


if __name__ == "__main__":
    main()
