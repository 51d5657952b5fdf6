"""Profiles that inherit: a standard that states only what it changes of another one.

Pure: documents come as trees of :class:`Node`, so that every value still knows the line or cell in
which it stands, whichever file that is. ``analysis.sources.standards`` opens the files.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any, Final

from analysis.errors import one_of
from analysis.messages import Message, message
from analysis.standard.checkable_layers import ELEMENT_LAYER
from analysis.standard.problem import Path, Problem

EXTENDS: Final = "extends"
REMOVE: Final = "remove"
AT_VERSION: Final = "@"  # between the parent's name and the version it was written against
ENTRIES: Final = ("elements", "optional_extensions")
# What says who speaks: nobody may pass off another profile's name, version or official standing.
IDENTITY: Final = (
    "id", "title_zh", "title_en", "official", "status", "statement_zh", "statement_en", "version",
)  # fmt: skip
# An element that is not the parent's is new, and then needs all of these.
NEW_ELEMENT: Final = (
    "name_zh", "category", "tier", "treatment", "walk_threshold", "coverage", "osm",
    "planner_columns",
)  # fmt: skip
_ROW_KEYS: Final = ("id", "metric", "group")  # what names a row of a list in ``remove``
_SHARING: Final = ("compatible_with", "incompatible_with")  # hold a list of other elements
# Numbers, and what must stand beside them where a child changes them.
_VOUCHED: Final[tuple[tuple[tuple[str, ...], tuple[str, str]], ...]] = (
    (
        (
            "value",
            "range",
            "metres",
            "minutes",
            "target",
            "building_m2",
            "land_m2",
            "up",
            "down",
            "elements",
            "price_year",
        ),
        ("source", "confidence"),
    ),
    (("acceptable",), ("acceptable_source", "acceptable_confidence")),
)


@dataclass(frozen=True, slots=True)
class Place:
    """Where a value stands: a line of a file, or a cell where `sheet` is not empty."""

    source: str = ""
    line: int = 1
    sheet: str = ""
    column: str = ""


@dataclass(frozen=True, slots=True)
class PlacedProblem:
    """A problem and where it stands."""

    place: Place
    problem: Problem


@dataclass(slots=True)
class Node:
    """One value of a document with its place; a mapping or list holds nodes."""

    value: Any
    place: Place


def plant(value: object, place_of: Callable[[Path], Place], path: Path = ()) -> Node:
    """Return `value` as nodes; `place_of` tells where the value at a path stands."""
    place = place_of(path)
    if isinstance(value, dict):
        grown = {key: plant(one, place_of, (*path, key)) for key, one in value.items()}
        return Node(grown, place)
    if isinstance(value, list):
        return Node([plant(one, place_of, (*path, i)) for i, one in enumerate(value)], place)
    return Node(value, place)


def plain(node: Node) -> Any:
    """Return the plain value of `node`."""
    if isinstance(node.value, dict):
        return {key: plain(one) for key, one in node.value.items()}
    if isinstance(node.value, list):
        return [plain(one) for one in node.value]
    return node.value


def places(node: Node, path: Path = ()) -> dict[Path, Place]:
    """Return the place of every value by its path."""
    found = {path: node.place}
    children: Any = ()
    if isinstance(node.value, dict):
        children = node.value.items()
    elif isinstance(node.value, list):
        children = enumerate(node.value)
    for key, one in children:
        found |= places(one, (*path, key))
    return found


def nearest_place(found: Mapping[Path, Place], path: Path) -> Place:
    """Return the place of `path`, or of the nearest enclosing value that has one."""
    for end in range(len(path), -1, -1):
        if path[:end] in found:
            return found[path[:end]]
    return Place()


def inherit(parent: Node, child: Node) -> tuple[Node, tuple[PlacedProblem, ...]]:
    """Return `parent` with all that `child` states put over it; also what is wrong with that.

    Mappings merge key by key; elements and other lists whose entries all have an ``id`` merge by
    it, new entries follow at the end; every other list and value is replaced whole. ``remove``
    takes away elements by id, also out of what others say of them, and single fields by a dotted
    path. Not inherited: who the profile is (:data:`IDENTITY`), the counts of its categories, and
    the note of a number that is changed. Neither argument is changed.
    """
    problems: list[PlacedProblem] = []
    base = _copied(parent)
    _forget_identity(base, child)
    before = _mentioned(base)
    for node in _removals(child, problems):
        _remove(base, node, problems)
    _forget(base, before - _mentioned(base))
    stated = {key: one for key, one in child.value.items() if key not in (EXTENDS, REMOVE)}
    merged = _merged(base, Node(stated, child.place), (), problems)
    return merged, tuple(problems)


def _copied(node: Node) -> Node:
    if isinstance(node.value, dict):
        return Node({key: _copied(one) for key, one in node.value.items()}, node.place)
    if isinstance(node.value, list):
        return Node([_copied(one) for one in node.value], node.place)
    return Node(node.value, node.place)


def _forget_identity(base: Node, child: Node) -> None:
    profile, own = base.value.get("profile"), child.value.get("profile")
    if profile is None or not isinstance(profile.value, dict):
        return
    profile.place = child.place if own is None else own.place
    for key in IDENTITY:
        profile.value.pop(key, None)
    categories = profile.value.get("categories")
    for one in categories.value if categories and isinstance(categories.value, list) else ():
        if isinstance(one.value, dict):
            one.value.pop("elements", None)


def _removals(child: Node, problems: list[PlacedProblem]) -> list[Node]:
    given = child.value.get(REMOVE)
    if given is None:
        return []
    if isinstance(given.value, list) and all(isinstance(one.value, str) for one in given.value):
        return list(given.value)
    reason, remedy = message("standard.remove.form"), message("standard.remove.form.remedy")
    problems.append(PlacedProblem(given.place, Problem((REMOVE,), reason, remedy)))
    return []


def _remove(base: Node, wanted: Node, problems: list[PlacedProblem]) -> None:
    """Take the element, or the value at the dotted path, out of `base`."""
    first, *rest = wanted.value.split(".")
    holder: Node | None = base
    key: str = first
    if first not in base.value:
        holder = next(
            (base.value[one] for one in ENTRIES if _entry(base.value.get(one), first)), None
        )
    for part in rest:
        holder = _child(holder, key)
        key = part
    found = _child(holder, key)
    if found is None or holder is None:
        reason = message("standard.remove.unknown")
        remedy = _near(wanted.value.split(".")[0], _ids(base))
        problems.append(
            PlacedProblem(wanted.place, Problem((REMOVE,), reason, remedy, wanted.value))
        )
    elif isinstance(holder.value, dict):
        del holder.value[key]
    else:
        holder.value = [one for one in holder.value if one is not found]


def _forget(base: Node, gone: set[str]) -> None:
    """Take elements and metrics that are `gone` out of what others say of them.

    They leave shared sites and priorities; a siting rule that measures to one keeps its text alone.
    """
    profile = _child(base, "profile")
    entries = [one for key in ENTRIES for one in _rows(_child(base, key))]
    holders = [_child(one, key) for one in entries for key in _SHARING]
    for holder in (*holders, *_rows(_child(profile, "priority_rule"))):
        for key in ("elements", "metrics"):
            named = _child(holder, key)
            if named is not None:
                named.value = [one for one in _rows(named) if str(one.value) not in gone]
    rules = [one for entry in entries for one in _rows(_child(entry, "siting"))]
    for one in (*rules, *_rows(_child(profile, "common_siting"))):
        layer = _child(one, "layer")
        if layer is not None and str(layer.value).removeprefix(ELEMENT_LAYER) in gone:
            for key in ("layer", "op", "value"):
                one.value.pop(key, None)


def _rows(node: Node | None) -> list[Node]:
    return node.value if node is not None and isinstance(node.value, list) else []


def _mentioned(base: Node) -> set[str]:
    """Return the ids of all elements and metrics."""
    metrics = _rows(_child(_child(base, "profile"), "metric_catalogue"))
    return {*_ids(base), *(_id_of(one) or "" for one in metrics)}


def _child(holder: Node | None, key: str) -> Node | None:
    if holder is not None and isinstance(holder.value, dict):
        found = holder.value.get(key)
        return found if isinstance(found, Node) else None
    return _entry(holder, key)


def _entry(rows: Node | None, entry_id: str) -> Node | None:
    if rows is None or not isinstance(rows.value, list):
        return None
    for key in _ROW_KEYS:
        for one in rows.value:
            if _id_of(one, key) == entry_id:
                return one if isinstance(one, Node) else None
    return None


def _id_of(node: Node, key: str = "id") -> str | None:
    found = node.value.get(key) if isinstance(node.value, dict) else None
    return found.value if found is not None and isinstance(found.value, str) else None


def _ids(base: Node) -> list[str]:
    rows = [base.value[one].value for one in ENTRIES if one in base.value]
    return [_id_of(one) or "" for row in rows if isinstance(row, list) for one in row]


def _near(wanted: str, known: list[str]) -> Message:
    close = get_close_matches(wanted, known, n=3, cutoff=0.5) or sorted(known)
    return message("standard.inherit.near.remedy", allowed=one_of(tuple(close)))


def _merged(parent: Node, child: Node, path: Path, problems: list[PlacedProblem]) -> Node:
    if isinstance(parent.value, dict) and isinstance(child.value, dict):
        return _merged_mapping(parent, child, path, problems)
    if isinstance(parent.value, list) and isinstance(child.value, list) and child.value:
        ids = [_id_of(one) for one in (*parent.value, *child.value)]
        if None not in ids:
            return _merged_entries(parent, child, path, problems)
    return child


def _merged_mapping(parent: Node, child: Node, path: Path, problems: list[PlacedProblem]) -> Node:
    merged = dict(parent.value)
    for numbers, (source, confidence) in _VOUCHED:
        changed = [
            key
            for key in numbers
            if key in child.value and plain(child.value[key]) != _plain_or_none(parent, key)
        ]
        if not changed or source not in parent.value:
            continue
        if "note" not in child.value:
            merged.pop("note", None)  # it was said of the number that is no longer there
        for lacking in (source, confidence):
            if lacking not in child.value:
                reason = message("standard.inherit.unvouched", field=changed[0])
                remedy = message("standard.inherit.unvouched.remedy", field=lacking)
                place = child.value[changed[0]].place
                problems.append(PlacedProblem(place, Problem((*path, lacking), reason, remedy)))
    for key, one in child.value.items():
        merged[key] = (
            _merged(parent.value[key], one, (*path, key), problems) if key in parent.value else one
        )
    return Node(merged, child.place)


def _plain_or_none(node: Node, key: str) -> Any:
    found = node.value.get(key)
    return None if found is None else plain(found)


def _merged_entries(parent: Node, child: Node, path: Path, problems: list[PlacedProblem]) -> Node:
    rows: dict[str, Node] = {_id_of(one) or "": one for one in parent.value}
    own: dict[str, int] = {}
    for number, one in enumerate(child.value):
        name = _id_of(one) or ""
        if name in own:
            remedy = message("standard.repeated_id.remedy", first=own[name] + 1)
            problem = Problem((*path, name), message("standard.repeated_id"), remedy, name)
            problems.append(PlacedProblem(one.value["id"].place, problem))
            continue
        own[name] = number
        if name in rows:
            place = (*path, list(rows).index(name))
            rows[name] = _merged(rows[name], one, place, problems)
        elif path == ("elements",) and any(key not in one.value for key in NEW_ELEMENT):
            lacking = tuple(key for key in NEW_ELEMENT if key not in one.value)
            reason = message("standard.inherit.unknown", missing=one_of(lacking))
            problem = Problem((*path, name), reason, _near(name, list(rows)), name)
            problems.append(PlacedProblem(one.value["id"].place, problem))
        else:
            rows[name] = one
    return Node(list(rows.values()), child.place)
