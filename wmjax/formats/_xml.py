"""Text that may stand in XML."""

from __future__ import annotations

import re
from xml.etree.ElementTree import Element, SubElement


_ILLEGAL = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def clean(text: str) -> str:
    """The text with a mark in place of each character that XML 1.0 does not allow."""
    return _ILLEGAL.sub("\ufffd", text)


def add(parent: Element, tag: str, text: str) -> Element:
    """A child that holds text."""
    child = SubElement(parent, tag)
    child.text = clean(text)
    return child
