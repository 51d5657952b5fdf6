"""``living-circle inspect``: what is in an extract and what it can tell."""

# ruff: noqa: PLC0415 - what is heavy waits until the command runs, so that --help is fast

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from analysis.documents.plain import number, texts
from analysis.messages import message
from service.commands.console import Speaker, printable
from service.commands.counts import counted
from service.commands.inspect_table import show_table
from service.commands.options import (
    AsJson,
    Coordinates,
    Lang,
    Mapping,
    Quiet,
    RoleChoice,
    StandardFile,
)  # fmt: skip

if TYPE_CHECKING:
    from rich.table import Table

    from analysis.sources.inspection import Inspection

_CLASSES_SHOWN: Final = 10


def inspect(
    source: Annotated[
        Path,
        typer.Argument(
            metavar="SOURCE",
            help=".osm.pbf, .osm, Overpass JSON, a saved network, or a planner's table. / "
            "OSM 数据文件、保存的路网或规划表格",
        ),
    ],
    *,
    role: Annotated[
        RoleChoice | None, typer.Option("--as", help="What a planner's table is. / 表格的种类")
    ] = None,
    mapping: Mapping = None,
    against: Annotated[
        Path | None,
        typer.Option(
            help="Extract to hold a planner's coordinates against. / 用 OSM 数据核对规划文件的坐标"
        ),
    ] = None,
    coordinates: Coordinates = None,
    standard: StandardFile = None,
    quiet: Quiet = False,
    as_json: AsJson = False,
    lang: Lang = None,
) -> None:
    """Tell what a file holds and what it can tell. / 查看数据文件的内容."""
    if source.is_dir():
        _saved_network(Speaker(lang, quiet=quiet, as_json=as_json), source)
        return
    from analysis.sources.table_inspection import is_planner_file

    if role is not None or is_planner_file(source):
        speaker = Speaker(lang, quiet=quiet, as_json=as_json)
        show_table(speaker, source, role, mapping or (), against, coordinates or ())
        return
    from analysis.sources.inspection import inspect_extract
    from analysis.sources.osm.reader import read_osm
    from analysis.sources.standards import read_standard

    speaker = Speaker(lang, quiet=quiet, as_json=as_json)
    profile = read_standard(standard)
    with speaker.progress(("read", "streets")) as told:
        told("read", 0.0)
        data = read_osm(source)
        told("streets", 0.0)
        found = inspect_extract(data, profile)
    _show(speaker, source, found)
    speaker.result(inspection_json(source, found))


def _saved_network(speaker: Speaker, folder: Path) -> None:
    """Check every file of a saved network, or of a saved study's, and tell what it is."""
    from analysis.sources.store.folder import is_study
    from analysis.sources.store.networks import open_network, study_network

    saved = study_network(folder) if is_study(folder) else open_network(folder)
    saved.verify()
    parts, origin = saved.parts(), saved.origin
    found = saved.network
    speaker.show(printable(folder.name))
    speaker.say(
        message(
            "cli.network",
            km=found.length_m / 1000.0,
            nodes=found.n_nodes,
            arcs=found.n_arcs,
            components=found.n_components,
            barriers=len(parts.barriers.lines),
        )
    )
    date = origin.data_date or "?"
    speaker.say(message("cli.network.origin", file=printable(origin.file_name), date=date))
    speaker.say(message("cli.network.sound"))
    speaker.result({"folder": folder.name, **saved.summary()})


def inspection_json(source: Path, found: "Inspection") -> dict[str, object]:
    """Return an inspection as JSON values."""
    return {
        "file": source.name,
        "extent": list(found.extent),
        "extent_from": found.extent_from,
        "area_km2": number(found.area_km2),
        "inner_km2": number(found.inner_km2),
        "data_date": found.data_date,
        "objects": dict(found.objects),
        "street_km": {name: number(km) for name, km in found.street_km.items()},
        "private_km": number(found.private_km),
        "components": found.components,
        "largest_component_share": number(found.largest_share),
        "elements": [
            {
                "id": one.element.id,
                "name": texts(one.element.name),
                "certain": one.certain,
                "ambiguous": one.ambiguous,
                "absence_untold": None if one.told is None else texts(one.told),
            }
            for one in found.elements
        ],
        "services": found.services,
        "streets_only": found.streets_only,
        "residential_buildings": found.buildings,
        "buildings_with_levels": found.buildings_with_levels,
        "residential_land_km2": number(found.residential_land_km2),
        "can": [texts(one) for one in found.can],
        "cannot": [texts(one) for one in found.cannot],
        "notices": dict(found.notices),
    }


def _show(speaker: Speaker, source: Path, found: "Inspection") -> None:
    if speaker.silent:
        return
    west, south, east, north = found.extent
    speaker.show(printable(source.name))
    for said in (
        message("inspect.extent", west=west, south=south, east=east, north=north,
                km2=found.area_km2, date=found.data_date or "?"),
        message("inspect.streets", km=sum(found.street_km.values()), private_km=found.private_km,
                components=counted("components", found.components),
                share=number(found.largest_share) or 0.0),
        message("inspect.homes", homes=counted("homes", found.buildings),
                levels=found.buildings_with_levels, land_km2=found.residential_land_km2,
                services=counted("services", found.services)),
    ):  # fmt: skip
        speaker.say(said)
    shown = list(found.street_km.items())[:_CLASSES_SHOWN]
    rest_km = sum(found.street_km.values()) - sum(km for _, km in shown)
    classes = ", ".join(f"{printable(name)} {km:,.1f}" for name, km in shown)
    more = f", … {rest_km:,.1f}" if len(found.street_km) > _CLASSES_SHOWN else ""
    speaker.say(message("inspect.classes", classes=classes + more))
    speaker.show(_elements(speaker, found))
    for said in found.can:
        speaker.say(message("inspect.can", what=said))
    for said in found.cannot:
        speaker.say(message("inspect.cannot", what=said))
    if found.notices:
        codes = ", ".join(f"{code} {count:,}" for code, count in found.notices.items())
        speaker.say(message("inspect.notices", codes=codes))


def _elements(speaker: Speaker, found: "Inspection") -> "Table":
    from rich import box
    from rich.table import Table

    language = speaker.language
    table = Table(box=box.SIMPLE, pad_edge=False)
    table.add_column(message("cli.element").text(language))
    for key in ("inspect.certain", "inspect.ambiguous"):
        table.add_column(message(key).text(language), justify="right")
    table.add_column(message("cli.note").text(language), overflow="fold")
    for one in found.elements:
        note = message("inspect.absence_untold").text(language) if one.told is not None else ""
        table.add_row(
            one.element.name.text(language), f"{one.certain:,}", f"{one.ambiguous:,}", note
        )
    return table
