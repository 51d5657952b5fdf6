"""Verdicts of two standards on one place: read twice, or a saved study judged again."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

from rich import box
from rich.table import Table

from analysis.documents.plain import number, texts
from analysis.documents.tables import circle_names
from analysis.judgement.verdict_difference import (
    DimensionChange,
    VerdictChange,
    VerdictDifference,
    verdict_difference,
)
from analysis.messages import Clauses, Message, message
from analysis.rejudging import Rejudging, under_standard
from analysis.sources.inputs import STAGES as READ_STAGES
from analysis.sources.inputs import read_inputs
from analysis.sources.request import InputRequest
from analysis.sources.standards import open_standard, read_standard
from analysis.sources.store.inputs import open_inputs
from analysis.sources.store.studies import read_document
from analysis.study import STAGES as STUDY_STAGES
from analysis.study import Study, StudyInputs, StudyParameters, analyse
from service.commands.console import Speaker

_SHOWN_ROWS: Final = 60
_REJUDGING: Final = "rejudging."

Pair = tuple[Study, Study]


def both_read(
    speaker: Speaker,
    request: InputRequest,
    chosen: Mapping[str, Any],
    standards: tuple[str, str],
) -> Pair:
    """Judge a place once with each standard; what a map shows is read by each one's own rules.

    `chosen` are parameters by name; what it lacks is as usual.
    """
    parameters = replace(StudyParameters(), **chosen)

    def judged(standard: str) -> Study:
        with speaker.progress((*READ_STAGES, *STUDY_STAGES)) as told:
            inputs = read_inputs(replace(request, standard=standard), on_progress=told)
            return analyse(inputs, parameters, on_progress=told)

    return judged(standards[0]), judged(standards[1])


def both_rejudged(
    speaker: Speaker, folder: Path, chosen: Mapping[str, Any], standards: tuple[str, str]
) -> Pair:
    """Judge a saved study once with each standard, from the inputs that it holds.

    `chosen` replaces the study's own parameters; optional elements that the study judged are
    switched on where a standard has them. Raises :class:`SourceDataError` for a study that is
    damaged or of another version.
    """
    read_document(folder)
    saved = open_inputs(folder)
    parameters = replace(saved.parameters, **chosen)

    def judged(standard: str) -> Study:
        again = _under(saved.inputs, standard)
        for one in again.notices:
            speaker.say(one.text)
        with speaker.progress(STUDY_STAGES) as told:
            return analyse(again.inputs, parameters, on_progress=told)

    return judged(standards[0]), judged(standards[1])


def verdicts_told(speaker: Speaker, pair: Pair, origin: Message) -> dict[str, object]:
    """Say how the verdicts of two studies of one place differ, and return it as JSON values.

    `origin` says where criterion, walker and the rest come from: both studies have the same.
    """
    speaker.say(_judged_by(pair[0].parameters, origin))
    difference = verdict_difference(pair[0].assessment, pair[1].assessment)
    _show_verdicts(speaker, difference, *pair)
    told = [
        {"code": one.code, "text": texts(one.text), "subjects": list(one.subjects)}
        for study in pair
        for one in study.notices
        if one.code.startswith(_REJUDGING)
    ]
    return {"parameters": _parameters(pair[0].parameters), **_verdict_result(difference),
            "notices": told}  # fmt: skip


def _parameters(parameters: StudyParameters) -> dict[str, object]:
    return {
        "criterion": parameters.criterion,
        "walker": parameters.walker,
        "by_group": parameters.by_group,
    }


def _judged_by(parameters: StudyParameters, origin: Message) -> Message:
    return message(
        "standard.diff.judged_by",
        criterion=message(f"cli.criterion.{parameters.criterion}"),
        walker=message(f"cli.walker.{parameters.walker}"),
        groups=message(f"standard.diff.by_group.{'yes' if parameters.by_group else 'no'}"),
        origin=origin,
    )


def _under(inputs: StudyInputs, standard: str) -> Rejudging:
    switched_on = {one.id for one in inputs.standard.elements if one.optional}
    has = {one.id for one in open_standard(standard).standard.available}
    return under_standard(inputs, read_standard(standard, tuple(sorted(switched_on & has))))


def _verdict_result(difference: VerdictDifference) -> dict[str, object]:
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
                "dimensions": [
                    {"dimension": each.dimension, "before": each.before, "after": each.after}
                    for each in one.dimensions
                ],
            }
            for one in difference.changes
        ],
    }  # fmt: skip


def _show_verdicts(
    speaker: Speaker, difference: VerdictDifference, before: Study, after: Study
) -> None:
    if speaker.silent:
        return
    changed = sum(one.overall for one in difference.of_circles())
    beneath = len(difference.of_circles()) - changed
    speaker.say(message("standard.diff.verdicts", changed=changed, judged=difference.judged,
                        beneath=beneath))  # fmt: skip
    for (old, new), count in sorted(difference.counts.items(), key=lambda one: -one[1]):
        if old != new:
            speaker.say(
                message("standard.diff.count", before=_verdict(old), after=_verdict(new),
                        count=count)
            )  # fmt: skip
    names = _names(before) | _names(after)
    _show_rows(speaker, difference.of_circles(), names)
    together = difference.of_all()
    if together:
        changed = sum(one.overall for one in together)
        speaker.say(message("standard.diff.together", changed=changed,
                            beneath=len(together) - changed))  # fmt: skip
        _show_rows(speaker, together, names)


def _show_rows(
    speaker: Speaker, changes: tuple[VerdictChange, ...], names: Mapping[str, Any]
) -> None:
    if changes:
        speaker.show(_rows(speaker, changes[:_SHOWN_ROWS], names))
    if len(changes) > _SHOWN_ROWS:
        speaker.say(message("standard.diff.more", count=len(changes) - _SHOWN_ROWS))


def _verdict(verdict: str | None) -> Any:
    return message("standard.diff.absent" if verdict is None else f"verdict.{verdict}")


def _names(study: Study) -> dict[str, Any]:
    elements = {one.id: one.name for one in study.inputs.standard.elements}
    return {f"circle {key}": name for key, name in circle_names(study).items()} | elements


def _rows(speaker: Speaker, changes: tuple[VerdictChange, ...], names: Mapping[str, Any]) -> Table:
    language = speaker.language
    table = Table(box=box.SIMPLE, pad_edge=False)
    for key in ("cli.circle", "cli.element", "standard.diff.before", "standard.diff.after",
                "standard.diff.dimensions"):  # fmt: skip
        table.add_column(message(key).text(language), overflow="fold")
    for one in changes:
        table.add_row(
            names[f"circle {one.circle_id}"].text(language),
            names[one.element_id].text(language),
            _with_share(one.before, one.share_before, language),
            _with_share(one.after, one.share_after, language),
            Clauses(tuple(_dimension(each) for each in one.dimensions)).text(language),
        )
    return table


def _dimension(change: DimensionChange) -> Message:
    return message(
        "standard.diff.dimension",
        dimension=message(f"dimension.{change.dimension}"),
        before=_verdict(change.before),
        after=_verdict(change.after),
    )


def _with_share(verdict: str | None, share: float, language: Any) -> str:
    told: str = _verdict(verdict).text(language)
    return told if share != share else f"{told} {share:.1%}"  # noqa: PLR0124 - nan
