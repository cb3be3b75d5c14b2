"""Scenes as inline SVG. Text and attributes are escaped; nothing has an id."""

from __future__ import annotations

from markupsafe import Markup

from wmjax.report._scene import Area, Dots, Frame, Item, Label, Points, Scene, Stroke


def svg(scene: Scene) -> Markup:
    """One `<svg>` element that scales with its box and says in words what it shows; one without a
    description is an ornament."""
    size = Markup('viewBox="0 0 {} {}"').format(_n(scene.width), _n(scene.height))
    inside = Markup("").join(_draw(item) for item in scene.items)
    said = Markup('aria-hidden="true"')
    if scene.description:
        said = Markup('role="img" aria-label="{}"').format(scene.description)
    return Markup('<svg class="drawing" {} {}>{}</svg>').format(size, said, inside)


def _draw(item: Item) -> Markup:
    match item:
        case Stroke():
            return _stroke(item)
        case Area():
            return Markup('<path class="f-{}"{} d="{}Z"/>').format(
                item.tone, _opacity(item.opacity), _path(item.points)
            )
        case Dots():
            return _dots(item)
        case Label():
            return _label(item)
        case Frame():
            inside = Markup("").join(_draw(one) for one in item.items)
            return Markup('<svg x="{}" y="{}" width="{}" height="{}">{}</svg>').format(
                _n(item.x), _n(item.y), _n(item.width), _n(item.height), inside
            )


def _stroke(item: Stroke) -> Markup:
    dash = ""
    if item.dash:
        dash = Markup(' stroke-dasharray="{}"').format(" ".join(map(_n, item.dash)))
    path = _cubic(item.points) if item.cubic else _path(item.points)
    hint = Markup("<title>{}</title>").format(item.hint) if item.hint else ""
    return Markup('<path class="s-{}" stroke-width="{}"{}{} d="{}">{}</path>').format(
        item.tone, _n(item.width), dash, _opacity(item.opacity), path, hint
    )


def _dots(item: Dots) -> Markup:
    """Zero-length strokes with round ends: a third of the size of as many circles."""
    path = "".join(f"M{_n(x)} {_n(y)}h0" for x, y in item.points)
    drawn = Markup('<path class="s-{} dot" stroke-width="{}" d="{}"/>')
    outer = drawn.format(item.tone, _n(2 * item.radius), path)
    if not item.hollow:
        return outer
    return outer + drawn.format("paper", _n(2 * item.radius - 1.6), path)


def _label(item: Label) -> Markup:
    turn = ""
    if item.turn:
        turn = Markup(' transform="rotate({} {} {})"').format(_n(item.turn), _n(item.x), _n(item.y))
    anchor = Markup(' text-anchor="{}"').format(item.anchor) if item.anchor != "start" else ""
    weight = Markup(' font-weight="600"') if item.bold else ""
    return Markup('<text class="f-{}" x="{}" y="{}" font-size="{}"{}{}{}>{}</text>').format(
        item.tone, _n(item.x), _n(item.y), _n(item.size), anchor, weight, turn, item.text
    )


def _path(points: Points) -> str:
    return "M" + "L".join(f"{_n(x)} {_n(y)}" for x, y in points)


def _cubic(points: Points) -> str:
    start, rest = points[0], points[1:]
    return f"M{_n(start[0])} {_n(start[1])}C" + " ".join(f"{_n(x)} {_n(y)}" for x, y in rest)


def _opacity(value: float) -> Markup | str:
    return "" if value == 1 else Markup(' opacity="{}"').format(f"{value:g}")


def _n(value: float) -> str:
    text = f"{value:.1f}"
    if text.endswith(".0"):
        return "0" if text == "-0.0" else text[:-2]
    return text
