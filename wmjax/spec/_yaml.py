"""YAML as specs use it: only `true` and `false` are booleans, `1e-5` is a number, keys unique."""

from __future__ import annotations

import re
from collections.abc import Hashable
from typing import IO, Any

import yaml

from wmjax._errors import UserError


_Base: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_BaseDumper: Any = getattr(yaml, "CSafeDumper", yaml.SafeDumper)


class _Loader(_Base):
    """YAML 1.1 reads `no` as false and `1e-5` as text; a country is called NO and numbers are
    written `1e-5`, so the two rules are replaced by those of YAML 1.2."""

    yaml_implicit_resolvers = {
        first: [(tag, regexp) for tag, regexp in rules if tag not in (
            "tag:yaml.org,2002:bool", "tag:yaml.org,2002:float", "tag:yaml.org,2002:timestamp")]
        for first, rules in _Base.yaml_implicit_resolvers.items()
    }  # fmt: skip

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:
        seen: dict[Any, int] = {}
        for key_node, _ in node.value:
            key = self.construct_object(key_node, deep=True)
            line = key_node.start_mark.line + 1
            if isinstance(key, Hashable) and key in seen:
                raise UserError(
                    f"line {line}", f"the key {key!r} again, first on line {seen[key]}",
                    "each key once", "rename or delete one of the two",
                )
            seen[key] = line
        return super().construct_mapping(node, deep=deep)


_Loader.add_implicit_resolver(
    "tag:yaml.org,2002:bool", re.compile(r"^(?:true|True|TRUE|false|False|FALSE)$"), list("tTfF")
)
_FLOAT = (
    "tag:yaml.org,2002:float",
    re.compile(
        r"^[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?$"
        r"|^[-+]?\.(?:inf|Inf|INF)$|^\.(?:nan|NaN|NAN)$"
    ),
    list("-+0123456789."),
)
_Loader.add_implicit_resolver(*_FLOAT)


def read_yaml(text: str, place: str) -> Any:
    """Plain data from YAML text.

    **Raises:** `UserError` naming the line, for broken YAML and for a key written twice.
    """
    try:
        return yaml.load(text, Loader=_Loader)  # noqa: S506 - a SafeLoader
    except UserError as e:
        raise UserError(f"{place}, {e.place}", e.found, e.wanted, e.hint) from None
    except (yaml.YAMLError, ValueError, RecursionError) as e:
        mark = getattr(e, "problem_mark", None)
        where = f"{place}, line {mark.line + 1}, column {mark.column + 1}" if mark else place
        problem = getattr(e, "problem", None) or str(e).split("\n")[0]
        raise UserError(where, str(problem), "YAML", "check indentation, colons, quotes") from None


class _Dumper(_BaseDumper):
    def ignore_aliases(self, data: Any) -> bool:
        return True


def _text(dumper: Any, value: str) -> Any:
    style = "|" if "\n" in value else None
    return dumper.represent_scalar("tag:yaml.org,2002:str", value, style=style)


def _sequence(dumper: Any, value: Any) -> Any:
    flat = all(not isinstance(v, list | dict) for v in value)
    return dumper.represent_sequence("tag:yaml.org,2002:seq", value, flow_style=flat)


# Text that the loader would take for a number is quoted, and so is what YAML 1.1 takes for one.
_Dumper.add_implicit_resolver(*_FLOAT)
_Dumper.add_representer(str, _text)
_Dumper.add_representer(list, _sequence)


def write_yaml(data: Any, stream: IO[str] | None = None) -> str | None:
    """YAML text of plain data, in the order given; lists of scalars stand on one line."""
    return yaml.dump(data, stream, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=100)
