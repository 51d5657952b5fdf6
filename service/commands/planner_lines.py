"""What a summary says of planners' files."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from analysis.messages import Language, Message, message
from service.commands.console import printable

_ASKED_SHOWN: Final = 5
_GUESSED_SHOWN: Final = 8


def planner_lines(planner: Mapping[str, Any], language: Language) -> tuple[Message, ...]:
    """Return what the summary says of the study document's section ``planner_tables``."""
    said = []
    guessed = [
        f"{printable(file['file'])}: {printable(one['column'])} → {one['read_as']}"
        for file in planner["files"]
        for one in file["columns"]
        if one["how"] == "similar"
    ]
    if guessed:
        said.append(_guessed(guessed))
    if planner["unlocated"]:
        said.append(message("cli.planner.unlocated", count=len(planner["unlocated"])))
    if planner["review"]:
        said.append(message("cli.planner.review", count=len(planner["review"])))
    buildings, opinions, parcels = planner["buildings"], planner["opinions"], planner["parcels"]
    if buildings:
        said.append(
            message(
                "cli.planner.buildings",
                rows=buildings["rows"],
                replaced=buildings["mapped_homes_replaced"],
                own=buildings["homes_not_on_the_map"],
                residents=f"{buildings['residents_stated']:,.0f}",
            )
        )
    if opinions:
        asked = _asked(opinions["asked_for"], language)
        said.append(
            message(
                "cli.planner.opinions",
                opinions=f"{opinions['opinions']:,}",
                people=f"{opinions['people']:,.0f}",
                asked=asked,
            )
        )
    if parcels:
        said.append(
            message(
                "cli.planner.parcels",
                parcels=parcels["parcels"],
                ha=parcels["area_m2"] / 1e4,
                inside=parcels["in_circles"],
            )
        )
    return tuple(said)


def planner_json(planner: Mapping[str, Any]) -> dict[str, object]:
    """Return the same as JSON values: counts, without the rows themselves."""
    return {
        "files": planner["files"],
        "unlocated": len(planner["unlocated"]),
        "review": planner["review_counts"],
        "buildings": planner["buildings"],
        "opinions": planner["opinions"],
        "parcels": None
        if planner["parcels"] is None
        else {key: one for key, one in planner["parcels"].items() if key != "list"},
    }


def _guessed(columns: Sequence[str]) -> Message:
    left = len(columns) - _GUESSED_SHOWN
    return message(
        "cli.planner.guessed",
        columns="; ".join(columns[:_GUESSED_SHOWN]),
        more=message("cli.planner.more", count=left) if left > 0 else "",
    )


def _asked(asked: Sequence[Mapping[str, Any]], language: Language) -> str:
    shown = [
        message("cli.lacks", name=one[f"element_{language}"], lacks=f"{one['people']:,.0f}").text(
            language
        )
        for one in asked[:_ASKED_SHOWN]
    ]
    left = len(asked) - _ASKED_SHOWN
    more = message("cli.planner.more", count=left).text(language) if left > 0 else ""
    return (("、" if language == "zh" else ", ").join(shown) or "-") + more
