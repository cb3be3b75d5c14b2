"""Help texts. The keys and their meanings are read from conf/, which is where they are set."""

from __future__ import annotations

import re
from pathlib import Path

from wmjax._resources import resource_dir
from wmjax.app._verbs import VERBS, Verb


_KEY = re.compile(r"^(?P<key>[a-z_]+): *(?P<value>[^#]*?) *# (?P<meaning>.*)$")
_GROUP = re.compile(r"^ *- (?P<group>[a-z_]+): (?P<option>[a-z0-9_]+) *# (?P<meaning>.*)$")


def overview() -> str:
    """What `wmjax --help` prints: each verb with one line and an example."""
    lines = ["usage: wmjax VERB key=value ...", ""]
    for verb in VERBS:
        lines += [f"  {verb.name:<10} {verb.summary}", f"  {'':<10}   {verb.example}"]
    return "\n".join(
        [
            *lines,
            "",
            "wmjax VERB --help     the keys of one verb and what they mean",
            "wmjax VERB -m k=1,2   one run for each value of k (Hydra's multirun)",
            "wmjax VERB --cfg job  the settings, without running",
            "Exit status: 0 done, 1 a failure of ours, 2 a mistake in what was given,",
            "3 a check of the model failed, 4 a budget was spent, 130 interrupted.",
        ]
    )


def describe(verb: Verb) -> str:
    """What `wmjax VERB --help` prints."""
    usage = f"usage: wmjax {verb.name}"
    usage += f" {'|'.join(verb.actions)} [name ...]" if verb.actions else ""
    rows = [*_keys(_conf() / f"{verb.name}.yaml"), *_groups(verb)]
    width = min(34, max(len(left) for left, _ in rows))
    lines = [f"  {left:<{width}}  {meaning}" for left, meaning in rows]
    return "\n".join(
        [f"{usage} key=value ...", verb.summary, "", *lines, "", f"example: {verb.example}"]
    )


def _conf() -> Path:
    return resource_dir("conf")


def _keys(file: Path, prefix: str = "") -> list[tuple[str, str]]:
    rows = []
    for line in file.read_text(encoding="utf-8").splitlines():
        if match := _KEY.match(line):
            shown = "" if match["value"] in ("null", "[]", "{}") else match["value"]
            rows.append((f"{prefix}{match['key']}={shown}", match["meaning"]))
    return rows


def _groups(verb: Verb) -> list[tuple[str, str]]:
    rows = []
    for line in (_conf() / f"{verb.name}.yaml").read_text(encoding="utf-8").splitlines():
        if match := _GROUP.match(line):
            rows += _group(match["group"], match["option"], match["meaning"], verb.name)
    return rows


def _group(group: str, chosen: str, meaning: str, verb: str) -> list[tuple[str, str]]:
    """Options of a group; those in a folder named after the verb, where there is one."""
    own = f"{verb}/" if (_conf() / group / verb).is_dir() else ""
    options = sorted(own + p.stem for p in (_conf() / group / own).glob("*.yaml"))
    others = f" ({' | '.join(options)})" if len(options) > 1 else ""
    shown = "" if chosen == "null" else chosen
    rows = [(f"{group}={shown}", meaning + others)] if others else []
    inner: dict[str, str] = {}
    for option in sorted(options, key=lambda o: o != chosen):
        for left, text in _keys(_conf() / group / f"{option}.yaml", f"{group}."):
            inner.setdefault(left.split("=")[0], f"{left}\0{text}")
    return rows + [(v.split("\0")[0], v.split("\0")[1]) for v in inner.values()]
