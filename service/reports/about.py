"""What a report says about itself: statement, sources, denominators, notices."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from analysis.documents.plain import texts
from analysis.messages import Joined, Name, message
from service.reports.words import spoken

_PHRASES: Final = {"severity": "severity", "role": "file_role"}


def about_lines(document: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Return (label, text) lines about a study document, both languages in each."""
    return [
        *_what(document),
        *_denominators(document),
        *_circle_lines(document),
        *(
            (f"{_label('notice')} [{_word('severity', one)}]", f"{_pair(one)} ({one['count']})")
            for one in document["notices"]
        ),
    ]  # fmt: skip


def _what(document: Mapping[str, Any]) -> list[tuple[str, str]]:
    standard, data, chosen = document["standard"], document["data"], document["parameters"]
    return [
        (_label("statement"), _pair(document["statement"])),
        (
            _label("standard"),
            f"{_pair(standard['title'])} ({standard['id']} {standard['version']})",
        ),
        (_label("standard_digest"), standard["digest"]),
        (_label("attribution"), _pair(data["attribution"])),
        (_label("data_date"), data["date"] or "—"),
        *((_label("parameters"), _parameter(k, v)) for k, v in chosen.items() if v is not None),
        *((_label("walker"), one) for one in _walkers(document)),
        *(
            (
                _label("input"),
                f"{_word('role', one)}: {one['name']} ({one['bytes']:,} B, sha256 {one['sha256']})",
            )
            for one in document["inputs"]
        ),
        (_label("edge_of_data"), _pair(document["edge_of_data"]["text"])),
        (_label("digest"), document["digest"]),
    ]  # fmt: skip


def _word(field: str, one: Mapping[str, Any]) -> str:
    """Return a code of an entry in both languages."""
    return spoken(f"{_PHRASES[field]}.{one[field]}", str(one[field]))


def _parameter(name: str, value: object) -> str:
    """Return one parameter in both languages, codes in words."""
    words = {"criterion": "cli.criterion", "walker": "cli.walker"}
    if isinstance(value, bool):
        told = spoken("outputs.yes" if value else "outputs.no", str(value))
    elif name in words:
        told = spoken(f"{words[name]}.{value}", str(value))
    else:
        told = f"{value:.15g}" if isinstance(value, float) else str(value)
    return f"{spoken(f'parameter.{name}', name)}: {told}"


def _walkers(document: Mapping[str, Any]) -> Iterator[str]:
    """Tell who walked to decide elements, at which speeds, and how many: the study's walker first.

    Others judge in its stead where each element is judged by whom it is for.
    """
    others = [one for one in document["element_walkers"] if one["elements"]]
    count = document["standard"]["walked_elements"] - sum(len(one["elements"]) for one in others)
    if count > 0:
        said = message("outputs.about.walker_text", count=count, **_pace(document["parameters"]))
        yield _pair(texts(said))
    for one in others:
        names = tuple(Name(each["zh"], each["en"]) for each in one["elements"])
        said = message(
            "outputs.about.walker_named", count=len(names), elements=Joined(names), **_pace(one)
        )
        yield _pair(texts(said))


def _pace(walker: Mapping[str, Any]) -> dict[str, object]:
    """Return who walks and how fast, for a sentence."""
    up, down = walker["steps_up_m_s"], walker["steps_down_m_s"]
    return {
        "walker": message(f"cli.walker.{walker['walker']}"),
        "speed": walker["speed_m_s"],
        "steps": message("outputs.about.no_steps")
        if up is None or down is None
        else message("outputs.about.steps", up=up, down=down),
    }


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
