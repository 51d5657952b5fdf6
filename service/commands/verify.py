"""``living-circle verify``: a second opinion on a saved study, by an engine nobody here wrote."""

# ruff: noqa: PLC0415 - what is heavy waits until the command runs, so that --help is fast

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from analysis.messages import message
from service.commands.console import Speaker
from service.commands.options import AsJson, Lang, Quiet
from service.commands.own_files import check_ours

if TYPE_CHECKING:
    from rich.table import Table

    from analysis.certainty.certificate import AgreementCertificate

_FORMAT: Final = "living-circle-certificate"
_DEFAULT_PAIRS: Final = 2000
_DEFAULT_TIMEOUT_S: Final = 1800.0


def verify(
    study: Annotated[Path, typer.Argument(help="A saved study. / 研究结果文件夹")],
    *,
    extract: Annotated[
        Path,
        typer.Option(help="The extract that the study was made from. / 研究所用的 OSM 数据文件"),
    ],
    pairs: Annotated[int, typer.Option(help="Walks to re-measure. / 复测多少段")] = _DEFAULT_PAIRS,
    seed: Annotated[int, typer.Option(min=0, help="What draws the sample. / 抽样种子")] = 0,
    plazas: Annotated[
        bool,
        typer.Option(
            "--plazas",
            help="Let Valhalla walk along edges of plazas, too. / 让 Valhalla 也沿广场边缘走",
        ),
    ] = False,
    out: Annotated[
        Path | None,
        typer.Option(help="Certificate (JSON; a .md goes beside it). / 证书文件"),
    ] = None,
    timeout: Annotated[
        float, typer.Option(min=1.0, help="Seconds that Valhalla may take. / Valhalla 限时（秒）")
    ] = _DEFAULT_TIMEOUT_S,
    quiet: Quiet = False,
    as_json: AsJson = False,
    lang: Lang = None,
) -> None:
    """Re-measure a study's walks with Valhalla. / 用 Valhalla 复测研究中的步行距离."""
    from analysis.documents.certificate import certificate_document, certificate_text
    from analysis.sources.second_engine.opinion import STAGES, second_opinion
    from analysis.sources.second_engine.studies import check_extract, saved_study
    from analysis.sources.store.folder import cannot_write
    from analysis.sources.store.studies import open_study

    speaker = Speaker(lang, quiet=quiet, as_json=as_json)
    target = study.absolute().with_name(f"{study.absolute().name}.certificate.json")
    target = target if out is None else out
    check_ours(
        target, _FORMAT, member="format", why="verify.occupied", remedy="verify.occupied.remedy"
    )
    with speaker.progress(STAGES) as told:
        stored = open_study(study)
        sha256 = check_extract(stored, extract)
        certificate = second_opinion(
            saved_study(stored), extract, sha256=sha256, pairs=pairs, seed=seed, plazas=plazas,
            timeout_s=timeout, on_progress=told,
        )  # fmt: skip
    document = certificate_document(certificate)
    page = target.with_suffix(".md")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        text = json.dumps(document, ensure_ascii=False, indent=1, allow_nan=False)
        target.write_text(text + "\n", "utf-8")
        page.write_text(certificate_text(certificate, speaker.language), "utf-8")
    except OSError as error:
        raise cannot_write(target, error) from error
    _show(speaker, certificate)
    for written in (target, page):
        speaker.say(message("cli.written", path=str(written)))
    speaker.result(
        {"files": [str(target), str(page)]}
        | {name: value for name, value in document.items() if name != "residuals"}
    )


def _show(speaker: Speaker, certificate: "AgreementCertificate") -> None:
    if speaker.silent:
        return
    speaker.say(certificate.statement)
    if certificate.walks == 0:
        return
    speaker.show(_figures(speaker, certificate))
    for cause, count in certificate.by_cause.items():
        if count:
            name = message(f"certainty.cause.{cause.value}")
            speaker.say(message("verify.cause", cause=name, count=count))
    if certificate.by_rule:
        rules = ", ".join(f"{rule} {count:,}" for rule, count in certificate.by_rule.items())
        speaker.say(message("verify.rules", rules=rules))


def _figures(speaker: Speaker, certificate: "AgreementCertificate") -> "Table":
    from rich import box
    from rich.table import Table

    from analysis.certainty.certificate import agreement_share

    language = speaker.language
    table = Table(box=box.SIMPLE, pad_edge=False)
    table.add_column(message("certainty.figures").text(language))
    for key in ("certainty.raw", "certainty.harmonised"):
        table.add_column(message(key).text(language), justify="right")
    both = (certificate.raw, certificate.harmonised)
    table.add_row(
        message("certainty.share").text(language), *(agreement_share(a.share) for a in both)
    )
    table.add_row(message("certainty.median").text(language), *(f"{a.median_m:.1f}" for a in both))
    table.add_row(message("certainty.p99").text(language), *(f"{a.p99_m:.1f}" for a in both))
    for limit_m in sorted(certificate.raw.same_class):
        told = message("certainty.same_class", limit_m=limit_m).text(language)
        table.add_row(told, *(agreement_share(a.same_class[limit_m]) for a in both))
    table.add_row(message("certainty.large").text(language), *(f"{a.large:,}" for a in both))
    return table
