"""``living-circle standard``: show and check service standards."""

# ruff: noqa: PLC0415 - what is heavy waits until the command runs, so that --help is fast

from pathlib import Path
from typing import Annotated

import typer

from analysis.messages import message
from service.commands.console import Speaker
from service.commands.counts import counted
from service.commands.options import AsJson, Lang, Quiet
from service.errors import EXIT_INPUT

app = typer.Typer(no_args_is_help=True, help="Service standards. / 评价标准")


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
    from rich import box
    from rich.table import Table

    from analysis.sources.standards import read_standard
    from service.standard_view import standard_view

    speaker = Speaker(lang, quiet=quiet, as_json=as_json)
    language = speaker.language
    standard = read_standard(source)
    speaker.show(f"{standard.title.text(language)} ({standard.id})")
    speaker.show(standard.statement.text(language))
    table = Table(box=box.SIMPLE, pad_edge=False)
    heads = ("cli.element", "cli.element_id", "cli.threshold", "cli.target", "cli.basis",
             "cli.confidence")  # fmt: skip
    for key in heads:
        table.add_column(message(key).text(language), overflow="fold")
    for element in standard.elements:
        target = element.coverage.target
        limit = f"{element.threshold_m:,.0f}" if element.is_walked else "-"
        share = f"{target.value:.0%}" if element.is_walked else "-"
        basis = ", ".join(element.coverage.basis)
        name = element.name.text(language)
        table.add_row(name, element.id, limit, share, basis, target.confidence)
    speaker.show(table)
    speaker.result(standard_view(standard))


@app.command()
def validate(
    file: Annotated[Path, typer.Argument(help="A standard in YAML. / 标准 YAML 文件")],
    *,
    quiet: Quiet = False,
    as_json: AsJson = False,
    lang: Lang = None,
) -> None:
    """Check a standard and list everything that is wrong. / 检查标准文件."""
    from analysis.errors import InvalidStandardError
    from analysis.sources.standards import read_standard, validate_standard

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
    standard = read_standard(file)
    speaker.say(
        message(
            "cli.standard.valid",
            id=standard.id,
            elements=counted("elements", len(standard.elements)),
        )
    )
    speaker.result({"valid": True, "id": standard.id, "elements": len(standard.elements),
                    "digest": standard.digest, "problems": []})  # fmt: skip
