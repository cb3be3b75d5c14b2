"""Where a spec comes from."""

from __future__ import annotations

from wmjax.spec._document import Document, Names


class Provenance(Document):
    """Who wrote a spec, with what, from what."""

    author: str = ""
    created: str = ""
    tool: str = ""
    licence: str = ""
    references: Names = ()
    parent: str = ""
    """Content hash of the spec this one was made from."""
    notes: str = ""
