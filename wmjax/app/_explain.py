"""Hydra's complaints about settings, in our words."""

from __future__ import annotations

import difflib
from collections.abc import Iterable

from hydra import compose, initialize_config_dir
from hydra.core.global_hydra import GlobalHydra
from hydra.core.override_parser.overrides_parser import OverridesParser
from hydra.core.override_parser.types import Override
from hydra.errors import HydraException, OverrideParseException
from omegaconf import DictConfig
from omegaconf.errors import OmegaConfBaseException

from wmjax._errors import UserError, UserErrors
from wmjax._resources import resource_dir
from wmjax.app._verbs import Verb


def explain(error: Exception, verb: Verb, words: list[str]) -> Exception:
    """The mistakes of the user behind an exception that Hydra raised before any job ran.

    **Returns:** a `UserError` with all of them, or `error` itself if it is none of theirs.
    """
    if not isinstance(error, HydraException | OmegaConfBaseException | ValueError):
        return error
    mistakes: list[UserError] = []
    overrides: list[Override] = []
    for word in words:
        _read(word, verb, overrides, mistakes)
    mistakes += _unknown(overrides, verb)
    if not mistakes:
        mistakes.append(_as_it_is(error, verb))
    return mistakes[0] if len(mistakes) == 1 else UserErrors(mistakes)


def _read(word: str, verb: Verb, overrides: list[Override], mistakes: list[UserError]) -> None:
    try:
        overrides += OverridesParser.create().parse_overrides([word])
    except OverrideParseException:
        key, _, value = word.partition("=")
        wanted = "a value of Hydra's grammar: a number, a word, 'quoted text', [a, list], {a: map}"
        hint = f"put quotes around it for Hydra and for the shell: \"{key}='{value}'\""
        mistakes.append(UserError(_place(verb, key), value or word, wanted, hint))


def _unknown(overrides: list[Override], verb: Verb) -> Iterable[UserError]:
    """Keys and options that the settings of the verb do not have."""
    groups = [o for o in overrides if o.key_or_group in _groups()]
    settings, mistakes = _settings(verb, groups)
    yield from mistakes
    for override in overrides:
        key = override.key_or_group
        plain = not (override.is_add() or override.is_delete() or override.is_force_add())
        foreign = override in groups or key.split("/")[0].split(".")[0] == "hydra"
        if plain and not foreign and not _has(settings, key):
            yield _unknown_key(key, settings, verb)
        elif plain and override.value_type is not None and override.is_sweep_override():
            yield from _several(override, verb)


def _several(override: Override, verb: Verb) -> Iterable[UserError]:
    word = override.input_line or ""
    key, _, value = word.partition("=")
    hint = f"a list is written {key}=[{value}]; one run for each value: wmjax {verb.name} -m {word}"
    yield UserError(_place(verb, key), f"several values: {value}", "one value", hint)


def _settings(verb: Verb, groups: list[Override]) -> tuple[DictConfig, list[UserError]]:
    """The settings with the chosen options of groups; a wrong option is reported and left out."""
    mistakes, chosen = [], []
    for override in groups:
        group, option = override.key_or_group, override.value()
        options = _options(group)
        if isinstance(option, str) and option not in options:
            mistakes.append(_unknown_option(group, option, options, verb))
        elif isinstance(option, str):
            chosen.append(f"{'+' if override.is_add() else ''}{group}={option}")
    GlobalHydra.instance().clear()
    with initialize_config_dir(str(resource_dir("conf")), version_base="1.3"):
        return compose(verb.name, overrides=chosen), mistakes


def _groups() -> list[str]:
    folders = (p.name for p in resource_dir("conf").iterdir() if p.is_dir())
    return sorted(name for name in folders if name != "hydra")


def _options(group: str) -> list[str]:
    folder = resource_dir("conf") / group
    return sorted(p.relative_to(folder).with_suffix("").as_posix() for p in folder.rglob("*.yaml"))


def _unknown_option(group: str, option: str, options: list[str], verb: Verb) -> UserError:
    near = difflib.get_close_matches(option, options, n=1)
    hint = f"did you mean {group}={near[0]}?" if near else f"wmjax {verb.name} --help"
    return UserError(_place(verb, group), repr(option), "one of " + ", ".join(options), hint)


def _unknown_key(key: str, settings: DictConfig, verb: Verb) -> UserError:
    names = sorted(_leaves(settings), key=lambda name: name.count("."))
    near = difflib.get_close_matches(key, names, n=1, cutoff=0.5)
    hint = f"did you mean {near[0]!r}? " if near else ""
    hint += f"`wmjax {verb.name} --help` says what each key means"
    return UserError(f"wmjax {verb.name}", f"the key {key!r}", "one of " + ", ".join(names), hint)


def _leaves(settings: DictConfig, prefix: str = "") -> Iterable[str]:
    for key in settings:
        inner = settings._get_node(key)
        if isinstance(inner, DictConfig) and len(inner):
            yield from _leaves(inner, f"{prefix}{key}.")
        else:
            yield f"{prefix}{key}"


def _has(settings: DictConfig, key: str) -> bool:
    node = settings
    for part in key.split("."):
        if not isinstance(node, DictConfig) or part not in node.keys():
            return False
        node = node._get_node(part)
    return True


def _as_it_is(error: Exception, verb: Verb) -> UserError:
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    found = lines[0] if lines else type(error).__name__
    if "hydra/launcher" in found:
        hint = "install what it needs: wmjax[joblib], wmjax[submitit] or wmjax[ray]"
        return UserError(f"wmjax {verb.name}, hydra/launcher", found, "a launcher", hint)
    return UserError(f"wmjax {verb.name}", found, "settings that fit", f"wmjax {verb.name} --help")


def _place(verb: Verb, key: str) -> str:
    return f"wmjax {verb.name}, {key}"
