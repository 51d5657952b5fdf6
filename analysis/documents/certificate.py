"""The agreement certificate as plain JSON and as a page of text that a report can carry."""

from collections.abc import Iterator, Sequence
from math import isfinite
from typing import Final

from analysis.certainty.certificate import (
    Agreement,
    AgreementCertificate,
    Residual,
    agreement_share,
)
from analysis.certainty.residuals import THEIR_NODE, TOLERANCE_M, TOLERANCE_SHARE
from analysis.certainty.sampling import FARTHEST_M
from analysis.documents.plain import number, plain, texts
from analysis.messages import Joined, Language, Message, Spoken, message

FORMAT: Final = "living-circle-certificate"
FORMAT_VERSION: Final = 1


def certificate_document(certificate: AgreementCertificate) -> dict[str, object]:
    """Return the certificate as JSON values: no nan, no infinity (null: no walk), both languages.

    It holds no time and no machine: the same study, extract, engine and seed give the same one.
    """
    document: dict[str, object] = {
        "format": FORMAT,
        "format_version": FORMAT_VERSION,
        "title": certificate.title,
        "statement": texts(certificate.statement),
        "study_digest": certificate.study_digest,
        "extract": {"name": certificate.extract, "sha256": certificate.extract_sha256},
        "engine": {
            "name": certificate.engine.name,
            "version": certificate.engine.version,
            "given_edges_of_plazas": certificate.engine.plazas,
        },
        "sample": {
            "seed": certificate.seed,
            "walker": certificate.walker,
            "asked": certificate.asked,
            "walks": certificate.walks,
            "reported_by_the_study": certificate.reported,
            "farthest_m": FARTHEST_M,
        },
        "tolerance": {"metres": TOLERANCE_M, "share": TOLERANCE_SHARE},
        "raw": _agreement(certificate.raw),
        "harmonised": _agreement(certificate.harmonised),
        "causes": {cause.value: count for cause, count in certificate.by_cause.items()},
        "rules": {
            rule: {"walks": count, **texts(rule_text(certificate, rule))}
            for rule, count in certificate.by_rule.items()
        },
        "own_gap_m": number(certificate.own_gap_m),
        "residuals": [_residual(one) for one in certificate.residuals],
    }
    made = plain(document)
    if not isinstance(made, dict):
        raise TypeError(type(made))
    return made


def certificate_text(certificate: AgreementCertificate, language: Language) -> str:
    """Return the certificate as Markdown in `language`."""
    lines = [*_head(certificate, language), "", *_figures(certificate, language), ""]
    causes = [
        (message(f"certainty.cause.{cause.value}").text(language), f"{count:,}")
        for cause, count in certificate.by_cause.items()
    ]
    lines += [*_table(("certainty.causes", "certainty.walks"), causes, language), ""]
    if certificate.by_rule:
        rules = [
            (f"`{rule}` {rule_text(certificate, rule).text(language)}", f"{count:,}")
            for rule, count in certificate.by_rule.items()
        ]
        lines += [*_table(("certainty.rules", "certainty.walks"), rules, language), ""]
    large = certificate.large
    if large:
        title = message("certainty.residuals", count=len(large)).text(language)
        lines += [f"## {title}", ""]
        lines += [f"* {_line(one).text(language)}" for one in large]
        lines.append("")
    return "\n".join(lines)


def rule_text(certificate: AgreementCertificate, name: str) -> Joined:
    """Return what an entry of `by_rule` means, such as ``-path.open/area``."""
    rule_id, _, trait = name.lstrip("+-").partition("/")
    said: list[Spoken] = []
    if rule_id in certificate.rule_notes:
        said.append(certificate.rule_notes[rule_id])
    elif rule_id == THEIR_NODE:
        said.append(message("certainty.their_node"))
    said += [message(f"certainty.trait.{one}") for one in trait.split("/") if one]
    return Joined(tuple(said))


def _head(certificate: AgreementCertificate, language: Language) -> Iterator[str]:
    yield f"# {message('certainty.title', title=certificate.title).text(language)}"
    told = [
        certificate.statement,
        message(
            "certainty.sample",
            seed=certificate.seed,
            walks=certificate.walks,
            asked=certificate.asked,
            reported=certificate.reported,
            walker=message(f"cli.walker.{certificate.walker}"),
            farthest_m=FARTHEST_M,
        ),
        message(
            "certainty.source",
            extract=certificate.extract,
            sha256=certificate.extract_sha256,
            digest=certificate.study_digest,
        ),
    ]
    if certificate.engine.plazas:
        told.append(message("certainty.plazas"))
    for one in told:
        yield ""
        yield one.text(language)


def _figures(certificate: AgreementCertificate, language: Language) -> list[str]:
    both = (certificate.raw, certificate.harmonised)
    rows = [
        (message("certainty.share").text(language), *(agreement_share(one.share) for one in both)),
        (message("certainty.median").text(language), *(_metres(one.median_m) for one in both)),
        (message("certainty.p90").text(language), *(_metres(one.p90_m) for one in both)),
        (message("certainty.p99").text(language), *(_metres(one.p99_m) for one in both)),
        *(
            (
                message("certainty.same_class", limit_m=limit_m).text(language),
                *(agreement_share(one.same_class[limit_m]) for one in both),
            )
            for limit_m in sorted(certificate.raw.same_class)
        ),
        (message("certainty.large").text(language), *(f"{one.large:,}" for one in both)),
    ]
    return _table(("certainty.figures", "certainty.raw", "certainty.harmonised"), rows, language)


def _table(heads: Sequence[str], rows: Sequence[tuple[str, ...]], language: Language) -> list[str]:
    titles = " | ".join(message(one).text(language) for one in heads)
    rule = "|".join(["---"] + ["--:"] * (len(heads) - 1))
    return [f"| {titles} |", f"|{rule}|", *(f"| {' | '.join(row)} |" for row in rows)]


def _line(one: Residual) -> Message:
    rules = [*(f"−{rule}" for rule in one.rules.ours_only)]
    rules += [f"+{rule}" for rule in one.rules.theirs_only]
    return message(
        "certainty.residual",
        point=one.point_id,
        facility=one.facility_id,
        ours=_walk(one.ours_m),
        theirs=_walk(one.theirs_m),
        harmonised=_walk(one.harmonised_m),
        cause=message(f"certainty.cause.{one.cause.value}"),
        rules=f" ({', '.join(rules)})" if rules else "",
    )


def _walk(metres: float) -> Message:
    if isfinite(metres):
        return message("certainty.metres", metres=metres)
    return message("certainty.no_walk")


def _metres(value: float) -> str:
    return f"{value:,.1f}" if isfinite(value) else "–"


def _agreement(found: Agreement) -> dict[str, object]:
    return {
        "share_within_tolerance": number(found.share),
        "median_m": number(found.median_m),
        "p90_m": number(found.p90_m),
        "p99_m": number(found.p99_m),
        "same_class_share": {
            f"{limit_m:g}": number(share) for limit_m, share in found.same_class.items()
        },
        "over_60_m": found.large,
    }


def _residual(one: Residual) -> dict[str, object]:
    return {
        "point_id": one.point_id,
        "facility_id": one.facility_id,
        "from": [number(value) for value in one.from_lonlat],
        "to": [number(value) for value in one.to_lonlat],
        "ours_m": number(one.ours_m),
        "theirs_m": number(one.theirs_m),
        "harmonised_m": number(one.harmonised_m),
        "moved_m": number(one.moved_m),
        "cause": one.cause.value,
        "ours_only": list(one.rules.ours_only),
        "theirs_only": list(one.rules.theirs_only),
        "where": list(one.rules.where),
    }
