"""``living-circle sample-district``: write the invented district's files."""

# ruff: noqa: PLC0415 - what is heavy waits until the command runs, so that --help is fast

from pathlib import Path
from typing import Annotated, Final

import typer

from analysis.messages import message
from service.commands.console import Speaker
from service.commands.counts import counted
from service.commands.options import AsJson, Lang, Quiet

_SEED: Final = 20260101


def sample_district(
    folder: Annotated[Path, typer.Argument(help="Folder to write to. / 输出文件夹")],
    *,
    seed: Annotated[int, typer.Option(min=0, help="Seed of chance. / 随机种子")] = _SEED,
    quiet: Quiet = False,
    as_json: AsJson = False,
    lang: Lang = None,
) -> None:
    """Write an invented district with planted gaps. / 写出虚构示例片区."""
    from analysis.sources.sample_district import write_sample_district
    from analysis.sources.store.folder import cannot_write

    speaker = Speaker(lang, quiet=quiet, as_json=as_json)
    try:
        files = write_sample_district(folder, seed=seed)
    except OSError as error:
        raise cannot_write(folder, error) from error
    speaker.say(
        message(
            "cli.district",
            residents=counted("residents", files.residents),
            buildings=counted("buildings", files.buildings),
            km2=files.area_km2,
            circles=counted("circles", files.circle_count),
        )
    )
    speaker.say(message("cli.written", path=str(folder)))
    speaker.show(
        f'living-circle analyse "{files.osm_pbf}" --circles "{files.circles}" '
        f'--facilities "{files.facilities}" --facilities "{files.old_communities}" '
        f'--facilities "{files.back_streets}" --population "{files.population}" '
        f'--opinions "{files.opinions}" --parcels "{files.parcels_gpkg}" '
        f'--elevation "{files.elevation}" --out results'
    )
    speaker.result(
        {
            "folder": str(files.folder),
            "osm_pbf": str(files.osm_pbf),
            "circles": str(files.circles),
            "facilities": str(files.facilities),
            "population": str(files.population),
            "old_communities": str(files.old_communities),
            "back_streets": str(files.back_streets),
            "opinions": str(files.opinions),
            "parcels": str(files.parcels_gpkg),
            "elevation": str(files.elevation),
            "residents": files.residents,
            "buildings": files.buildings,
            "area_km2": files.area_km2,
            "circle_count": files.circle_count,
        }
    )
