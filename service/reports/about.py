"""What a report says about itself: statement, sources, denominators, notices."""

from collections.abc import Mapping
from typing import Any

from analysis.documents.plain import texts
from analysis.messages import message


def about_lines(document: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Return (label, text) lines about a study document, both languages in each."""
    return [
        *_what(document),
        *_denominators(document),
        *_circle_lines(document),
        *(
            (f"{_label('notice')} [{one['severity']}]", f"{_pair(one)} ({one['count']})")
            for one in document["notices"]
        ),
    ]  # fmt: skip


def _what(document: Mapping[str, Any]) -> list[tuple[str, str]]:
    standard, data, chosen = document["standard"], document["data"], document["parameters"]
    return [
        (_label("statement"), _pair(document["statement"])),
        (_label("standard"), f"{_pair(standard['title'])} ({standard['id']})"),
        (_label("standard_digest"), standard["digest"]),
        (_label("attribution"), _pair(data["attribution"])),
        (_label("data_date"), data["date"] or "—"),
        (_label("parameters"), ", ".join(f"{k} = {v}" for k, v in chosen.items())),
        *(
            (
                _label("input"),
                f"{one['role']}: {one['name']} ({one['bytes']:,} B, sha256 {one['sha256']})",
            )
            for one in document["inputs"]
        ),
        (_label("edge_of_data"), _pair(document["edge_of_data"]["text"])),
        (_label("digest"), document["digest"]),
    ]  # fmt: skip


def _denominators(document: Mapping[str, Any]) -> list[tuple[str, str]]:
    counts = document["counts"]
    residents = message(
        "outputs.about.residents_text",
        people=counts["residents"], estimated=counts["residents_estimated"],
        buildings=counts["buildings"], land_ha=counts["residential_land_m2"] / 1e4,
    )  # fmt: skip
    streets = message(
        "outputs.about.streets_text",
        km=counts["street_km"], components=counts["components"], barriers=counts["barriers"],
        compounds=counts["compounds"], gates=counts["inferred_gates"],
    )  # fmt: skip
    facilities = message(
        "outputs.about.facilities_text",
        count=counts["facilities"], ambiguous=counts["facilities_ambiguous"],
        idle=counts["facilities_not_counting"], unlinked=counts["facilities_unlinked"],
    )  # fmt: skip
    return [
        (_label("residents"), _pair(texts(residents))),
        (_label("streets"), _pair(texts(streets))),
        (_label("facilities"), _pair(texts(facilities))),
    ]


def _circle_lines(document: Mapping[str, Any]) -> list[tuple[str, str]]:
    lines = []
    for circle in document["circles"]:
        said = message(
            "outputs.about.circle_text",
            people=circle["people"], buildings=circle["buildings"],
            land_ha=circle["land_m2"] / 1e4, **circle["verdicts"],
        )  # fmt: skip
        lines.append((circle["name"], _pair(texts(said))))
    return lines


def _label(name: str) -> str:
    return _pair(texts(message(f"outputs.about.{name}")))


def _pair(both: Mapping[str, str]) -> str:
    return both["zh"] if both["zh"] == both["en"] else f"{both['zh']} / {both['en']}"
