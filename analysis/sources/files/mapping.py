"""What a planner declares about columns: ``--mapping``, before any guessing.

Two forms. In one line: ``facilities.csv:学校全称=name,学位=capacity,备注=-``; in a YAML file::

    facilities.csv:
      学校全称: name
      学位: capacity
      备注: null        # leave it unread

The part before the colon is a file's name without its folder; ``-`` (or null) leaves a column
unread. ``*=小学`` says that every row of a facility table is of that element. Meanings are
canonical
names or their synonyms (``columns.yaml``).
"""

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import yaml

from analysis.coordinates.reading import AS_WRITTEN, CoordinateReading
from analysis.errors import InvalidParameterError, one_of
from analysis.messages import Message, message
from analysis.places.planner_tables import Role
from analysis.sources.files.columns import meaning_of, wanted_columns
from analysis.sources.files.tables import check_file

OPTION: Final = "--mapping"
EVERY_ROW: Final = "*"  # not a column: the element of all rows
_MAX_BYTES: Final = 2**20
_UNREAD: Final = ("-", "－", "")
_PAIR: Final = re.compile(r"\s*(.+?)\s*[=＝]\s*(.*?)\s*")


@dataclass(frozen=True, slots=True)
class ColumnMapping:
    """By file name: column → meaning as written, None to leave the column unread.

    `coordinates` says how those of a file, by its name or role, are declared to be read.
    """

    by_file: Mapping[str, Mapping[str, str | None]] = field(default_factory=dict)
    coordinates: Mapping[str, CoordinateReading] = field(default_factory=dict)

    def reading_of(self, source: str, role: str) -> CoordinateReading:
        """Return how the coordinates of the file `source` are read; its name goes before `role`."""
        return self.coordinates.get(source, self.coordinates.get(role, AS_WRITTEN))

    def of(self, source: str, role: Role, columns: Iterable[str]) -> dict[str, str | None]:
        """Return what is declared for the file `source`: column → canonical name or None.

        Raises :class:`InvalidParameterError` for a column that the file does not have, a meaning
        that files of this `role` do not have, and two columns with one meaning.
        """
        columns, possible = tuple(columns), wanted_columns(role)
        declared: dict[str, str | None] = {}
        for column, text in self.by_file.get(source, {}).items():
            if column == EVERY_ROW and role == "facilities":
                continue
            if column not in columns:
                raise _refused("mapping.no_column", column, source, allowed=columns)
            meaning = None if text is None else meaning_of(text, possible)
            if text is not None and meaning is None:
                raise _refused("mapping.no_meaning", text, source, allowed=possible)
            declared[column] = meaning
        counts = Counter(one for one in declared.values() if one is not None)
        for meaning, count in counts.items():
            if count > 1:
                both = tuple(column for column, one in declared.items() if one == meaning)
                raise _refused("mapping.twice", meaning, source, allowed=both)
        return declared

    def element_of(self, source: str) -> str | None:
        """Return the element that all rows of a facility table are declared to be of."""
        return self.by_file.get(source, {}).get(EVERY_ROW)


def is_mapping_file(value: str) -> bool:
    """Return whether a value of ``--mapping`` names a YAML file."""
    return Path(value).suffix.lower() in (".yaml", ".yml")


def read_mapping(values: Sequence[str], files: Iterable[Path]) -> ColumnMapping:
    """Return what all `values` of ``--mapping`` declare together.

    Raises :class:`InvalidParameterError` for text that is neither form, a file that is not among
    `files`, and a column that is declared twice differently.
    """
    names = tuple(dict.fromkeys(path.name for path in files))
    by_file: dict[str, dict[str, str | None]] = {}
    for value in values:
        declared = _from_yaml(Path(value)) if is_mapping_file(value) else _from_text(value)
        for source, pairs in declared.items():
            if source not in names:
                raise _refused("mapping.no_file", source, OPTION, allowed=names)
            known = by_file.setdefault(source, {})
            for column, meaning in pairs.items():
                if known.get(column, meaning) != meaning:
                    raise _refused("mapping.both", column, source, allowed=(str(meaning),))
                known[column] = meaning
    return ColumnMapping(by_file)


def _from_text(value: str) -> dict[str, dict[str, str | None]]:
    source, colon, rest = value.replace("：", ":").partition(":")
    pairs: dict[str, str | None] = {}
    for part in re.split("[,，]", rest):
        found = _PAIR.fullmatch(part)
        if not colon or found is None or found.group(1) in pairs:
            raise _unreadable(value, message("mapping.form"))
        pairs[found.group(1)] = None if found.group(2) in _UNREAD else found.group(2)
    return {source.strip(): pairs}


def _from_yaml(path: Path) -> dict[str, dict[str, str | None]]:
    check_file(path, _MAX_BYTES)
    try:
        document = yaml.load(path.read_text("utf-8-sig"), Loader=yaml.CSafeLoader)
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        first = str(error).replace("\n", " ")
        raise _unreadable(first, message("mapping.yaml"), path.name) from error
    read: dict[str, dict[str, str | None]] = {}
    for source, pairs in document.items() if isinstance(document, dict) else ((None, None),):
        if not isinstance(pairs, dict) or any(
            isinstance(one, list | dict) for one in pairs.values()
        ):
            raise _unreadable(str(source), message("mapping.yaml"), path.name)
        read[str(source)] = {
            str(column): None if text is None or str(text) in _UNREAD else str(text)
            for column, text in pairs.items()
        }
    return read


def _refused(
    key: str, value: str, source: str, *, allowed: tuple[str, ...]
) -> InvalidParameterError:
    reason = message(key, value=value, allowed=one_of(allowed), option=OPTION)
    return InvalidParameterError(
        reason, remedy=message("mapping.remedy"), source=source, value=value
    )


def _unreadable(value: str, reason: Message, source: str = OPTION) -> InvalidParameterError:
    return InvalidParameterError(
        reason, remedy=message("mapping.remedy"), source=source, value=value
    )
