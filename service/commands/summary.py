"""One screen on a study: place, residents, verdicts, what is missing, the largest gaps, files."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from rich import box
from rich.table import Table
from rich.text import Text

from analysis.assessment import ALL_CIRCLES, VERDICTS
from analysis.messages import Message, message
from analysis.reach import SEARCH_FACTOR
from service.commands.console import Speaker, printable

_GAPS_SHOWN: Final = 5
_CIRCLES_SHOWN: Final = 12
_COLOURS: Final = {"met": "green", "weak": "yellow", "short": "red", "not_assessed": "bright_black"}


def show_summary(
    speaker: Speaker, document: Mapping[str, Any], gaps: Mapping[str, Any], folder: Path
) -> None:
    """Print the summary of a study document; where something is left out the count is told."""
    if speaker.silent:
        return
    for said in _head(document):
        speaker.say(said)
    speaker.show("")
    speaker.show(_verdicts(speaker, document))
    for circle in document["circles"][:_CIRCLES_SHOWN]:
        if circle["id"] != ALL_CIRCLES:
            speaker.say(_missing(speaker, circle))
    hidden = len(document["circles"]) - 1 - _CIRCLES_SHOWN
    if hidden > 0:
        speaker.say(message("cli.more_circles", count=hidden))
    speaker.show("")
    if gaps["features"]:
        speaker.show(_gaps(speaker, gaps))
    speaker.show(document["edge_of_data"]["text"][speaker.language])
    speaker.show(document["statement"][speaker.language])
    speaker.say(message("cli.results", folder=str(folder)))


def summary_json(
    document: Mapping[str, Any], gaps: Mapping[str, Any], folder: Path
) -> dict[str, object]:
    """Return the same as JSON values."""
    return {
        "title": document["title"],
        "digest": document["digest"],
        "folder": str(folder),
        "statement": document["statement"],
        "residents": document["counts"]["residents"],
        "residents_estimated": document["counts"]["residents_estimated"],
        "circles": [
            {
                "id": one["id"],
                "name": one["name"],
                "people": one["people"],
                "verdicts": one["verdicts"],
                "missing": [lack["element"] for lack in one["missing"]],
            }
            for one in document["circles"]
        ],
        "largest_gaps": [one["properties"] for one in gaps["features"][:_GAPS_SHOWN]],
        "gaps": len(gaps["features"]),
        "edge_of_data": document["edge_of_data"],
    }


def _head(document: Mapping[str, Any]) -> tuple[Message, ...]:
    counts, parameters = document["counts"], document["parameters"]
    estimated = counts["residents_estimated"] > 0
    return (
        message(
            "cli.head",
            title=document["title"],
            date=document["data"]["date"] or "?",
            standard=document["standard"]["id"],
            criterion=message(f"cli.criterion.{parameters['criterion']}"),
            walker=message(f"cli.walker.{parameters['walker']}"),
        ),
        message(
            "cli.residents.estimated" if estimated else "cli.residents",
            people=counts["residents"],
            buildings=counts["buildings"],
            km=counts["street_km"],
            facilities=counts["facilities"],
        ),
    )


def _verdicts(speaker: Speaker, document: Mapping[str, Any]) -> Table:
    language = speaker.language
    table = Table(box=box.SIMPLE, pad_edge=False)
    table.add_column(message("cli.circle").text(language), overflow="fold")
    table.add_column(message("cli.people").text(language), justify="right")
    for verdict in VERDICTS:
        name = message(f"verdict.{verdict}").text(language)
        table.add_column(name, justify="right", style=_COLOURS[verdict])
    shown = [*document["circles"][:-1][:_CIRCLES_SHOWN], document["circles"][-1]]
    for circle in shown:
        counts = [str(circle["verdicts"][one]) for one in VERDICTS]
        name = circle["name_zh"] if language == "zh" else circle["name_en"]
        table.add_row(_plain(name), f"{circle['people']:,.0f}", *counts)
    return table


def _missing(speaker: Speaker, circle: Mapping[str, Any]) -> Message:
    language = speaker.language
    name = circle[f"name_{language}"]
    if not circle["missing"]:
        return message("cli.nothing_missing", circle=name, open=circle["verdicts"]["not_assessed"])
    separator = "、" if language == "zh" else ", "
    lacks = separator.join(
        f"{one['name'][language]} ({one['people_lacking']:,.0f})" for one in circle["missing"]
    )
    return message("cli.missing", circle=name, lacks=lacks)


def _gaps(speaker: Speaker, gaps: Mapping[str, Any]) -> Table:
    language = speaker.language
    count = len(gaps["features"])
    title = message("cli.gaps", shown=min(count, _GAPS_SHOWN), count=count).text(language)
    table = Table(box=box.SIMPLE, title=title, title_justify="left", pad_edge=False)
    for key, justify in (
        ("cli.element", "left"), ("cli.circle", "left"), ("cli.people", "right"),
        ("cli.worst", "right"), ("cli.note", "left"),
    ):  # fmt: skip
        table.add_column(
            message(key).text(language), justify="right" if justify == "right" else "left"
        )
    for feature in gaps["features"][:_GAPS_SHOWN]:
        one = feature["properties"]
        worst = one["walk_worst_m"]
        beyond = message("cli.beyond", limit_m=SEARCH_FACTOR * one["threshold_m"]).text(language)
        edge = message("cli.edge").text(language) if one["edge_of_data"] else ""
        table.add_row(
            _plain(one[f"element_{language}"]), _plain(one["circle_name"]),
            f"{one['people']:,.0f}", beyond if worst is None else f"{worst:,.0f}", edge,
        )  # fmt: skip
    return table


def _plain(text: str) -> Text:
    return Text(printable(text))
