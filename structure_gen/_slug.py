"""Names of people and places as names of variables."""

from __future__ import annotations

import functools
import re
import unicodedata


@functools.lru_cache(maxsize=65536)
def slug(text: str) -> str:
    """Letters, digits and underscores; "" if nothing is left. Names that begin with a digit, or are
    words of the expression language, get an `n_` before them."""
    plain = unicodedata.normalize("NFKC", text)
    word = re.sub(r"_+", "_", re.sub(r"\W+", "_", plain)).strip("_")[:60]
    if not word:
        return ""
    taken = word.lower() in ("if", "else", "or", "and", "not")
    return f"n_{word}" if word[0].isdigit() or taken else word
