"""From the words a user types to the arguments Hydra parses."""

from __future__ import annotations

import difflib

from wmjax._errors import UserError, UserErrors
from wmjax.app._quote import quote
from wmjax.app._verbs import LITERAL, OPEN, Verb


_FLAGS = ("-m", "--multirun", "--resolve", "-r", "--run")
_FLAGS_WITH_VALUE = ("--cfg", "-c", "--info", "-i", "--package", "-p", "--config-dir", "-cd")


def hydra_arguments(verb: Verb, words: list[str]) -> list[str]:
    """The flags and overrides for Hydra.

    Values of the literal keys are quoted, bare words become the action and its names.

    **Raises:** `UserError` for words that are neither, all of them together.
    """
    arguments, bare, mistakes = [], [], []
    rest = iter(words)
    for word in rest:
        if word in _FLAGS_WITH_VALUE:
            arguments += [word, *_next(rest, word)]
        elif word.startswith("-"):
            arguments.append(word)
            mistakes += _unknown_flag(word)
        elif "=" in word or word.startswith("~"):
            arguments.append(_override(word))
        else:
            bare.append(word)
    try:
        arguments += _action(verb, bare)
    except UserError as error:
        mistakes.append(error)
    if mistakes:
        raise mistakes[0] if len(mistakes) == 1 else UserErrors(mistakes)
    return arguments


def _next(rest: object, flag: str) -> list[str]:
    value = next(rest, None)  # type: ignore[call-overload]
    if value is None:
        raise UserError(f"command line, {flag}", "nothing after it", "a value", f"{flag} job")
    return [value]


def _unknown_flag(word: str) -> list[UserError]:
    known = (*_FLAGS, *_FLAGS_WITH_VALUE)
    if word in known or word.split("=")[0] in _FLAGS_WITH_VALUE:
        return []
    near = difflib.get_close_matches(word, known, n=1)
    hint = f"did you mean {near[0]!r}?" if near else "settings are written key=value, without dashes"
    return [UserError("command line", f"the flag {word!r}", ", ".join(known), hint)]


def _override(word: str) -> str:
    key, mark, value = word.partition("=")
    if key.lstrip("+") in LITERAL and mark and value:
        return f"{key}={quote(value)}"
    if key.startswith(OPEN):
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
