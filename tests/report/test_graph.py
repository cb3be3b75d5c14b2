"""Links and their signs, what is left out of the graph, and the tree of actors."""

from __future__ import annotations

from wmjax.report import Link, spec_links
from wmjax.report._links import MOST, _through, shown_graph
from wmjax.report._section_actors import branches
from wmjax.report._section_graph import graph_section
from wmjax.spec import Actor, ModelSpec, load_spec


def _spec(**variables: object) -> ModelSpec:
    return load_spec({"name": "x", "time": {"start": 0, "end": 1}, "variables": variables})


def _equation(text: str, **more: object) -> dict[str, object]:
    return {"kind": "auxiliary", "equation": text, **more}


def test_links_of_a_spec() -> None:
    spec = _spec(
        level={"kind": "stock", "initial": 1, "inflows": ["gain"], "outflows": ["loss"]},
        gain={"kind": "flow", "equation": "2 * level"},
        loss={"kind": "flow", "equation": "level / patience"},
        patience={"kind": "parameter", "value": 5, "bounds": [1, 9]},
    )
    found = {(link.source, link.target): link.sign for link in spec_links(spec)}
    assert found == {("gain", "level"): "+", ("loss", "level"): "-", ("level", "gain"): "+",
                     ("level", "loss"): "+", ("patience", "loss"): "-"}  # fmt: skip
    assert shown_graph(spec, spec_links(spec)).nodes == ("level", "gain", "loss")


def test_a_connection_outweighs_an_equation() -> None:
    spec = load_spec({
        "name": "x", "variables": {"a": _equation("time"), "b": _equation("a * (a - 1)")},
        "connections": [{"from": "a", "to": "b", "polarity": "+", "reasoning": "because"}],
    })  # fmt: skip
    assert spec_links(spec) == (Link("a", "b", "+", True, "because"),)


def test_links_run_through_what_is_hidden() -> None:
    chain = (Link("a", "x", "-"), Link("x", "y", "-"), Link("y", "b", "+"), Link("a", "b", "+"))
    assert _through(chain, ["x", "y"]) == (Link("a", "b", "+"),)
    against = (*chain[:3], Link("a", "b", "-"))
    assert _through(against, ["x", "y"]) == (Link("a", "b", ""),), "two ways that disagree"
    loop = (Link("a", "x", "+"), Link("x", "a", "-"))
    assert _through(loop, ["x"]) == (), "a loop through what is hidden is no link"


def test_a_large_model_is_cut_to_what_is_legible() -> None:
    many = {
        f"v{i}": _equation(f"v{i - 1} * 2" if i else "time", group="safety") for i in range(150)
    }
    spec = _spec(**many)
    graph = shown_graph(spec, spec_links(spec))
    assert len(graph.nodes) <= MOST and len(graph.hidden) >= 150 - MOST
    assert graph_section(spec, spec_links(spec)).blocks


def test_the_world_is_drawn() -> None:
    spec = load_spec("world")
    graph = shown_graph(spec, spec_links(spec))
    assert 20 <= len(graph.nodes) <= MOST
    assert {link.source for link in graph.links} | {link.target for link in graph.links} <= set(
        graph.nodes
    )
    signs = [link.sign for link in graph.links]
    assert signs.count("+") > 10 and signs.count("-") > 5
    stated = {(c.source, c.target) for c in spec.connections}
    assert stated <= {(link.source, link.target) for link in graph.links}


def test_every_actor_is_shown_once_even_in_a_ring() -> None:
    def actor(name: str, parent: str | None, level: int = 3) -> Actor:
        category = "world" if level == 1 else "society"
        return Actor(name=name, category=category, level=level, parent=parent)

    actors = (actor("w", None, 1), actor("a", "w"), actor("b", "a"), actor("p", "q"),
              actor("q", "p"), actor("lost", "nobody"))  # fmt: skip
    found = branches(actors)

    def names(tree) -> list[str]:
        return [name for b in tree for name in (b.name, *names(b.below))]

    assert sorted(names(found)) == ["a", "b", "lost", "p", "q", "w"]
    assert [b.name for b in found] == ["w", "lost", "p"]
