"""Which element each row of a facility table serves."""

from collections import Counter
from functools import lru_cache

from analysis.messages import Joined, Message, message
from analysis.notices import notice
from analysis.sources.files.columns import plain
from analysis.sources.files.rows import Rows
from analysis.sources.opinions.words import ElementWords
from analysis.sources.standards import packaged_standards, read_standard
from analysis.standard.profile import Element, ServiceStandard

NOT_OURS = ""  # the element of a row that only another standard knows

_TELLING_COLUMNS = 2  # so many columns that only one element has tell a table's element


def row_elements(rows: Rows, standard: ServiceStandard, declared: str | None) -> list[str]:
    """Return the element of each row; an unknown one joins the problems.

    A table without a column for it is all of one element: the `declared` one (``--mapping
    "FILE:*=小学"``), or the only one of the standard with at least two of the table's columns to
    itself (consent, safety_done … are old communities), which is told as a guess. Rows of an
    element that another packaged standard has are :data:`NOT_OURS`, and told.
    """
    known = _known(standard)
    if declared or "element" not in rows.columns:
        whole = known.get(_key(declared), set()) if declared else _by_columns(rows, standard)
        if len(whole) != 1:
            rows.require_element(declared, _near_declared(rows, standard, declared))
        if declared is None:
            name = standard.element(min(whole)).name
            text = message("facility_table.element_guessed", source=rows.source, element=name)
            rows.told.append(
                notice("facility_table.element_guessed", text, (rows.source,), "warning")
            )
        return [min(whole)] * len(rows)
    words = ElementWords(standard)
    found = []
    others: list[int] = []
    for position in range(len(rows)):
        key = _key(rows.get(position, "element"))
        meant = known.get(key, set())
        if len(meant) != 1 and key in _elsewhere():
            others.append(position)
        elif len(meant) != 1:
            _refuse(rows, position, standard, words)
        found.append(min(meant) if len(meant) == 1 else NOT_OURS)
    if others:
        _tell_others(rows, others, standard)
    return found


def _refuse(rows: Rows, position: int, standard: ServiceStandard, words: ElementWords) -> None:
    """Add the cell to the problems, with the elements that it may mean."""
    near = words.near(rows.get(position, "element"))
    if near:
        proposal = _proposal(near, standard)
        rows.problem(position, "element", "facility_table.bad_element.near", proposal=proposal)
    else:
        rows.problem(position, "element", "facility_table.bad_element")


def _proposal(near: tuple[str, ...], standard: ServiceStandard) -> Joined:
    names = (standard.element(one).name for one in near)
    return Joined(tuple(message("facility_table.proposal", name=name) for name in names))


def _near_declared(rows: Rows, standard: ServiceStandard, declared: str | None) -> Message | None:
    """Return what to write instead of the `declared` element, where one is near."""
    near = ElementWords(standard).near(declared) if declared else ()
    if not near:
        return None
    return message(
        "facility_table.declare_near.remedy",
        proposal=_proposal(near, standard),
        source=rows.source,
        first=near[0],
    )


def _tell_others(rows: Rows, positions: list[int], standard: ServiceStandard) -> None:
    """Tell how many rows are of elements that only other packaged standards have."""
    if len(positions) == len(rows):
        for position in positions:
            rows.problem(position, "element", "facility_table.bad_element")
        return
    names = Counter(rows.get(position, "element") for position in positions)
    text = message(
        "facility_table.other_elements",
        source=rows.source,
        count=len(positions),
        standard=standard.id,
        elements=", ".join(f"{name} ({count})" for name, count in sorted(names.items())),
    )
    rows.told.append(notice("facility_table.other_elements", text, (rows.source,), "warning"))


@lru_cache(maxsize=1)
def _elsewhere() -> frozenset[str]:
    """Return the names of all elements of all packaged standards, optional ones too."""
    return frozenset(
        key
        for one in packaged_standards()
        for standard in (read_standard(one),)
        for element in (*standard.elements, *standard.available)
        for key in _keys(element)
    )


def _known(standard: ServiceStandard) -> dict[str, set[str]]:
    known: dict[str, set[str]] = {}
    for element in standard.elements:
        for key in _keys(element):
            known.setdefault(key, set()).add(element.id)
    return known


def _keys(element: Element) -> set[str]:
    names = (element.name.zh, element.name.en)
    return {_key(text) for text in (element.id, *names)} | {
        _key(plain(text).split("(")[0]) for text in names
    }


def _by_columns(rows: Rows, standard: ServiceStandard) -> set[str]:
    owners = Counter(column for one in standard.elements for column in set(one.planner_columns))
    return {
        one.id
        for one in standard.elements
        if sum(owners[name] == 1 and name in rows.columns for name in set(one.planner_columns))
        >= _TELLING_COLUMNS
    }


def _key(text: str) -> str:
    return plain(text).replace(" ", "").replace("_", "").replace("-", "")
