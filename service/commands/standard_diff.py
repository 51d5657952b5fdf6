"""``living-circle standard diff``: what changes between two standards, in words and in verdicts."""

# ruff: noqa: PLC0415 - what is heavy waits until the command runs, so that --help is fast

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from analysis.messages import message
from service.commands.console import Speaker
from service.commands.options import (
    AsJson,
    CriterionChoice,
    Elevation,
    Lang,
    ModeChoice,
    Quiet,
    Walker,
    WalkerChoice,
)

if TYPE_CHECKING:
    from rich.table import Table

    from analysis.judgement.verdict_difference import VerdictDifference
    from analysis.sources.request import InputRequest
    from analysis.sources.standards import OpenedStandard
    from analysis.standard.difference import StandardChange
    from analysis.study import Study, StudyParameters

_SHOWN_ROWS: Final = 60


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
        CriterionChoice, typer.Option(help="As in analyse. / 同 analyse")
    ] = CriterionChoice.METRES,
    walker: Walker = WalkerChoice.ADULT,
    study: Annotated[
        Path | None,
        typer.Option(help="A saved study: tells which inputs to give. / 已存结果：提示应给的数据"),
    ] = None,
    quiet: Quiet = False,
    as_json: AsJson = False,
    lang: Lang = None,
) -> None:
    """Compare two standards, and their verdicts where an extract is given. / 比较两个标准."""
    from analysis.sources.request import InputRequest
    from analysis.sources.standards import open_standard
    from analysis.standard.difference import standard_changes
    from analysis.study import StudyParameters

    speaker = Speaker(lang, quiet=quiet, as_json=as_json)
    if source is None:
        _check_alone(study, boundary, circles, facilities, population, total_population, elevation)
    opened = open_standard(a), open_standard(b)
    changes = standard_changes(opened[0].document, opened[1].document)
    _show_changes(speaker, opened, changes)
    result: dict[str, object] = {
        "a": _about(opened[0]), "b": _about(opened[1]),
        "changes": [_change(one) for one in changes],
    }  # fmt: skip
    if source is not None:
        request = InputRequest(
            source=source, boundary=boundary, circles=circles, facilities=tuple(facilities or ()),
            facilities_mode=facilities_mode.value, population=population,
            total_population=total_population, elevation=tuple(elevation or ()),
        )  # fmt: skip
        parameters = StudyParameters(criterion=criterion.value, walker=walker.value)
        result["verdicts"] = _verdicts(speaker, request, parameters, (a, b))
    speaker.result(result)


def _check_alone(study: Path | None, *inputs: object) -> None:
    """Refuse inputs without an extract; a saved study says which ones it was made from."""
    from analysis.errors import InvalidParameterError
    from analysis.messages import Joined
    from analysis.sources.store.studies import read_document

    if study is not None:
        files = read_document(study)["inputs"]
        named = Joined(tuple(f"{one['role']}: {one['name']}" for one in files))
        raise InvalidParameterError(
            message("standard.diff.study"),
            remedy=message("standard.diff.study.remedy", files=named),
            source=str(study),
        )
    if any(inputs):
        raise InvalidParameterError(
            message("standard.diff.no_source"), remedy=message("standard.diff.no_source.remedy")
        )


def _verdicts(
    speaker: Speaker,
    request: "InputRequest",
    parameters: "StudyParameters",
    standards: tuple[str, str],
) -> dict[str, object]:
    """Judge the place once with each standard; what a map shows is read by each one's own rules."""
    from analysis.judgement.verdict_difference import verdict_difference
    from analysis.sources.inputs import STAGES as READ_STAGES
    from analysis.sources.inputs import read_inputs
    from analysis.study import STAGES as STUDY_STAGES
    from analysis.study import analyse

    studies: list[Study] = []
    for standard in standards:
        with speaker.progress((*READ_STAGES, *STUDY_STAGES)) as told:
            inputs = read_inputs(replace(request, standard=standard), on_progress=told)
            studies.append(analyse(inputs, parameters, on_progress=told))
    difference = verdict_difference(studies[0].assessment, studies[1].assessment)
    _show_verdicts(speaker, difference, studies[0], studies[1])
    return _verdict_result(difference)


def _about(opened: "OpenedStandard") -> dict[str, object]:
    return {
        "id": opened.standard.id,
        "version": opened.document["profile"].get("version"),
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


def _show_changes(
    speaker: Speaker,
    opened: tuple["OpenedStandard", "OpenedStandard"],
    changes: tuple["StandardChange", ...],
) -> None:
    for one in opened:
        speaker.show(f"{one.standard.title.text(speaker.language)} ({one.standard.id})")
        speaker.show(one.standard.statement.text(speaker.language))
    if not changes:
        speaker.say(message("standard.diff.same"))
    for change in changes:
        speaker.say(change.text)


def _verdict_result(difference: "VerdictDifference") -> dict[str, object]:
    from analysis.documents.plain import number

    return {
        "judged": difference.judged,
        "counts": [
            {"before": before, "after": after, "count": count}
            for (before, after), count in sorted(
                difference.counts.items(), key=lambda one: tuple(map(str, one[0]))
            )
        ],
        "changes": [
            {
                "circle_id": one.circle_id, "element_id": one.element_id, "before": one.before,
                "after": one.after, "share_before": number(one.share_before),
                "share_after": number(one.share_after),
            }
            for one in difference.changes
        ],
    }  # fmt: skip


def _show_verdicts(
    speaker: Speaker, difference: "VerdictDifference", before: "Study", after: "Study"
) -> None:
    if speaker.silent:
        return
    changed = sum(count for pair, count in difference.counts.items() if pair[0] != pair[1])
    speaker.say(
        message("standard.diff.verdicts", changed=changed, judged=difference.judged)
    )  # fmt: skip
    for (old, new), count in sorted(difference.counts.items(), key=lambda one: -one[1]):
        if old != new:
            speaker.say(
                message("standard.diff.count", before=_verdict(old), after=_verdict(new),
                        count=count)
            )  # fmt: skip
    if difference.changes:
        speaker.show(_rows(speaker, difference, _names(before) | _names(after)))
    if len(difference.changes) > _SHOWN_ROWS:
        left = len(difference.changes) - _SHOWN_ROWS
        speaker.say(message("standard.diff.more", count=left))


def _verdict(verdict: str | None) -> Any:
    return message("standard.diff.absent" if verdict is None else f"verdict.{verdict}")


def _names(study: "Study") -> dict[str, Any]:
    from analysis.documents.tables import circle_names

    elements = {one.id: one.name for one in study.inputs.standard.elements}
    return {f"circle {key}": name for key, name in circle_names(study).items()} | elements


def _rows(speaker: Speaker, difference: "VerdictDifference", names: Mapping[str, Any]) -> "Table":
    from rich import box
    from rich.table import Table

    language = speaker.language
    table = Table(box=box.SIMPLE, pad_edge=False)
    for key in ("cli.circle", "cli.element", "standard.diff.before", "standard.diff.after"):
        table.add_column(message(key).text(language), overflow="fold")
    for one in difference.changes[:_SHOWN_ROWS]:
        table.add_row(
            names[f"circle {one.circle_id}"].text(language),
            names[one.element_id].text(language),
            _with_share(one.before, one.share_before, language),
            _with_share(one.after, one.share_after, language),
        )
    return table


def _with_share(verdict: str | None, share: float, language: Any) -> str:
    told: str = _verdict(verdict).text(language)
    return told if share != share else f"{told} {share:.1%}"  # noqa: PLR0124 - nan
