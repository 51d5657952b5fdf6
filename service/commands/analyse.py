"""``living-circle analyse``: from files to verdicts, gaps and a map."""

# ruff: noqa: PLC0415 - what is heavy waits until the command runs, so that --help is fast

from collections import abc
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from analysis.messages import message
from service.commands.console import Speaker
from service.commands.options import (
    AsJson,
    Buildings,
    ByGroup,
    Coordinates,
    CriterionChoice,
    Elevation,
    Extensions,
    Lang,
    Mapping,
    ModeChoice,
    OldArea,
    Opinions,
    Parcels,
    Quiet,
    StandardFile,
    Walker,
    WalkerChoice,
    split_ids,
)  # fmt: skip

if TYPE_CHECKING:
    from analysis.sources.request import InputRequest
    from analysis.study import StudyParameters

WRITE_STAGE: Final = "write"


def analyse(
    source: Annotated[
        Path | None,
        typer.Argument(metavar="[SOURCE]", help=".osm.pbf, .osm or Overpass JSON. / OSM 数据文件"),
    ] = None,
    *,
    out: Annotated[Path, typer.Option(help="Folder for the results. / 结果文件夹")],
    place: Annotated[
        str | None, typer.Option(help="A place's name instead of a file (online). / 地名（联网）")
    ] = None,
    boundary: Annotated[
        Path | None, typer.Option(help="Study boundary, a polygon layer. / 研究边界")
    ] = None,
    circles: Annotated[
        Path | None, typer.Option(help="Living circles, a polygon layer. / 生活圈图层")
    ] = None,
    facilities: Annotated[
        list[Path] | None, typer.Option(help="Facility table; may be repeated. / 设施表，可多次")
    ] = None,
    facilities_mode: Annotated[
        ModeChoice, typer.Option(help="Add to the map's facilities or replace them. / 补充或替换")
    ] = ModeChoice.ADD,
    population: Annotated[
        Path | None, typer.Option(help="Population table or layer. / 人口表或图层")
    ] = None,
    buildings: Buildings = None,
    opinions: Opinions = None,
    parcels: Parcels = None,
    mapping: Mapping = None,
    coordinates: Coordinates = None,
    total_population: Annotated[
        float | None, typer.Option(help="Residents in all circles together. / 总人口")
    ] = None,
    elevation: Elevation = None,
    standard: StandardFile = None,
    extensions: Extensions = None,
    criterion: Annotated[
        CriterionChoice, typer.Option(help="What limits a walk. / 以米或分钟为限")
    ] = CriterionChoice.METRES,
    walker: Walker = WalkerChoice.ADULT,
    by_group: ByGroup = False,
    old_area: OldArea = False,
    title: Annotated[
        str | None, typer.Option(help="Title of the study and its map. / 标题")
    ] = None,
    quiet: Quiet = False,
    as_json: AsJson = False,
    lang: Lang = None,
) -> None:
    """Judge a place: network, reach, verdicts, gaps, map. / 分析一个地方."""
    chosen = dict(locals())
    speaker = Speaker(lang, quiet=quiet, as_json=as_json)
    request, parameters = asked_for(chosen)
    speaker.result(run_study(speaker, request, parameters, out, command="analyse"))


def asked_for(chosen: abc.Mapping[str, Any]) -> "tuple[InputRequest, StudyParameters]":
    """Return what the options of :func:`analyse`, by their names, ask for."""
    from analysis.sources.request import InputRequest
    from analysis.study import StudyParameters

    settings = _settings()
    several: dict[str, Any] = {
        name: tuple(chosen[name] or ())
        for name in ("facilities", "opinions", "parcels", "mapping", "coordinates", "elevation")
    }
    single = (
        "source", "place", "boundary", "circles", "population", "buildings", "total_population",
        "standard", "title",
    )  # fmt: skip
    request = InputRequest(
        **{name: chosen[name] for name in single},
        **several,
        facilities_mode=chosen["facilities_mode"].value,
        extensions=split_ids(chosen["extensions"]),
        cache_folder=settings[0],
        online_timeout_s=settings[1],
    )
    parameters = StudyParameters(
        criterion=chosen["criterion"].value,
        walker=chosen["walker"].value,
        old_area=chosen["old_area"],
        by_group=chosen["by_group"],
    )
    return request, parameters


def run_study(
    speaker: Speaker,
    request: "InputRequest",
    parameters: "StudyParameters",
    out: Path,
    *,
    command: str,
) -> dict[str, object]:
    """Read, analyse, write and tell; returns the machine-readable summary.

    The folder is checked first, so that nobody waits for results that cannot be written.
    """
    from analysis.documents.gaps import gap_collection
    from analysis.documents.study import study_document
    from analysis.sources.inputs import STAGES as READ_STAGES
    from analysis.sources.inputs import read_inputs
    from analysis.sources.store.folder import is_study
    from analysis.sources.store.replacing import check_writable
    from analysis.sources.store.studies import check_replaceable, read_document
    from analysis.study import STAGES as STUDY_STAGES
    from analysis.study import analyse as analyse_inputs
    from service.commands.summary import show_summary, summary_json
    from service.outputs import write_outputs
    from service.run_record import RunRecord

    check_replaceable(out)
    check_writable(out)
    if is_study(out):
        title = str(read_document(out).get("title", out.name))
        speaker.say(message("cli.replaces", title=title, folder=str(out)))
    record = RunRecord(command)
    with speaker.progress((*READ_STAGES, *STUDY_STAGES, WRITE_STAGE)) as told:
        listen = record.listener(told)
        study = analyse_inputs(
            read_inputs(request, on_progress=listen), parameters, on_progress=listen
        )
        run = record.values()  # run.json is one of the files: it cannot hold their own time
        told(WRITE_STAGE, 0.0)
        write_outputs(study, out, language=speaker.language, run=run)
    document, gaps = study_document(study), gap_collection(study)
    show_summary(speaker, document, gaps, out)
    return summary_json(document, gaps, out)


def _settings() -> tuple[Path | None, float]:
    from service.settings import Settings

    settings = Settings()
    return settings.cache_folder, settings.online_timeout_s
