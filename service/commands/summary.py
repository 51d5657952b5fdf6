"""One screen on a study: place, residents, verdicts, what is missing, the largest gaps, files."""

from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from rich import box
from rich.table import Table
from rich.text import Text

from analysis.coordinates.check import LOOKS_OTHER
from analysis.gaps.kinds import GAP_KINDS, GapKind
from analysis.messages import Clauses, Joined, Language, Message, Name, message, tenths
from analysis.places.circles import ALL_CIRCLES
from analysis.standard.verdicts import DIMENSIONS, VERDICTS
from analysis.units import minutes
from service.commands.console import Speaker, printable
from service.commands.counts import counted
from service.commands.planner_lines import planner_json, planner_lines

_SHOWN_WARNINGS: Final = 4
_GAPS_SHOWN: Final = 4
_LACKS_SHOWN: Final = 5
_CIRCLES_AT_MOST: Final = 12  # up to so many are all shown,
_CIRCLES_SHOWN: Final = 8  # of more only these, which lack most: one screen
_OUTSIDE: Final = "population.outside"  # people of a table who live in no circle
_COLOURS: Final = {"met": "green", "weak": "yellow", "short": "red", "not_assessed": "bright_black"}


def show_summary(
    speaker: Speaker, document: Mapping[str, Any], gaps: Mapping[str, Any], folder: Path
) -> None:
    """Print the summary of a study document; where something is left out the count is told."""
    if speaker.silent:
        return
    for said in _head(document):
        speaker.say(said)
    for one in document["notices"]:
        if one["code"] == _OUTSIDE:
            speaker.show(one[speaker.language])
    shown, hidden = _shown_circles(document)
    speaker.show("")
    speaker.show(_verdicts(speaker, (*shown, document["circles"][-1])))
    speaker.show("")
    for circle in shown:
        speaker.say(_missing(speaker, circle))
    if hidden > 0:
        circles = counted("circles", hidden)
        speaker.say(message("cli.more_circles", shown=len(shown), circles=circles))
    speaker.show("")
    if gaps["features"]:
        speaker.show(_gaps(speaker, gaps, document["parameters"]["criterion"]))
        speaker.show("")
    for said in _certainty(document):
        speaker.say(said)
    speaker.show(document["edge_of_data"]["text"][speaker.language])
    for said in planner_lines(document["planner_tables"], speaker.language):
        speaker.say(said)
    _warnings(speaker, document, folder)
    speaker.show(document["statement"][speaker.language])
    speaker.say(message("cli.results", folder=str(folder)))


def _certainty(document: Mapping[str, Any]) -> list[Message]:
    """Tell how many dimensions are judged, which verdicts flip, and what to visit first."""
    diagnosis = document["diagnosis"]
    whole = diagnosis["scorecard"][-1]
    dimensions = message(
        "cli.dimensions",
        **{f"{one}_known": _judged(whole, one) for one in DIMENSIONS},
        elements=sum(whole[one] for one in VERDICTS),
    )
    flips = {
        "fragile": diagnosis["fragile_verdicts"],
        "verdicts": diagnosis["coverage_verdicts"],
    }
    checks = diagnosis["field_checks"]
    if not checks:
        return [dimensions, message("cli.fragile", **flips)]
    first = checks[0]
    return [
        dimensions,
        message(
            "cli.field_checks",
            **flips,
            checks=diagnosis["field_checks_in_all"],
            name=printable(first["name"] or first["source_id"]),
            element=Name(first["visit_zh"], first["visit_en"])
            if first["kind"] == "gate"  # which may settle many elements
            else Name(first["element_zh"], first["element_en"]),
            people=first["people"],
        ),
    ]


def _judged(score: Mapping[str, Any], dimension: str) -> int:
    return sum(score[f"{dimension}_{one}"] for one in ("met", "weak", "short"))


def _warnings(speaker: Speaker, document: Mapping[str, Any], folder: Path) -> None:
    """Tell what was dropped, repaired or inferred and may move the numbers, the largest first."""
    warnings = [one for one in document["notices"] if one["severity"] == "warning"]
    # A file in another datum moves all that it holds: that comes before any count.
    warnings.sort(key=lambda one: (one["code"] != LOOKS_OTHER, -one["count"], one["code"]))
    if not warnings:
        return
    speaker.say(message("cli.warnings", warnings=counted("warnings", len(warnings))))
    for one in warnings[:_SHOWN_WARNINGS]:
        text = one[speaker.language]
        several = one["count"] > 1 and f"{one['count']:,}" not in text
        tally = f" ({one['count']:,})" if several else ""
        speaker.show(f"  - {text}{tally}")
    hidden = len(warnings) - _SHOWN_WARNINGS
    if hidden > 0:
        speaker.say(message("cli.warnings.more", count=hidden, folder=str(folder)))


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
        "gaps_by_kind": _by_kind(gaps),
        "edge_of_data": document["edge_of_data"],
        "planner_tables": planner_json(document["planner_tables"]),
    }


def _head(document: Mapping[str, Any]) -> tuple[Message, ...]:
    counts, parameters, data = document["counts"], document["parameters"], document["data"]
    limits = []
    if data["streets_only"]:
        limits.append(message("inspect.streets_only", services=data["services"]))
    if counts["residents"] == 0:
        limits.append(message("inspect.no_homes"))
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
        *_own_walkers(document),
        message(
            "cli.residents.estimated" if estimated else "cli.residents",
            residents=counted("residents", counts["residents"]),
            homes=counted("homes", counts["buildings"]),
            km=counts["street_km"],
            facilities=counted("facilities", counts["facilities"]),
        ),
        *(message("inspect.cannot", what=one) for one in limits),
    )


def _own_walkers(document: Mapping[str, Any]) -> tuple[Message, ...]:
    """Tell which elements are judged by another walker than the study's, where that was asked."""
    if not document["parameters"]["by_group"]:
        return ()
    who = tuple(
        message(
            "cli.by_group.one",
            walker=message(f"cli.walker.{one['walker']}"),
            elements=Joined(tuple(Name(each["zh"], each["en"]) for each in one["elements"])),
        )
        for one in document["element_walkers"]
    )
    return (message("cli.by_group", who=Clauses(who)) if who else message("cli.by_group.none"),)


def _shown_circles(document: Mapping[str, Any]) -> tuple[Sequence[Mapping[str, Any]], int]:
    """Return the circles to show, and how many are left out.

    Many circles are ordered by what they lack, people counted once for each element that they lack;
    few stay in their own order.
    """
    circles = [one for one in document["circles"] if one["id"] != ALL_CIRCLES]
    if len(circles) <= _CIRCLES_AT_MOST:
        return circles, 0
    worst_first = sorted(circles, key=lambda one: -_lacking(one))
    return worst_first[:_CIRCLES_SHOWN], len(circles) - _CIRCLES_SHOWN


def _lacking(circle: Mapping[str, Any]) -> float:
    return float(sum(one["people_lacking"] for one in circle["missing"]))


def _verdicts(speaker: Speaker, circles: Sequence[Mapping[str, Any]]) -> Table:
    language = speaker.language
    table = Table(box=box.SIMPLE, pad_edge=False, show_edge=False)
    table.add_column(message("cli.circle").text(language), overflow="fold")
    table.add_column(message("cli.people").text(language), justify="right")
    for verdict in VERDICTS:
        name = message(f"verdict.{verdict}").text(language)
        table.add_column(name, justify="right", style=_COLOURS[verdict])
    for circle in circles:
        counts = [str(circle["verdicts"][one]) for one in VERDICTS]
        name = circle["name_zh"] if language == "zh" else circle["name_en"]
        table.add_row(_plain(name), f"{circle['people']:,.0f}", *counts)
    return table


def _missing(speaker: Speaker, circle: Mapping[str, Any]) -> Message:
    language = speaker.language
    name = circle[f"name_{language}"]
    verdicts = circle["verdicts"]
    judged = sum(verdicts.values()) - verdicts["not_assessed"]
    if judged == 0:
        return message("cli.nothing_judged", circle=name)
    if not circle["missing"]:
        return message(
            "cli.nothing_missing", circle=name, judged=judged, open=verdicts["not_assessed"]
        )
    separator = "、" if language == "zh" else ", "
    lacks = separator.join(
        message("cli.lacks", **{key: one[key][language] for key in ("name", "lacks")}).text(
            language
        )
        for one in circle["missing"][:_LACKS_SHOWN]
    )
    hidden = len(circle["missing"]) - _LACKS_SHOWN
    more = message("cli.missing_more", count=hidden) if hidden > 0 else ""
    return message("cli.missing", circle=name, lacks=lacks, more=more)


def _gaps(speaker: Speaker, gaps: Mapping[str, Any], criterion: str) -> Table:
    language = speaker.language
    count = len(gaps["features"])
    shown = min(count, _GAPS_SHOWN)
    kinds = Joined(
        tuple(
            message("cli.gap_count", kind=message(f"gap.kind.{kind}"), count=number)
            for kind, number in _by_kind(gaps).items()
            if number
        )
    )
    title = message("cli.gaps", shown=shown, count=count, kinds=kinds).text(language)
    table = Table(
        box=box.SIMPLE, title=title, title_justify="left", pad_edge=False, show_edge=False
    )
    for key, justify in (
        ("cli.gap_kind", "left"), ("cli.element", "left"), ("cli.circle", "left"),
        ("cli.gap_people", "right"),
        ("cli.worst" if criterion == "metres" else "cli.worst_minutes", "right"),
        ("cli.note", "left"),
    ):  # fmt: skip
        table.add_column(
            message(key).text(language), justify="right" if justify == "right" else "left"
        )
    for feature in gaps["features"][:_GAPS_SHOWN]:
        one = feature["properties"]
        edge = message("cli.edge").text(language) if one["edge_of_data"] else ""
        table.add_row(
            message(f"gap.kind.{one['kind']}").text(language),
            _plain(one[f"element_{language}"]), _plain(one["circle_name"]),
            f"{one['people']:,.0f}", _worst(one, criterion, language), edge,
        )  # fmt: skip
    return table


def _by_kind(gaps: Mapping[str, Any]) -> dict[GapKind, int]:
    """Return how many gaps there are of each kind, of all kinds."""
    found = Counter(one["properties"]["kind"] for one in gaps["features"])
    return {kind: found[kind] for kind in GAP_KINDS}


def _worst(gap: Mapping[str, Any], criterion: str, language: Language) -> str:
    """Return a gap's worst walk as the criterion counts it."""
    by_metres = criterion == "metres"
    worst = gap["walk_worst_m"] if by_metres else gap["walk_worst_s"]
    if worst is None:
        limit = gap["search_m"] if by_metres else minutes(gap["search_s"])
        return message("cli.beyond", limit_m=limit).text(language)
    return f"{worst:,.0f}" if by_metres else tenths(minutes(worst))


def _plain(text: str) -> Text:
    return Text(printable(text))
