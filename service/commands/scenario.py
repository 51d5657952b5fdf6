"""``living-circle scenario``: what a saved study would be if."""

# ruff: noqa: PLC0415 - what is heavy waits until the command runs, so that --help is fast

from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from analysis.errors import InvalidParameterError
from analysis.messages import message
from service.commands.console import Speaker
from service.commands.options import AsJson, Lang, Quiet
from service.errors import EXIT_INPUT

if TYPE_CHECKING:
    from analysis.scenario.scenario import Scenario
    from analysis.sources.scenarios.reading import OpenedScenario
    from analysis.study import Study

_STAGE: Final = "scenario"
_WRITE: Final = "write"
_SHOWN: Final = 30
MAP_FILE: Final = "map.html"
WORKBOOK_FILE: Final = "scenario.xlsx"


def scenario(
    study: Annotated[Path, typer.Argument(help="A saved study. / 已保存的研究")],
    file: Annotated[Path, typer.Argument(help="The scenario: YAML, JSON or GeoJSON. / 情景文件")],
    *,
    out: Annotated[
        Path | None, typer.Option(help="Folder for all that changes. / 输出文件夹")
    ] = None,
    check: Annotated[
        bool, typer.Option("--check", help="Only list what is wrong with it. / 只检查并列出问题")
    ] = False,
    on: Annotated[
        str | None,
        typer.Option(metavar="DATE", help="Only what holds on this day. / 只算到这一天为止的修改"),
    ] = None,
    years: Annotated[
        bool,
        typer.Option("--years", help="Coverage each time something opens. / 按日期分期给出覆盖率"),
    ] = False,
    coordinates: Annotated[
        str | None,
        typer.Option(
            metavar="SYSTEM",
            help="What the scenario's coordinates are: gcj02, bd09, EPSG:4545 … / 声明坐标系",
        ),
    ] = None,
    quiet: Quiet = False,
    as_json: AsJson = False,
    lang: Lang = None,
) -> None:
    """Say what a scenario changes: who gains and loses, which verdicts. / 情景推演：变化一览."""
    from analysis.coordinates.reading import parse_reading
    from analysis.sources.scenarios.reading import open_scenario
    from analysis.sources.store.inputs import open_inputs
    from analysis.sources.store.studies import read_document

    speaker = Speaker(lang, quiet=quiet, as_json=as_json)
    day = _day(on)
    reading = None if coordinates is None else parse_reading(coordinates)
    if out is not None and not check:
        _check_out(out)
    read_document(study)
    saved = open_inputs(study)
    opened = open_scenario(file, saved.inputs, reading)
    if check:
        _told_check(speaker, opened, as_json=as_json)
        return
    found = opened.sound(file.name)
    from analysis.study import STAGES, analyse

    with speaker.progress((*STAGES, _STAGE, _WRITE)) as told:
        baseline = analyse(saved.inputs, saved.parameters, on_progress=told)
        told(_STAGE, 0.0)
        document, points = _changes(
            baseline, found if day is None else found.on(day), opened, years=years
        )
        told(_WRITE, 0.0)
        files = () if out is None else _write(speaker, baseline, document, points, out)
    _show(speaker, document, files)
    summary = {key: one for key, one in document.items() if key != "points"}
    speaker.result({**summary, "files": [str(one) for one in files]})


def _day(on: str | None) -> str | None:
    """Return the day asked for; raises :class:`InvalidParameterError` for what is none."""
    if on is None:
        return None
    try:
        return date.fromisoformat(on).isoformat()
    except ValueError as error:
        raise InvalidParameterError(
            message("scenario.file.since"),
            remedy=message("scenario.file.since.remedy"),
            source="--on",
            value=on,
        ) from error


def _check_out(out: Path) -> None:
    from analysis.sources.store.replacing import check_writable
    from analysis.sources.store.scenarios import check_ours

    check_ours(out, (MAP_FILE, WORKBOOK_FILE))
    check_writable(out)


def _told_check(speaker: Speaker, opened: "OpenedScenario", *, as_json: bool) -> None:
    """Say everything that is wrong; ends the command with the code for input that is."""
    problems = [
        {
            "line": one.line, "modification": one.number, "id": one.id, "field": one.field,
            "severity": one.severity, "text": one.told.text(speaker.language),
        }
        for one in opened.problems
    ]  # fmt: skip
    if opened.errors and not as_json:
        opened.sound("scenario")
    _warn(speaker, opened)
    if not opened.errors:
        count = len(opened.scenario.modifications)
        speaker.say(message("cli.scenario.valid", count=count, id=opened.scenario.scenario_id))
    speaker.result(
        {"valid": not opened.errors, "id": opened.scenario.scenario_id, "problems": problems}
    )
    if opened.errors:
        raise typer.Exit(EXIT_INPUT)


def _warn(speaker: Speaker, opened: "OpenedScenario") -> None:
    for one in opened.problems:
        if one.severity == "warning":
            speaker.say(message("cli.scenario.warning", text=one.told))


def _changes(
    study: "Study", wanted: "Scenario", opened: "OpenedScenario", *, years: bool
) -> tuple[dict[str, Any], list[Any]]:
    """Return the document of what changes, and all columns of its points."""
    from analysis.documents.scenario import difference_document
    from analysis.documents.scenario_tables import point_rows
    from analysis.scenario.difference import difference
    from analysis.scenario.evaluation import WhatIf
    from analysis.scenario.years import over_the_years

    session = WhatIf(study)
    result = session.evaluate(wanted)
    change = difference(study, result)
    days = over_the_years(session, wanted) if years else ()
    warnings = [one.told for one in opened.problems]
    document = difference_document(study, result, change, warnings, days)
    return document, point_rows(study, result.of, change.reach)


def _write(
    speaker: Speaker, study: "Study", document: dict[str, Any], points: list[Any], out: Path
) -> Sequence[Path]:
    from analysis.sources.store.scenarios import save_difference
    from service.maps.page import scenario_map
    from service.reports.scenario_workbook import scenario_workbook

    def map_page(path: Path) -> None:
        html = scenario_map(study, document, points, language=speaker.language)
        path.write_text(html, "utf-8", errors="replace", newline="\n")

    return save_difference(
        document,
        points,
        out,
        extras={
            MAP_FILE: map_page,
            WORKBOOK_FILE: lambda path: scenario_workbook(document, path),
        },
    )


def _show(speaker: Speaker, document: dict[str, Any], files: Sequence[Path]) -> None:
    language = speaker.language
    for warning in document["warnings"]:
        speaker.show(warning[language])
    speaker.show(document["headline"][language])
    rows = document["circles"]
    for row in rows[:_SHOWN]:
        speaker.show("  " + row[f"sentence_{language}"])
    if len(rows) > _SHOWN:
        speaker.say(message("cli.scenario.more", count=len(rows) - _SHOWN))
    for row in document["days"]:
        if row["share"] is not None:
            day = row["day"] or message("scenario.day.start").text(language)
            speaker.say(
                message(
                    "cli.scenario.day",
                    day=day,
                    element=row[f"element_{language}"],
                    share=f"{row['share']:.1%}",
                    covered=f"{row['people_covered']:,.0f}",
                    people=f"{row['people']:,.0f}",
                )
            )
    if files:
        speaker.say(message("cli.written", path=str(files[0].parent)))
