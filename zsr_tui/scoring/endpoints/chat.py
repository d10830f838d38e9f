"""A server of text generation: POST /chat/completions, as OpenAI's. Its answer is text and nothing else.

{model, messages: [{role, content}]}  ->  {choices: [{message: {content}}]}
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

from zsr_tui.domain import Problem
from zsr_tui.scoring.endpoints import address
from zsr_tui.scoring.endpoints.address import Address
from zsr_tui.scoring.endpoints.client import Client, Refused
from zsr_tui.text import one_line, typed, whole_characters

PATH = "/chat/completions"
_THOUGHTS = re.compile(r"<think>.*?</think>", re.DOTALL)  # that some models write before their answer


class Chat:
    """`written` is the server's address, with or without the path; `model` as it is sent, "" to ask the server which
    one it has; `key_variable` names the environment variable with its key, "" for the ways of `keys`."""

    def __init__(self, written: str, model: str = "", key_variable: str = "") -> None:
        self._address = self.address_of(written)
        self._model = model or self._address.model
        self._client = Client(self._address, key_variable=key_variable, spoken=PATH)
        self.host = self._address.host

    @staticmethod
    def address_of(written: str) -> Address:
        """Raises `Problem` for what is no URL of a server."""
        found = address.parse(written)
        return replace(found, base=f"{found.base}{found.path}".removesuffix(PATH), path=PATH)

    def close(self) -> None:
        self._client.close()

    def answer(self, instruction: str, text: str) -> str:
        """On one line. Raises `Problem`."""
        body = {
            "model": self._model or self._only_model(),
            "messages": [
                {"role": "system", "content": instruction},
                {"role": "user", "content": whole_characters(text)},
            ],
        }
        try:
            answer = self._client.post(body)
        except Refused as refused:
            raise Problem(f"{self.host} refuses the request: {str(refused).rstrip('.')}.") from None
        return typed(_THOUGHTS.sub("", self._content(answer))).strip()

    def _content(self, answer: Any) -> str:
        choices = answer.get("choices") if isinstance(answer, dict) else None
        first = choices[0] if isinstance(choices, list) and choices else None
        message = first.get("message") if isinstance(first, dict) else None
        content = message.get("content") if isinstance(message, dict) else None
        if not isinstance(content, str):
            raise Problem(
                f"{self.host} answered with no text: check that the address is that of a server with the API of OpenAI."
            )
        return content

    def _only_model(self) -> str:
        listed = self._client.get("/models")
        items = listed.get("data") if isinstance(listed, dict) else None
        found = [item.get("id") for item in items if isinstance(item, dict)] if isinstance(items, list) else []
        names = [one_line(name) for name in found if isinstance(name, str)]
        if len(names) == 1:
            return names[0]
        shown = f"several models ({', '.join(names[:4])}{', ...' if len(names) > 4 else ''})" if names else "no model"
        raise Problem(f"{self.host} lists {shown}: name one as model in [generation] of config.toml.", usage=True)
