"""From the words a user types to the arguments Hydra parses."""

from __future__ import annotations

import difflib
import importlib.metadata
import re

from wmjax._errors import UserError, UserErrors
from wmjax._resources import resource_dir
from wmjax.app._quote import quote
from wmjax.app._verbs import LITERAL, OPEN, Verb


_OVERRIDE = re.compile(r"~|\+{0,2}[^\W\d][\w./@-]*=")  # an address with = in it is none
_FLAGS = ("-m", "--multirun", "--resolve")
_CHOICES = {
    "--cfg": ("job", "hydra", "all"),
    "-c": ("job", "hydra", "all"),
    "--info": ("all", "config", "defaults", "defaults-tree", "plugins", "searchpath"),
}
_FLAGS_WITH_VALUE = (*_CHOICES, "--package", "-p", "--config-dir")


def hydra_arguments(verb: Verb, words: list[str]) -> tuple[list[str], list[str]]:
    """The flags for Hydra, and after them, as its parser wants, the overrides.

    Values of the literal keys are quoted, bare words become the action and its names.

    **Raises:** `UserError` for words that are neither, all of them together.
    """
    flags, overrides, bare, mistakes = [], [], [], []
    rest = iter(words)
    for word in rest:
        if word in _FLAGS_WITH_VALUE:
            word = f"{word}={next(rest, '')}"
        if word.startswith("-"):
            flags.append(word)
            mistakes += _wrong_flag(word)
        elif _OVERRIDE.match(word):
            overrides += _overrides(word)
        else:
            bare.append(word)
    try:
        overrides += _action(verb, bare)
    except UserError as error:
        mistakes.append(error)
    if mistakes:
        raise mistakes[0] if len(mistakes) == 1 else UserErrors(mistakes)
    return flags, overrides


def _wrong_flag(word: str) -> list[UserError]:
    known = (*_FLAGS, *_FLAGS_WITH_VALUE)
    flag, _, value = word.partition("=")
    if flag in _CHOICES and value not in _CHOICES[flag]:
        wanted = " or ".join(_CHOICES[flag])
        return [UserError(f"command line, {flag}", value or "nothing after it", wanted)]
    if word in _FLAGS or flag in _FLAGS_WITH_VALUE and value:
        return []
    near = difflib.get_close_matches(word, known, n=1)
    hint = f"did you mean {near[0]!r}?" if near else "settings are written key=value"
    return [UserError("command line", f"the flag {word!r}", ", ".join(known), hint)]


def _overrides(word: str) -> list[str]:
    """One setting as Hydra takes it. A language model that is no group of ours is looked for among
    the providers that other packages brought."""
    key, _, value = word.partition("=")
    if key != "llm" or value.startswith(("[", "{")) or "," in value:
        return [_override(word)]
    if value in ("null", ""):
        return ["llm=none"]
    if value in _brought():
        return ["llm=custom", f"++llm.provider={quote(value)}"]
    return [word]


def _brought() -> frozenset[str]:
    ours = {path.stem for path in (resource_dir("conf") / "llm").glob("*.yaml")}
    points = importlib.metadata.entry_points(group="wmjax.language_models")
    return frozenset(point.name for point in points) - ours


def _override(word: str) -> str:
    key, mark, value = word.partition("=")
    if key.lstrip("+") in LITERAL and mark and value not in ("", "null"):
        return f"{key}={quote(value)}"
    if key.startswith(OPEN) or (f"{key}." in OPEN and value.startswith("{")):
        return f"++{word}"
    return word


def _action(verb: Verb, bare: list[str]) -> list[str]:
    if not bare:
        return []
    if not verb.actions:
        wanted = "settings as key=value"
        raise UserError(
            f"wmjax {verb.name}", ", ".join(map(repr, bare)), wanted,
            f"for example: {verb.example}",
        )  # fmt: skip
    action, *names = bare
    if action not in verb.actions:
        near = difflib.get_close_matches(action, verb.actions, n=1)
        hint = f"did you mean {near[0]!r}?" if near else f"for example: {verb.example}"
        raise UserError(f"wmjax {verb.name}", repr(action), " | ".join(verb.actions), hint)
    return [f"action={action}", "names=[" + ",".join(map(quote, names)) + "]"]
