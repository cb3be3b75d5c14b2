"""What the sections of a report are made of. All text is plain text and is escaped when written."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import ClassVar, Literal, TypeAlias, final

from wmjax.report._fan import Chart
from wmjax.report._scene import Scene, Tone


@final
@dataclass(frozen=True)
class Cell:
    """A cell of a table: its text, a second line in small print, and whether it is good or bad."""

    text: str
    small: str = ""
    verdict: Literal["", "good", "bad"] = ""


@final
@dataclass(frozen=True)
class Table:
    """A table with a caption. The first column names the rows.

    - `numeric`: numbers of the columns that are set to the right.
    """

    kind: ClassVar[str] = "table"
    caption: str
    columns: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    numeric: frozenset[int] = frozenset()

    @classmethod
    def of(
        cls, caption: str, columns: Iterable[str], rows: Iterable[Iterable[str | Cell]],
        numeric: Iterable[int] = (),
    ) -> Table:  # fmt: skip
        """A table of texts and cells.

        **Raises:** `ValueError` for a row of the wrong length.
        """
        names = tuple(columns)
        cells = tuple(tuple(c if isinstance(c, Cell) else Cell(c) for c in row) for row in rows)
        wrong = [row for row in cells if len(row) != len(names)]
        if wrong:
            raise ValueError(f"table {caption!r}: {len(wrong[0])} cells, {len(names)} columns")
        return cls(caption, names, cells, frozenset(numeric))


@final
@dataclass(frozen=True)
class Facts:
    """Pairs of a term and what it is."""

    kind: ClassVar[str] = "facts"
    rows: tuple[tuple[str, str], ...]


@final
@dataclass(frozen=True)
class Bullets:
    kind: ClassVar[str] = "bullets"
    items: tuple[Cell, ...]

    @classmethod
    def of(cls, items: Iterable[str | Cell]) -> Bullets:
        return cls(tuple(i if isinstance(i, Cell) else Cell(i) for i in items))


@final
@dataclass(frozen=True)
class Code:
    """Lines to be typed."""

    kind: ClassVar[str] = "code"
    text: str


@final
@dataclass(frozen=True)
class Key:
    """One entry of a legend."""

    label: str
    tone: Tone
    style: Literal["line", "band", "dot", "ring", "tint"] = "line"
    dash: tuple[float, ...] = ()
    opacity: float = 1.0


@final
@dataclass(frozen=True)
class Legend:
    kind: ClassVar[str] = "legend"
    keys: tuple[Key, ...]


@final
@dataclass(frozen=True)
class Charts:
    """Charts side by side, as many as the page is wide; `heading` is what stands over each."""

    kind: ClassVar[str] = "charts"
    charts: tuple[Chart, ...]
    heading: Literal["title", "subtitle"] = "title"


@final
@dataclass(frozen=True)
class Picture:
    """A picture of its own width: at least `least` pixels wide, else its box scrolls."""

    kind: ClassVar[str] = "picture"
    name: str
    title: str
    scene: Scene
    caption: str = ""
    least: int = 320


@final
@dataclass(frozen=True)
class Branch:
    """An actor and those below it."""

    name: str
    about: str
    influence: float
    mandate: str
    reasoning: str
    owns: str
    below: tuple[Branch, ...]


@final
@dataclass(frozen=True)
class Tree:
    kind: ClassVar[str] = "tree"
    roots: tuple[Branch, ...]


@final
@dataclass(frozen=True)
class Part:
    """Blocks under a smaller heading; `folded` ones open when clicked."""

    kind: ClassVar[str] = "part"
    title: str
    blocks: tuple[Block, ...]
    show: Literal["open", "folded"] = "open"


Block: TypeAlias = "str | Table | Facts | Bullets | Code | Legend | Charts | Picture | Tree | Part"


@final
@dataclass(frozen=True)
class Section:
    """A chapter of the report. A text among its blocks is a paragraph."""

    title: str
    blocks: tuple[Block, ...]
