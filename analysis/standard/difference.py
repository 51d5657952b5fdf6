"""What differs between two standards, field by field, in words.

Pure: both documents are plain and resolved (:func:`analysis.sources.standards.open_standard`).
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final, Literal

from analysis.messages import Message, Name, Spoken, message
from analysis.standard.fields import FieldLabel, FieldPath, FieldValue

ChangeKind = Literal["added", "removed", "changed"]
_ENTRIES: Final = ("elements", "optional_extensions")
_KEYS: Final = ("id", "metric", "group", "rank", "name")  # what tells the rows of a list apart
_PROFILE: Final = "profile"
_CATEGORIES: Final = "categories"
_LISTS: Final = ("path_costs", "priority_rule", "dimensions", _CATEGORIES)
_NAMED: Final = ("attributes", "metric_catalogue")  # their ids stand elsewhere too


@dataclass(frozen=True, slots=True, kw_only=True)
class StandardChange:
    """One difference.

    Attributes
    ----------
    kind
        ``added`` and ``removed`` name what only one of the two has, ``changed`` what both have.
    element_id
        The element; empty where the change is of the profile, its sources or its categories.
    element
        The element's name; None where `element_id` is empty.
    path
        Keys below the element (else from the root); rows of a list by their id, metric or group.
        Empty where a whole element is added or removed.
    old, new
        Plain values; None where there is none.
    names
        As :func:`names_by_id` has them, so that `text` needs no id.
    """

    kind: ChangeKind
    element_id: str
    element: Name | None
    path: FieldPath
    old: Any = None
    new: Any = None
    names: Mapping[str, Name] = field(default_factory=dict, compare=False, repr=False)

    @property
    def text(self) -> Message:
        """Return the change in words, such as ``小学 步行距离 500 m → 800 m``."""
        subject: Spoken | str = self.element or message("standard.diff.profile")
        if not self.path:
            return message(f"standard.diff.element.{self.kind}", subject=subject)
        return message(
            f"standard.diff.{self.kind}",
            subject=subject,
            field=FieldLabel(self.path, self.names),
            old=FieldValue(self.path, self.old, self.names),
            new=FieldValue(self.path, self.new, self.names),
        )


def standard_changes(old: Mapping[str, Any], new: Mapping[str, Any]) -> tuple[StandardChange, ...]:
    """Return all differences: the profile's first, then element by element in `new`'s order.

    Layout, the order of keys and the order of rows that have an id do not count, as little as
    ``1`` and ``1.0``, and how many elements a category says that it has: they are told one by one.
    No other change gives an empty tuple.
    """
    rest = [_without_counts(one) for one in (old, new)]
    names = names_by_id(old) | names_by_id(new)
    changes = [
        StandardChange(kind=kind, element_id="", element=None, path=_short(path), old=a, new=b)
        for kind, path, a, b in _differences(rest[0], rest[1], ())
    ]
    before, after = _entries(old), _entries(new)
    for one in (*after, *(one for one in before if one not in after)):
        changes += _element_changes(one, before.get(one), after.get(one))
    return tuple(replace(one, names=names) for one in changes)


def names_by_id(document: Mapping[str, Any]) -> dict[str, Name]:
    """Return names by id: elements, metrics, attributes; and by list and id, as *categories.sport*.

    The second tell apart what has one id in several lists.
    """
    profile = document.get(_PROFILE) or {}
    rows = [
        (key, one["id"], Name(one.get("zh", ""), one.get("en", "")))
        for key in (*_LISTS, *_NAMED)
        for one in profile.get(key, ())
    ]
    elements = [one for key in reversed(_ENTRIES) for one in document.get(key, ())]
    return (
        {f"{key}.{row_id}": name for key, row_id, name in rows}
        | {row_id: name for key, row_id, name in rows if key in _NAMED}
        | {one["id"]: Name(one.get("name_zh", one["id"]), one.get("name_en", ""))
           for one in elements}
    )  # fmt: skip


def _without_counts(document: Mapping[str, Any]) -> dict[str, Any]:
    """Return all but the elements, categories without the number of theirs."""
    rest = {key: one for key, one in document.items() if key not in _ENTRIES}
    profile = rest.get(_PROFILE)
    if isinstance(profile, Mapping) and isinstance(profile.get(_CATEGORIES), list):
        rows = [{k: v for k, v in one.items() if k != "elements"} for one in profile[_CATEGORIES]]
        rest[_PROFILE] = {**profile, _CATEGORIES: rows}
    return rest


def _entries(document: Mapping[str, Any]) -> dict[str, Mapping[str, Any]]:
    return {
        one["id"]: {**one, "optional": True} if key == _ENTRIES[1] else one
        for key in reversed(_ENTRIES)
        for one in document.get(key, ())
    }  # fmt: skip


def _element_changes(
    element_id: str, old: Mapping[str, Any] | None, new: Mapping[str, Any] | None
) -> Iterator[StandardChange]:
    told = new or old or {}
    name = Name(told.get("name_zh", element_id), told.get("name_en", ""))
    if old is None or new is None:
        kind: ChangeKind = "added" if old is None else "removed"
        yield StandardChange(kind=kind, element_id=element_id, element=name, path=(), old=old,
                             new=new)  # fmt: skip
        return
    for which, path, a, b in _differences(old, new, ()):
        yield StandardChange(
            kind=which, element_id=element_id, element=name, path=path, old=a, new=b
        )


def _differences(
    old: Any, new: Any, path: FieldPath
) -> Iterator[tuple[ChangeKind, FieldPath, Any, Any]]:
    if isinstance(old, Mapping) and isinstance(new, Mapping):
        yield from _of_mappings(old, new, path)
        return
    if isinstance(old, list) and isinstance(new, list):
        key = _row_key(old, new)
        if key is not None:
            rows = [{str(one[key]): one for one in given} for given in (old, new)]
            yield from _of_mappings(rows[0], rows[1], path)
            return
    if not _same(old, new):
        yield "changed", path, old, new


def _of_mappings(
    old: Mapping[str, Any], new: Mapping[str, Any], path: FieldPath
) -> Iterator[tuple[ChangeKind, FieldPath, Any, Any]]:
    for key in dict.fromkeys((*new, *old)):
        below = (*path, str(key))
        if key not in old:
            yield "added", below, None, new[key]
        elif key not in new:
            yield "removed", below, old[key], None
        else:
            yield from _differences(old[key], new[key], below)


def _row_key(old: Sequence[Any], new: Sequence[Any]) -> str | None:
    """Return the key that tells all rows of both lists apart; None where there is none."""
    rows = (*old, *new)
    if not rows or not all(isinstance(one, Mapping) for one in rows):
        return None
    for key in _KEYS:
        if all(isinstance(one.get(key), str | int) for one in rows) and all(
            len({str(one[key]) for one in given}) == len(given) for given in (old, new)
        ):
            return key
    return None


def _same(old: Any, new: Any) -> bool:
    """Compare so that 1 is 1.0, but true is not 1."""
    if isinstance(old, bool) != isinstance(new, bool):
        return False
    if isinstance(old, list) and isinstance(new, list):
        return len(old) == len(new) and all(map(_same, old, new))
    if isinstance(old, Mapping) and isinstance(new, Mapping):
        return old.keys() == new.keys() and all(_same(old[key], new[key]) for key in old)
    return bool(old == new)


def _short(path: FieldPath) -> FieldPath:
    """Return a path of the profile without its first key, which says nothing."""
    return path[1:] if path[:1] == (_PROFILE,) and len(path) > 1 else path
