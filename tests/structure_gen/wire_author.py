"""The author behind a real server: what is asked is read from the wire, and answers go wrong."""

from __future__ import annotations

import json
import random
from collections import Counter
from collections.abc import Callable
from typing import Any

from tests.structure_gen.author import answer
from wmjax.llm import Message, Request


TRANSPORT = ("drop", "hang", "429", "500", "529", "cut http", "not json", "odd shape")
CONTENT = ("cut json", "types", "prose", "empty", "length", "refusal", "duplicates", "nowhere",
           "units", "huge")  # fmt: skip


def fate(seed: int, share: float = 0.3) -> Callable[[dict[str, Any]], str]:
    """A fault in a share of the requests: the same for each seed, in whatever order they come."""
    seen: Counter[str] = Counter()

    def act(body: dict[str, Any]) -> str:
        text = json.dumps(body["messages"])
        seen[text] += 1
        dice = random.Random(f"{seed} {seen[text]} {text}")
        return dice.choice(TRANSPORT + CONTENT) if dice.random() < share else "ok"

    return act


def author(body: dict[str, Any], act: str) -> str:
    """The content of an answer, sound or spoilt."""
    good = answer(_request(body))
    text = json.dumps(good)
    match act:
        case "prose":
            return f"Sure! Here it is:\n```json\n{text}\n```\nI hope this helps."
        case "cut json" | "length":
            return text[: len(text) // 2]
        case "types":
            return json.dumps(dict.fromkeys(good, 7))
        case "empty":
            return ""
        case "refusal":
            return "I cannot help with that."
        case "huge":
            return json.dumps({k: v * 10_000 if isinstance(v, list) else v
                               for k, v in good.items()})  # fmt: skip
        case "duplicates":
            return text.replace("Japan", "China")
        case "nowhere":
            return text.replace(".gdp", ".nothing").replace("+ ", "+ unheard_of + ")
        case "units":
            return text.replace('"usd/year"', '"blorps//2"').replace("0.03 *", "0.03 * (")
    return text


def _request(body: dict[str, Any]) -> Request:
    """The stage follows from the answer's type, the actor from the prompt."""
    fields = body["response_format"]["json_schema"]["schema"]["properties"]
    stage = "scope" if "title" in fields else next(iter(fields))
    messages = tuple(Message(m["role"], m["content"]) for m in body["messages"])
    found = [line for line in messages[1].content.splitlines() if line.startswith("above them: ")]
    actor = json.loads(found[0].removeprefix("above them: ")) if found else ""
    return Request(messages, purpose=f"generate.{stage}", actor=actor)
