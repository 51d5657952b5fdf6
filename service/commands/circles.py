"""``living-circle circles``: propose living circles, or check given ones."""

# ruff: noqa: PLC0415 - what is heavy waits until the command runs, so that --help is fast

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from analysis.errors import InvalidParameterError
from analysis.messages import Joined, Message, message
from service.commands.console import Speaker, printable
from service.commands.options import (
    AsJson,
    Coordinates,
    Lang,
    Quiet,
    SourceArgument,
    StandardFile,
)
from service.commands.own_files import check_ours, write_collection

if TYPE_CHECKING:
    from rich.table import Table

    from analysis.delineation.figures import CircleChecks
    from analysis.notices import Notice
    from analysis.places.circles import Circles
    from analysis.sources.circle_inputs import CircleInputs

_NOTES_SHOWN = 24
_SUBJECTS_SHOWN = 5


def circles(
    source: SourceArgument,
    *,
    out: Annotated[
        Path | None, typer.Option(help="GeoJSON file for proposed circles. / 写出建议的生活圈")
    ] = None,
    check: Annotated[
        Path | None, typer.Option(help="Circles to check, a polygon layer. / 待核查的生活圈图层")
    ] = None,
    people: Annotated[
        str | None,
        typer.Option(
            metavar="LOW-HIGH",
            help="People in a circle; the standard's band by default. / 每圈人口范围",
        ),
    ] = None,
    radius: Annotated[
        float | None,
        typer.Option(
            min=100.0,
            max=5000.0,
            metavar="M",
            help="Walk from the middle; the standard's by default. / 距中心步行距离（米）",
        ),
    ] = None,
    boundary: Annotated[
        Path | None, typer.Option(help="Study boundary, a polygon layer. / 研究边界")
    ] = None,
    population: Annotated[
        Path | None, typer.Option(help="Population table or layer. / 人口表或图层")
    ] = None,
    total_population: Annotated[
        float | None, typer.Option(help="Residents of the whole area. / 总人口")
    ] = None,
    coordinates: Coordinates = None,
    standard: StandardFile = None,
    quiet: Quiet = False,
    as_json: AsJson = False,
    lang: Lang = None,
) -> None:
    """Propose living circles, or check given ones. / 划圈建议与核查."""
    from dataclasses import replace

    from analysis.delineation.checks import check_on_streets
    from analysis.delineation.figures import bands_of
    from analysis.documents.circles import KIND, checks_document
    from analysis.sources.circle_inputs import read_circle_inputs
    from analysis.sources.request import InputRequest

    if (out is None) == (check is None):
        raise InvalidParameterError(
            message("cli.circles.out_or_check"), remedy=message("cli.circles.out_or_check.remedy")
        )
    band = None if people is None else parse_band(people)
    if out is not None:
        check_ours(out, KIND, why="cli.circles.not_ours")
    request = InputRequest(
        source=source,
        boundary=boundary,
        population=population,
        total_population=total_population,
        coordinates=tuple(coordinates or ()),
        standard=standard,
    )
    speaker = Speaker(lang, quiet=quiet, as_json=as_json)
    with speaker.progress(("read", "streets", "people", "circles")) as told:
        inputs = read_circle_inputs(request, check, on_progress=told)
        told("circles", 0.0)
        bands = bands_of(inputs.standard.circle, band)
        if radius is not None:
            bands = replace(bands, walk_m=radius)
        found, notices = (inputs.given, ()) if inputs.given else _proposed(inputs, bands)
        checks = check_on_streets(
            found,
            inputs.demand,
            inputs.dividers,
            network=inputs.network,
            barriers=inputs.barriers,
            standard=inputs.standard,
            bands=bands,
            whole_area=True,
        )
    checks = replace(checks, notices=(*_warned(inputs), *notices, *checks.notices))
    _tell(speaker, checks)
    if out is not None:
        _write(out, found, checks, inputs)
        speaker.say(message("cli.written", path=str(out)))
    speaker.result(
        {"file": None if out is None else str(out), **checks_document(checks, inputs.crs)}
    )


def parse_band(text: str) -> tuple[float, float]:
    """Return the two numbers of ``50000-100000``; raises :class:`InvalidParameterError`."""
    parts = text.replace("–", "-").replace(",", "").split("-")
    try:
        low, high = (float(part) for part in parts)
    except ValueError:
        low, high = 0.0, 0.0
    if not 0 < low < high < float("inf"):
        raise InvalidParameterError(
            message("cli.circles.band"),
            remedy=message("cli.circles.band.remedy"),
            source="--people",
            value=text,
        )
    return low, high


def _proposed(inputs: "CircleInputs", bands: Any) -> "tuple[Circles, tuple[Notice, ...]]":
    from analysis.delineation.proposal import ProposalRules, propose_circles

    low, high = bands.people
    proposal = propose_circles(
        inputs.demand,
        inputs.dividers,
        inputs.ground,
        rules=ProposalRules(min_people=low, max_people=high, radius_m=bands.walk_m),
        data_area=inputs.data_area,
        places=inputs.places,
    )
    return proposal.circles, proposal.notices


def _warned(inputs: "CircleInputs") -> "tuple[Notice, ...]":
    return tuple(one for one in inputs.notices if one.severity == "warning")


def _write(out: Path, found: "Circles", checks: "CircleChecks", inputs: "CircleInputs") -> None:
    from analysis.documents.circles import circle_collection

    write_collection(out, circle_collection(found, checks, inputs.crs))


def _tell(speaker: Speaker, checks: "CircleChecks") -> None:
    if speaker.silent:
        return
    speaker.show(_table(speaker, checks))
    notices = sorted(checks.notices, key=lambda one: one.severity != "warning")
    for one in notices[:_NOTES_SHOWN]:
        mark = "! " if one.severity == "warning" else "  "
        speaker.show(mark + _named(one).text(speaker.language))
    if len(notices) > _NOTES_SHOWN:
        speaker.say(message("cli.circles.more", count=len(notices) - _NOTES_SHOWN))
    speaker.say(message("cli.circles.rules", walk_m=f"{checks.bands.walk_m:g}"))


def _named(told: "Notice") -> Message:
    """Return a notice with what it is about, where its text does not name it."""
    if told.code.startswith("circle_checks.") or not told.subjects:
        return told.text
    left = len(told.subjects) - _SUBJECTS_SHOWN
    return message(
        "cli.circles.named",
        said=told.text,
        subjects=Joined(tuple(printable(one) for one in told.subjects[:_SUBJECTS_SHOWN])),
        more=message("cli.circles.named_more", count=left) if left > 0 else "",
    )


def _table(speaker: Speaker, checks: "CircleChecks") -> "Table":
    from rich import box
    from rich.table import Table

    from analysis.streets.dividers import Rank

    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, padding=(0, 1, 0, 0))
    for number, key in enumerate(
        ("id", "people", "homes", "km2", "compact", "walk", "barriers", "arterials", "overlap")
    ):
        heading = message(f"cli.circles.{key}").text(speaker.language)
        if number == 0:  # names give way, figures never
            table.add_column(heading, overflow="fold")
        else:
            table.add_column(heading.replace(" ", "\n"), justify="right", no_wrap=True)
    for one in checks.circles:
        walk = "–" if one.walk_share != one.walk_share else f"{100 * one.walk_share:.0f} %"
        name = one.name if one.name.startswith(one.circle_id) else f"{one.circle_id} {one.name}"
        table.add_row(
            printable(name),
            f"{one.people:,.0f}",
            f"{one.homes:,}",
            f"{one.area_m2 / 1e6:.2f}",
            f"{one.compactness:.2f}",
            walk,
            f"{one.cut_m():,.0f}",
            f"{one.cut_m(Rank.MINOR_ARTERIAL) - one.cut_m():,.0f}",
            f"{sum(other.area_m2 for other in one.overlaps):,.0f}",
        )
    return table
