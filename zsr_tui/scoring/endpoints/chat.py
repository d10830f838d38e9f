"""A server of text generation: POST /chat/completions, as OpenAI's. Its answer is text and nothing else.

{model, messages: [{role, content}]}  ->  {choices: [{message: {content}, finish_reason}], usage}
"""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from threading import Event
from typing import Any

from zsr_tui.domain import Problem
from zsr_tui.scoring.endpoints import address
from zsr_tui.scoring.endpoints.address import Address
from zsr_tui.scoring.endpoints.client import Client, Refused
from zsr_tui.text import one_line, typed, whole_characters

PATH = "/chat/completions"
_THINK, _THOUGHT = "<think>", "</think>"  # around what some models write before their answer


class Unanswered(Problem):
    """The server refuses this request, or answers it with no text; it may answer another."""


@dataclass(frozen=True, slots=True)
class Said:
    """What a model wrote, without its thoughts; the tokens that it read and wrote, where the server counts them; and
    whether the server `cut` it at its limit."""

    text: str
    read: int | None = None
    wrote: int | None = None
    cut: bool = False


class Chat:
    """`written` is the server's address, with or without the path; `model` as it is sent, "" to ask the server which
    one it has; `key_variable` names the environment variable with its key, "" for the ways of `keys`; `section`, of
    config.toml, is where the user says so, "" where it is the address. Thread-safe."""

    def __init__(self, written: str, model: str = "", key_variable: str = "", section: str = "generation") -> None:
        self._address = self.address_of(written)
        self._model = model or self._address.model
        self._section = section
        self._client = Client(self._address, key_variable=key_variable, spoken=PATH)
        self._naming = threading.Lock()
        self._takes_wishes: bool | None = None  # None before the first answer
        self.host = self._address.host

    @property
    def model(self) -> str:
        """Raises `Problem` where the server has to be told which one is meant."""
        with self._naming:
            self._model = self._model or self._only_model()
        return self._model

    @staticmethod
    def address_of(written: str) -> Address:
        """Raises `Problem` for what is no URL of a server."""
        found = address.parse(written)
        return replace(found, base=f"{found.base}{found.path}".removesuffix(PATH), path=PATH)

    def close(self) -> None:
        self._client.close()

    def answer(self, instruction: str, text: str) -> str:
        """On one line. Raises `Problem`."""
        return typed(self.said(instruction, text).text).strip()

    def said(
        self,
        instruction: str,
        text: str,
        wishes: Mapping[str, Any] | None = None,
        stop: Event | None = None,
        before: Sequence[tuple[str, str]] = (),
    ) -> Said:
        """`before` the text come these turns, of "user" or "assistant". `wishes` are further fields of the request
        ("temperature"), which are left out where the server refuses them. Raises `Problem` (`Unanswered` and `Failed`
        among them), and `Cancelled` in place of asking (again) once `stop` is set."""
        body = {
            "model": self.model,
            "messages": [
                {"role": "system", "content": instruction},
                *({"role": role, "content": whole_characters(said)} for role, said in before),
                {"role": "user", "content": whole_characters(text)},
            ],
        }
        if not wishes or self._takes_wishes is False:
            answer = self._posted(body, stop)
        elif self._takes_wishes:
            answer = self._posted({**body, **wishes}, stop)
        else:
            self._takes_wishes, answer = self._tried(body, wishes, stop)
        return self._of(answer)

    def _tried(self, body: dict[str, Any], wishes: Mapping[str, Any], stop: Event | None) -> tuple[bool, Any]:
        """Whether the server takes the wishes, and its answer."""
        try:
            return True, self._client.post({**body, **wishes}, stop)
        except Refused:
            return False, self._posted(body, stop)

    def _posted(self, body: dict[str, Any], stop: Event | None) -> Any:
        """Raises `Unanswered` where the server refuses it."""
        try:
            return self._client.post(body, stop)
        except Refused as refused:
            raise Unanswered(f"{self.host} refuses the request: {str(refused).rstrip('.')}.") from None

    def _of(self, answer: Any) -> Said:
        choices = answer.get("choices") if isinstance(answer, dict) else None
        first = choices[0] if isinstance(choices, list) and choices else None
        message = first.get("message") if isinstance(first, dict) else None
        content = message.get("content") if isinstance(message, dict) else None
        if first is None or not isinstance(content, str):
            raise Unanswered(
                f"{self.host} answered with no text: check that the address is that of a server with the API of OpenAI."
            )
        usage = answer.get("usage")
        read, wrote = (_count(usage, name) for name in ("prompt_tokens", "completion_tokens"))
        return Said(_without_thoughts(content).strip(), read, wrote, first.get("finish_reason") == "length")

    def _only_model(self) -> str:
        listed = self._client.get("/models")
        items = listed.get("data") if isinstance(listed, dict) else None
        found = [item.get("id") for item in items if isinstance(item, dict)] if isinstance(items, list) else []
        names = [one_line(name) for name in found if isinstance(name, str)]
        if len(names) == 1:
            return names[0]
        shown = f"several models ({', '.join(names[:4])}{', ...' if len(names) > 4 else ''})" if names else "no model"
        how = f"name one as model in [{self._section}] of config.toml" if self._section else "write its name after '#'"
        raise Problem(f"{self.host} lists {shown}: {how}.", usage=True)


def _without_thoughts(text: str) -> str:
    """Thoughts that do not end stay."""
    said, place = [], 0
    while (begin := text.find(_THINK, place)) >= 0 and (end := text.find(_THOUGHT, begin)) >= 0:
        said.append(text[place:begin])
        place = end + len(_THOUGHT)
    return "".join((*said, text[place:]))


def _count(usage: Any, name: str) -> int | None:
    value = usage.get(name) if isinstance(usage, dict) else None
    return value if type(value) is int and value >= 0 else None
