"""``living-circle standard diff``: what changes between two standards, in words and in verdicts."""

# ruff: noqa: PLC0415 - what is heavy waits until the command runs, so that --help is fast

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from analysis.messages import Joined, Message, message
from service.commands.console import Speaker
from service.commands.options import (
    AsJson,
    CriterionChoice,
    Elevation,
    Lang,
    ModeChoice,
    Quiet,
    WalkerChoice,
)

if TYPE_CHECKING:
    from analysis.sources.standards import OpenedStandard
    from analysis.standard.difference import StandardChange


def diff(
    a: Annotated[str, typer.Argument(metavar="A", help="A name or a file. / 名称或文件")],
    b: Annotated[str, typer.Argument(metavar="B", help="A name or a file. / 名称或文件")],
    *,
    source: Annotated[
        Path | None,
        typer.Option(help="An extract to judge with both. / 用两个标准各评一遍的 OSM 数据文件"),
    ] = None,
    boundary: Annotated[Path | None, typer.Option(help="As in analyse. / 同 analyse")] = None,
    circles: Annotated[Path | None, typer.Option(help="As in analyse. / 同 analyse")] = None,
    facilities: Annotated[
        list[Path] | None, typer.Option(help="As in analyse; may be repeated. / 同 analyse，可多次")
    ] = None,
    facilities_mode: Annotated[
        ModeChoice, typer.Option(help="As in analyse. / 同 analyse")
    ] = ModeChoice.ADD,
    population: Annotated[Path | None, typer.Option(help="As in analyse. / 同 analyse")] = None,
    total_population: Annotated[
        float | None, typer.Option(help="As in analyse. / 同 analyse")
    ] = None,
    elevation: Elevation = None,
    criterion: Annotated[
        CriterionChoice | None,
        typer.Option(help="As in analyse; else the study's own. / 同 analyse；默认与研究相同"),
    ] = None,
    walker: Annotated[
        WalkerChoice | None,
        typer.Option(help="As in analyse; else the study's own. / 同 analyse；默认与研究相同"),
    ] = None,
    by_group: Annotated[
        bool | None,
        typer.Option(
            "--by-group/--no-by-group",
            help="As in analyse; else the study's own. / 同 analyse；默认与研究相同",
        ),
    ] = None,
    study: Annotated[
        Path | None,
        typer.Option(help="A saved study to judge with both. / 用两个标准各评一遍的已存研究"),
    ] = None,
    quiet: Quiet = False,
    as_json: AsJson = False,
    lang: Lang = None,
) -> None:
    """Compare two standards, and their verdicts on an extract or a study. / 比较两个标准."""
    from analysis.sources.request import InputRequest
    from analysis.sources.standards import open_standard
    from analysis.standard.difference import standard_changes
    from service.commands.standard_verdicts import both_read, both_rejudged, verdicts_told

    speaker = Speaker(lang, quiet=quiet, as_json=as_json)
    others = (boundary, circles, facilities, population, total_population, elevation)
    _check_inputs(source, study, others)
    opened = open_standard(a), open_standard(b)
    changes = standard_changes(opened[0].document, opened[1].document)
    _show_changes(speaker, opened, changes)
    result: dict[str, object] = {
        "a": _about(opened[0]), "b": _about(opened[1]),
        "warnings": [one.text(speaker.language) for one in _warnings(opened)],
        "changes": [_change(one) for one in changes],
    }  # fmt: skip
    given = {
        "criterion": None if criterion is None else criterion.value,
        "walker": None if walker is None else walker.value,
        "by_group": by_group,
    }
    chosen = {name: one for name, one in given.items() if one is not None}
    if study is not None:
        pair = both_rejudged(speaker, study, chosen, (a, b))
        result["verdicts"] = verdicts_told(speaker, pair, _origin(chosen))
    if source is not None:
        request = InputRequest(
            source=source, boundary=boundary, circles=circles, facilities=tuple(facilities or ()),
            facilities_mode=facilities_mode.value, population=population,
            total_population=total_population, elevation=tuple(elevation or ()),
        )  # fmt: skip
        pair = both_read(speaker, request, chosen, (a, b))
        result["verdicts"] = verdicts_told(speaker, pair, message("standard.diff.origin.usual"))
    speaker.result(result)


def _origin(chosen: Mapping[str, object]) -> Message:
    """Say whether a saved study's own parameters count, or which are replaced by options."""
    if not chosen:
        return message("standard.diff.origin.study")
    options = Joined(tuple(message(f"parameter.{one}") for one in chosen))
    return message("standard.diff.origin.options", options=options)


def _check_inputs(source: Path | None, study: Path | None, others: tuple[object, ...]) -> None:
    """Refuse inputs without an extract, and inputs beside a study, which holds its own."""
    from analysis.errors import InvalidParameterError

    if study is not None and (source is not None or any(others)):
        raise InvalidParameterError(
            message("standard.diff.study_and_inputs"),
            remedy=message("standard.diff.study_and_inputs.remedy"),
            source="--study",
        )
    if study is None and source is None and any(others):
        raise InvalidParameterError(
            message("standard.diff.no_source"), remedy=message("standard.diff.no_source.remedy")
        )


def _about(opened: "OpenedStandard") -> dict[str, object]:
    return {
        "id": opened.standard.id,
        "version": opened.standard.version,
        "digest": opened.standard.digest,
        "official": opened.standard.official,
        "extends": list(opened.lineage),
    }


def _change(change: "StandardChange") -> dict[str, object]:
    from analysis.documents.plain import plain, texts

    return {
        "kind": change.kind,
        "element_id": change.element_id or None,
        "field": ".".join(change.path),
        "old": plain(change.old) if change.path else None,
        "new": plain(change.new) if change.path else None,
        "text": texts(change.text),
    }


def _warnings(opened: tuple["OpenedStandard", "OpenedStandard"]) -> tuple[Message, ...]:
    """Return what each file is warned of, and that two contents have one id and version."""
    from analysis.sources.standard_versions import SHORT_DIGEST, two_contents

    told = {one.text.text("en"): one.text for each in opened for one in each.notices}
    a, b = (one.standard for one in opened)
    files = [one for each in opened for one in each.notices if one.code == "standard.same_version"]
    if two_contents(a, b) and len(files) != 1:  # one file against the packaged one: told of it
        same = message("standard.diff.same_version", version=f"{a.id} {a.version}",
                       digest=a.digest[:SHORT_DIGEST], other=b.digest[:SHORT_DIGEST])  # fmt: skip
        told[same.text("en")] = same
    return tuple(told.values())


def _show_changes(
    speaker: Speaker,
    opened: tuple["OpenedStandard", "OpenedStandard"],
    changes: tuple["StandardChange", ...],
) -> None:
    for one in opened:
        named = f"{one.standard.id} {one.standard.version}"
        speaker.show(f"{one.standard.title.text(speaker.language)} ({named})")
        speaker.show(one.standard.statement.text(speaker.language))
    for told in _warnings(opened):
        speaker.say(told)
    speaker.say(_tally(changes))
    for change in changes:
        speaker.say(change.text)


def _tally(changes: tuple["StandardChange", ...]) -> Message:
    """Return how many elements come and go, and how many fields of the others differ."""
    if not changes:
        return message("standard.diff.same")
    whole = [one.kind for one in changes if not one.path]
    return message(
        "standard.diff.tally",
        dropped=whole.count("removed"),
        added=whole.count("added"),
        fields=len(changes) - len(whole),
    )
