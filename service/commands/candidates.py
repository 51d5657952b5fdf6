"""``living-circle candidates``: where something could be built, and every reason why not there."""

# ruff: noqa: PLC0415 - what is heavy waits until the command runs, so that --help is fast

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from analysis.messages import Joined, Spoken, message
from service.commands.console import Speaker, printable
from service.commands.options import AsJson, Lang, Quiet, split_ids
from service.commands.study_source import Chosen, study_of, with_study_options

if TYPE_CHECKING:
    from rich.table import Table

    from analysis.candidates.screening import Screening

_SPACING_M = 100.0
_FLOOR_RATIO = 1.0


@with_study_options
def candidates(
    chosen: Chosen,
    *,
    out: Annotated[Path, typer.Option(help="Folder for the results. / 结果文件夹")],
    elements: Annotated[
        list[str] | None,
        typer.Option(metavar="ID,…", help="For these elements only. / 只看这些要素"),
    ] = None,
    from_map: Annotated[
        bool,
        typer.Option(
            help="Also street nodes and free land of the map. / 加入地图上的街道点和空闲地"
        ),
    ] = True,
    spacing: Annotated[
        float,
        typer.Option(metavar="M", help="Metres between street nodes, ≥ 100. / 街道点间距（米）"),
    ] = _SPACING_M,
    floor_ratio: Annotated[
        float,
        typer.Option(
            metavar="R", help="Floor per ground where none is stated. / 未填建筑面积时的容积率"
        ),
    ] = _FLOOR_RATIO,
    quiet: Quiet = False,
    as_json: AsJson = False,
    lang: Lang = None,
) -> None:
    """List where something could be built, and why not there. / 候选位置与不可用原因."""
    from analysis.candidates.gathering import CandidateRules, gather, screen_study
    from analysis.documents.candidates import candidates_summary
    from analysis.sources.store.candidates import check_candidates_folder, save_candidates

    speaker = Speaker(lang, quiet=quiet, as_json=as_json)
    rules = CandidateRules(
        element_ids=split_ids(elements),
        from_map=from_map,
        spacing_m=spacing,
        floor_ratio=floor_ratio,
    )
    check_candidates_folder(out)
    study = study_of(speaker, chosen)
    gathered = gather(study, rules)
    screening = screen_study(study, gathered.candidates, rules)
    files = save_candidates(study, screening, out)
    _tell(speaker, screening)
    for one in gathered.notices:
        speaker.say(one.text)
    speaker.say(message("cli.written", path=str(out)))
    result: dict[str, Any] = {
        "folder": str(out),
        "files": [one.name for one in files],
        **candidates_summary(screening),
        "notices": [
            {"code": one.code, "text": one.text.text(speaker.language), "count": one.count}
            for one in gathered.notices
        ],
    }
    speaker.result(result)


def _tell(speaker: Speaker, screening: "Screening") -> None:
    found = screening.candidates
    kinds: tuple[Spoken, ...] = tuple(
        message(
            "cli.candidates.kind",
            kind=message(f"candidates.kind.{kind}"),
            count=found.kind.count(kind),
        )
        for kind in sorted(set(found.kind))
    )
    speaker.say(message("cli.candidates.count", count=len(found), kinds=Joined(kinds)))
    if not speaker.silent and len(found):
        speaker.show(_table(speaker, screening))
        _tell_person_rules(speaker, screening)


def _table(speaker: Speaker, screening: "Screening") -> "Table":
    from rich.table import Table

    table = Table(title=message("cli.candidates.title").text(speaker.language))
    for key in ("element", "applies", "allowed", "shared", "person"):
        heading = message(f"cli.candidates.{key}").text(speaker.language)
        table.add_column(heading, justify="left" if key == "element" else "right")
    for column, element in enumerate(screening.elements):
        table.add_row(
            printable(element.name.text(speaker.language)),
            str(int(screening.applies[:, column].sum())),
            str(int(screening.allowed[:, column].sum())),
            str(int(screening.allowed_shared[:, column].sum())),
            str(len(screening.needs_person(column))),
        )
    return table


def _tell_person_rules(speaker: Speaker, screening: "Screening") -> None:
    """Say the rules of every element that only a person can check; the rest stand in the file."""
    common = [set(screening.needs_person(column)) for column in range(len(screening.elements))]
    shared = set.intersection(*common) if common else set()
    if shared:
        rules = Joined(tuple(one.text for one in sorted(shared, key=lambda one: one.id)))
        speaker.say(message("cli.candidates.person_rules", rules=rules))
