"""``living-circle standard``: show, check, compare and export service standards."""

# ruff: noqa: PLC0415 - what is heavy waits until the command runs, so that --help is fast

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from analysis.messages import Joined, message
from service.commands import standard_diff
from service.commands.console import Speaker
from service.commands.counts import counted
from service.commands.options import AsJson, Lang, Quiet, StandardFile
from service.errors import EXIT_INPUT

if TYPE_CHECKING:
    from analysis.sources.standards import OpenedStandard

app = typer.Typer(no_args_is_help=True, help="Service standards. / 评价标准")
app.command("diff")(standard_diff.diff)


@app.command()
def show(
    source: Annotated[
        str | None, typer.Argument(metavar="[ID|FILE]", help="A name or a file. / 名称或文件")
    ] = None,
    *,
    quiet: Quiet = False,
    as_json: AsJson = False,
    lang: Lang = None,
) -> None:
    """Show a standard's elements, thresholds and targets. / 显示标准."""
    from analysis.sources.standards import open_standard
    from service.commands.standard_tables import norm_table, reach_table
    from service.commands.works_table import path_lines, person_lines, works_table
    from service.standard_view import standard_view

    speaker = Speaker(lang, quiet=quiet, as_json=as_json)
    language = speaker.language
    opened = open_standard(source)
    standard = opened.standard
    speaker.show(f"{standard.title.text(language)} ({standard.id})")
    digest = standard.digest[:12]
    speaker.say(message("cli.standard.version", version=standard.version, digest=digest))
    for one in opened.notices:
        speaker.say(one.text)
    if opened.lineage:
        parents = Joined(tuple(f"{Path(name).name} {version}".rstrip()
                               for name, version in _parents(opened)))  # fmt: skip
        speaker.say(message("cli.standard.extends", parents=parents))
    speaker.show(standard.statement.text(language))
    speaker.show(reach_table(standard.elements, language))
    speaker.show(norm_table(standard.elements, language))
    speaker.show(message("cli.works").text(language))
    speaker.show(works_table(standard.elements, language))
    for head, lines in (
        ("cli.path_costs", path_lines(standard.works)),
        ("cli.person", person_lines(standard)),
    ):
        if lines:
            speaker.show(message(head).text(language))
        for line in lines:
            speaker.show("  " + line.text(language))
    if standard.available:
        speaker.show(message("cli.optional_elements").text(language))
        speaker.show(reach_table(standard.available, language))
    speaker.result(
        standard_view(standard)
        | {
            "extends": list(opened.lineage),
            "parent_versions": list(opened.parent_versions),
            "warnings": [one.text.text(language) for one in opened.notices],
        }
    )


def _parents(opened: "OpenedStandard") -> Iterator[tuple[str, str]]:
    return zip(opened.lineage, opened.parent_versions, strict=True)


@app.command()
def validate(
    file: Annotated[
        Path, typer.Argument(help="A standard, YAML or workbook. / 标准文件，YAML 或 xlsx")
    ],
    *,
    quiet: Quiet = False,
    as_json: AsJson = False,
    lang: Lang = None,
) -> None:
    """Check a standard and list everything that is wrong. / 检查标准文件."""
    from analysis.errors import InvalidStandardError
    from analysis.sources.standards import open_standard, validate_standard

    speaker = Speaker(lang, quiet=quiet, as_json=as_json)
    problems = validate_standard(file)
    if problems:
        if as_json:
            told = [one.text(speaker.language) for one in problems]
            speaker.result({"valid": False, "problems": told})
            raise typer.Exit(EXIT_INPUT)
        raise InvalidStandardError(
            message("standard.invalid", count=len(problems)),
            problems=problems,
            source=str(file),
            remedy=message("standard.invalid.remedy"),
        )
    opened = open_standard(file)
    standard = opened.standard
    for one in opened.notices:
        speaker.say(one.text)
    speaker.say(
        message(
            "cli.standard.valid",
            id=standard.id,
            elements=counted("elements", len(standard.elements)),
        )
    )
    person = [rule for one in standard.elements for rule in one.siting.rules if rule.needs_person]
    person += [rule for rule in standard.works.siting if rule.needs_person]
    speaker.say(message("cli.needs_person", count=sum(rule.hard for rule in person)))
    warnings = [one.text.text(speaker.language) for one in opened.notices]
    speaker.result({"valid": True, "id": standard.id, "version": standard.version,
                    "elements": len(standard.elements), "digest": standard.digest, "problems": [],
                    "warnings": warnings})  # fmt: skip


@app.command()
def export(
    file: Annotated[Path, typer.Argument(help="The workbook to write. / 要写出的 xlsx 文件")],
    *,
    standard: StandardFile = None,
    quiet: Quiet = False,
    as_json: AsJson = False,
    lang: Lang = None,
) -> None:
    """Write a standard as a workbook to edit and hand back. / 把标准写成可编辑的 Excel 工作簿."""
    from analysis.errors import InvalidParameterError
    from analysis.sources.standards import open_standard
    from analysis.sources.store.folder import cannot_write
    from service.reports.standard_workbook import standard_workbook

    speaker = Speaker(lang, quiet=quiet, as_json=as_json)
    if file.suffix.lower() != ".xlsx":
        raise InvalidParameterError(
            message("standard.workbook.suffix"),
            remedy=message("standard.workbook.suffix.remedy"),
            source=str(file),
        )
    opened = open_standard(standard)
    making = file.with_name(f".{file.name}.writing")
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        standard_workbook(opened.document, making)
        making.replace(file)
    except OSError as error:
        raise cannot_write(file, error) from error
    finally:
        making.unlink(missing_ok=True)
    speaker.say(message("cli.written", path=str(file)))
    speaker.result(
        {"files": [str(file)], "id": opened.standard.id, "digest": opened.standard.digest}
    )
