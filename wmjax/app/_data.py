"""`wmjax data`: the series there are."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Literal
from urllib.parse import urlsplit

from wmjax._errors import UserError
from wmjax.app._console import table
from wmjax.app._output import check_output, write_whole
from wmjax.app._settings import Text, VerbSettings


if TYPE_CHECKING:
    from wmjax.series import Observations


class Settings(VerbSettings):
    action: Literal["list", "describe", "fetch"]
    names: list[str]
    economies: list[Text]
    start: int
    end: int
    table: Text | None
    units: dict[str, str]
    columns: dict[str, str]
    where: dict[str, str]
    frequency: Literal["year", "month", "week"] | None
    source: str
    licence: str
    output: Text | None


def run(settings: Settings) -> int:
    if settings.output is not None:
        check_output(settings.numbered(settings.output), (".csv",))
    actions = {"list": _list, "describe": _describe, "fetch": _fetch}
    actions[settings.action](settings)
    if settings.output is not None and settings.action != "fetch":
        _write(settings, settings.output)
    return 0


def _list(settings: Settings) -> None:
    from wmjax.series import catalogue

    entries = [e for e in catalogue() if _below(e.id, settings.names)]
    if not entries:
        from wmjax.app._model import nearest

        raise UserError(
            "wmjax data list", ", ".join(settings.names), "series or tables of the catalogue",
            nearest(settings.names[0], [e.id for e in catalogue()]),
        )  # fmt: skip
    rows = [(e.id, e.unit, f"{e.first:g}-{e.last:g}", e.n, e.licence) for e in entries]
    table(f"{len(rows)} series", ("series", "unit", "span", "n", "licence"), rows)


def _below(id: str, names: list[str]) -> bool:
    return not names or any(id == name or id.startswith(f"{name}.") for name in names)


def _describe(settings: Settings) -> None:
    from wmjax.series import describe

    for name in _named(settings):
        print(describe(name))


def _fetch(settings: Settings) -> None:
    from wmjax.series import fetch_world_bank

    addresses = [name for name in _named(settings) if "://" in name]
    codes = [name for name in settings.names if "://" not in name]
    fetched = [_fetch_address(address, settings) for address in addresses]
    if codes:
        fetched.append(
            fetch_world_bank(
                codes, settings.economies, settings.start, settings.end,
                name=settings.table, units=settings.units or None,
            )
        )  # fmt: skip
    rows = [
        (one.name, one.unit, f"{one.times[0]:g}-{one.times[-1]:g}", len(one), one.licence)
        for observations in fetched
        for one in observations.values()
    ]
    table("fetched and kept", ("series", "unit", "span", "n", "licence"), rows)


def _fetch_address(address: str, settings: Settings) -> Observations:
    from wmjax.series import fetch_csv

    name = settings.table or Path(urlsplit(address).path).stem or "table"
    return fetch_csv(
        address, name, columns=settings.columns or None, where=settings.where or None,
        units=settings.units or None, frequency=settings.frequency,
        source=settings.source, licence=settings.licence,
    )  # fmt: skip


def _named(settings: Settings) -> list[str]:
    if settings.names:
        return settings.names
    raise UserError(
        f"wmjax data {settings.action}", "no name", "series or tables", "wmjax data list shows them"
    )


def _write(settings: Settings, output: str) -> None:
    from wmjax.series import load_observations

    frame = load_observations(_named(settings)).to_dataframe()
    path = settings.numbered(output)
    write_whole(path, lambda draft: frame.to_csv(draft, float_format="%.17g"))
    print(f"written: {path}")
