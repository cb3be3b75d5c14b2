"""Write any text as a value of Hydra's override grammar, so that it arrives unchanged."""

from __future__ import annotations

import re


_INTERPOLATION = re.compile(r"(\\*)\$\{")
_BEFORE_QUOTE = re.compile(r"(\\*)'")
_AT_END = re.compile(r"(\\+)$")


def quote(text: str) -> str:
    """`text` as a quoted value that Hydra and OmegaConf read back as `text`.

    OmegaConf takes `${` for an interpolation unless a backslash stands before it; Hydra's quoted
    strings end at `'` unless a backslash stands before it. Either way the backslashes in front of
    the special mark, and no others, are doubled.
    """
    text = _INTERPOLATION.sub(r"\1\1\\${", text)
    text = _BEFORE_QUOTE.sub(r"\1\1\\'", text)
    return "'" + _AT_END.sub(r"\1\1", text) + "'"
