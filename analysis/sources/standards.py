"""Open a service standard: packaged, a planner's YAML file or workbook; checked before use."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from importlib import resources
from pathlib import Path
from typing import Any, Final

from analysis.errors import InvalidStandardError, SourceDataError, SourceUnavailableError, one_of
from analysis.messages import Message, message
from analysis.notices import Notice
from analysis.sources.standard_problems import problem_text
from analysis.sources.standard_schema import schema_problems
from analysis.sources.standard_versions import (
    no_version,
    other_version,
    pinned,
    same_version,
    version_of,
)
from analysis.sources.yaml_lines import read_yaml
from analysis.standard.checks import standard_problems
from analysis.standard.inheritance import (
    EXTENDS,
    REMOVE,
    Node,
    Place,
    PlacedProblem,
    inherit,
    nearest_place,
    places,
    plain,
    plant,
)
from analysis.standard.parsing import parse_standard
from analysis.standard.problem import Problem
from analysis.standard.profile import ServiceStandard

PACKAGED: Final = "living_circle_25"
MAX_BYTES: Final = 2_000_000
MAX_GENERATIONS: Final = 8
_PACKAGE: Final = "analysis.standards"
_PLAIN_NAME: Final = re.compile(r"[a-z][a-z0-9_]*")
_FILE_BESIDE: Final = re.compile(r"[^/\\:\x00]{1,200}\.ya?ml", re.IGNORECASE)
_WORKBOOK: Final = b"PK\x03\x04"


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenedStandard:
    """A checked standard with the document that it was parsed from.

    `document` is resolved: it names no other profile. `lineage` lists the profiles that it
    inherits from, the nearest first, `parent_versions` the version of each. `notices` warn of a
    parent whose version is not the one that its child was written against, and of a file that has
    the id and version of a packaged standard, but another content.
    """

    standard: ServiceStandard
    document: Mapping[str, Any]
    lineage: tuple[str, ...]
    notices: tuple[Notice, ...] = ()
    parent_versions: tuple[str, ...] = ()


@dataclass(slots=True)
class _Draft:
    """A document on its way: resolved as far as it goes, with all that is wrong."""

    name: str
    tree: Node | None = None
    lineage: tuple[str, ...] = ()
    problems: list[PlacedProblem] = field(default_factory=list)
    notices: list[Notice] = field(default_factory=list)
    parent_versions: tuple[str, ...] = ()


def packaged_standards() -> tuple[str, ...]:
    """Return the names of the packaged standards, sorted."""
    files = resources.files(_PACKAGE).iterdir()
    return tuple(sorted(f.name.removesuffix(".yaml") for f in files if f.name.endswith(".yaml")))


def read_standard(
    source: str | Path | None = None, extensions: Sequence[str] = ()
) -> ServiceStandard:
    """Read a standard and check it whole.

    Parameters
    ----------
    source
        None for the packaged ``living_circle_25``, the name of a packaged standard, or the path of
        a YAML file or workbook.
    extensions
        Ids of its optional elements that are switched on.

    Raises
    ------
    SourceUnavailableError
        No such file, and no packaged standard of that name.
    SourceDataError
        Larger than 2 MB, not UTF-8, or a damaged workbook.
    InvalidStandardError
        Its `problems` lists everything that is wrong, each with line or cell, element, field,
        value and remedy; `row` is the place of the first.
    InvalidParameterError
        The standard has no optional element of that id.
    """
    return open_standard(source, extensions).standard


def open_standard(
    source: str | Path | None = None, extensions: Sequence[str] = ()
) -> OpenedStandard:
    """Read a standard as :func:`read_standard` does, and return its resolved document too."""
    draft = _draft(source)
    packaged = draft.name in packaged_standards()  # checked before it was packaged
    found = draft.problems if packaged else _all_problems(draft)
    if found or draft.tree is None:
        first = found[0].place
        raise InvalidStandardError(
            message("standard.invalid", count=len(found)),
            problems=_texts(draft, found),
            remedy=message("standard.invalid.remedy"),
            source=draft.name,
            row=f"{first.sheet}!{first.column}{first.line}" if first.sheet else first.line,
        )
    document: dict[str, Any] = plain(draft.tree)
    told = () if packaged else _passed_off(parse_standard(document), Path(draft.name).name)
    return OpenedStandard(
        standard=parse_standard(document, extensions),
        document=document,
        lineage=draft.lineage,
        notices=(*draft.notices, *told),
        parent_versions=draft.parent_versions,
    )


def _passed_off(own: ServiceStandard, name: str) -> tuple[Notice, ...]:
    """Warn where a file says that it is a packaged standard of this version, and is not."""
    if own.id not in packaged_standards():
        return ()
    return same_version(own, name, open_standard(own.id).standard)


def validate_standard(path: str | Path) -> tuple[Message, ...]:
    """Return all problems of a standard's file, in the order of its lines; empty when it is good.

    Problems of a profile that it inherits from follow after its own. Raises
    :class:`SourceUnavailableError` or :class:`SourceDataError` where it cannot be read at all.
    """
    draft = _draft(path)
    return _texts(draft, _all_problems(draft))


def _draft(source: str | Path | None) -> _Draft:
    """Read `source` and every profile that it inherits from, and put them together."""
    name, data = _bytes(source)
    draft = _Draft(name)
    own = _tree(name, data, draft.problems)
    chain: list[Node] = [] if own is None else [own]
    names = [_key(name)]
    while own is not None and isinstance(own.value, dict) and EXTENDS in own.value:
        parent = _parent(own.value[EXTENDS], draft, names)
        if parent is None:
            return draft
        own = parent
        chain.append(own)
    draft.lineage = tuple(names[1:])
    draft.parent_versions = tuple(version_of(one) for one in chain[1:])
    if own is None:
        return draft
    if isinstance(own.value, dict) and REMOVE in own.value:
        place, remedy = own.value[REMOVE].place, message("standard.remove.alone.remedy")
        problem = Problem((REMOVE,), message("standard.remove.alone"), remedy)
        draft.problems.append(PlacedProblem(place, problem))
    for child in reversed(chain[:-1]):
        own, wrong = inherit(own, child)
        draft.problems += wrong
    draft.tree = own
    return draft


def _parent(named: Node, draft: _Draft, names: list[str]) -> Node | None:
    """Return the profile that `named` extends; None, with a problem, where it cannot be had."""
    wanted, version = pinned(named.value)
    inside = names[-1] in packaged_standards()
    is_packaged = isinstance(wanted, str) and wanted in packaged_standards()
    beside = isinstance(wanted, str) and not inside and _FILE_BESIDE.fullmatch(wanted)
    allowed = one_of(packaged_standards())
    if not is_packaged and not beside:
        reason = message("standard.extends")
        remedy = message("standard.extends.remedy", allowed=allowed)
    else:
        path = wanted if is_packaged else str(Path(names[-1]).parent / wanted)
        if _key(path) in names or len(names) >= MAX_GENERATIONS:
            reason = message("standard.extends.cycle", limit=MAX_GENERATIONS)
            remedy = message("standard.extends.cycle.remedy")
        else:
            try:
                tree = _tree(path, _bytes(path)[1], draft.problems)
            except SourceUnavailableError:
                reason = message("standard.extends.missing")
                remedy = message("standard.extends.remedy", allowed=allowed)
            else:
                names.append(_key(path))
                if tree is None or not isinstance(tree.value, dict):
                    return None
                if version == "":
                    wrong = Problem((EXTENDS,), *no_version(tree, wanted), str(named.value))
                    draft.problems.append(PlacedProblem(named.place, wrong))
                draft.notices += other_version(tree, Path(path).name, version, names[-2])
                return tree
    shown = str(wanted) if isinstance(wanted, str | int | float) else ""
    draft.problems.append(
        PlacedProblem(named.place, Problem((EXTENDS,), reason, remedy, shown))
    )  # fmt: skip
    return None


def _key(name: str) -> str:
    """Return one name for one file, however it is written."""
    return name if name in packaged_standards() else str(Path(name).resolve())


def _bytes(source: str | Path | None) -> tuple[str, bytes]:
    name = PACKAGED if source is None else str(source)
    if _PLAIN_NAME.fullmatch(name) and name in packaged_standards():
        return name, resources.files(_PACKAGE).joinpath(f"{name}.yaml").read_bytes()
    try:
        with Path(name).open("rb") as file:
            data = file.read(MAX_BYTES + 1)
    except (OSError, ValueError) as error:
        raise SourceUnavailableError(
            message("standard.missing"),
            remedy=message("standard.missing.remedy", names=one_of(packaged_standards())),
            source=name,
            value=None if isinstance(error, FileNotFoundError) else type(error).__name__,
        ) from error
    if len(data) > MAX_BYTES:
        remedy = message("standard.too_large.remedy")
        limit = message("standard.too_large", limit_mb=MAX_BYTES // 1_000_000)
        raise SourceDataError(limit, remedy=remedy, source=name)
    return name, data


def _tree(name: str, data: bytes, problems: list[PlacedProblem]) -> Node | None:
    """Return the document in `data` with the place of each value; what is wrong is appended."""
    if data.startswith(_WORKBOOK):
        from analysis.sources.standard_workbook import read_standard_workbook  # noqa: PLC0415 - slow

        tree, wrong = read_standard_workbook(Path(name))
        problems += wrong
        return tree
    if b"\0" in data:
        raise SourceDataError(
            message("standard.binary"), remedy=message("standard.foreign.remedy"), source=name
        )
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        row = data[: error.start].count(b"\n") + 1
        reason, remedy = message("standard.encoding"), message("standard.encoding.remedy")
        raise SourceDataError(reason, remedy=remedy, source=name, row=row) from error
    read = read_yaml(text)
    for fault in read.faults:
        problem = Problem(fault.path, fault.reason, fault.remedy, fault.value)
        problems.append(PlacedProblem(Place(name, fault.line), problem))
    if read.value is not None and not isinstance(read.value, dict):
        reason, remedy = message("standard.no_mapping"), message("standard.foreign.remedy")
        problems.append(PlacedProblem(Place(name, 1), Problem((), reason, remedy)))
        return None
    if read.value is None:
        if not read.faults:
            reason, remedy = message("standard.empty"), message("standard.empty.remedy")
            problems.append(PlacedProblem(Place(name), Problem((), reason, remedy)))
        return None
    return plant(read.value, lambda path: Place(name, read.line(path)))


def _all_problems(draft: _Draft) -> list[PlacedProblem]:
    """Return what is wrong, the file's own lines first, each in the order of its lines."""
    found = list(draft.problems)
    if draft.tree is not None:
        document, where = plain(draft.tree), places(draft.tree)
        found += [
            PlacedProblem(nearest_place(where, problem.path), problem)
            for problem in (*schema_problems(document), *standard_problems(document))
        ]
    found.sort(
        key=lambda one: (
            one.place.source != draft.name, one.place.source, one.place.sheet, one.place.line,
            tuple(map(str, one.problem.path)), one.problem.reason.key, one.problem.value,
        )
    )  # fmt: skip
    return found


def _texts(draft: _Draft, found: list[PlacedProblem]) -> tuple[Message, ...]:
    document = None if draft.tree is None else plain(draft.tree)
    return tuple(problem_text(draft.name, document, one) for one in found)
