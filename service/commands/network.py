"""``living-circle network``: save a place's walking network for quick use."""

# ruff: noqa: PLC0415 - what is heavy waits until the command runs, so that --help is fast

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from analysis.messages import message
from service.commands.console import Speaker
from service.commands.options import AsJson, Elevation, Lang, Quiet, SourceArgument, StandardFile

if TYPE_CHECKING:
    from collections.abc import Iterable

    from analysis.notices import Notice


def network(
    source: SourceArgument,
    *,
    out: Annotated[Path, typer.Option(help="Folder to write to. / 输出文件夹")],
    elevation: Elevation = None,
    standard: StandardFile = None,
    quiet: Quiet = False,
    as_json: AsJson = False,
    lang: Lang = None,
) -> None:
    """Save the walking network of an extract for quick use. / 保存步行路网."""
    from analysis.sources.network_inputs import read_network_inputs
    from analysis.sources.standards import read_standard
    from analysis.sources.store.network_parts import NetworkOrigin, parts_of
    from analysis.sources.store.networks import check_network_replaceable, save_network
    from analysis.sources.store.replacing import check_writable

    speaker = Speaker(lang, quiet=quiet, as_json=as_json)
    check_network_replaceable(out)
    check_writable(out)
    with speaker.progress(("read", "write")) as told:
        told("read", 0.0)
        rules = read_standard(standard)
        inputs = read_network_inputs(source, rules, tuple(elevation or ()))
        told("write", 0.0)
        origin = NetworkOrigin(
            file_name=inputs.file_name, sha256=inputs.sha256, data_date=inputs.data_date
        )
        files = save_network(parts_of(inputs, rules), origin, out)
    found = inputs.network
    counts = _counts(inputs.notices)
    speaker.say(
        message(
            "cli.network",
            km=found.length_m / 1000.0,
            nodes=found.n_nodes,
            arcs=found.n_arcs,
            components=found.n_components,
            barriers=len(inputs.barriers.lines),
        )
    )
    if counts:
        codes = ", ".join(f"{code} {count:,}" for code, count in counts.items())
        speaker.say(message("inspect.notices", codes=codes))
    speaker.say(message("cli.written", path=str(out)))
    speaker.result(
        {
            "folder": str(out),
            "nodes": found.n_nodes,
            "arcs": found.n_arcs,
            "components": found.n_components,
            "street_km": round(found.length_m / 1000.0, 3),
            "barriers": len(inputs.barriers.lines),
            "data_date": inputs.data_date,
            "bytes": sum(one.stat().st_size for one in files),
            "notices": counts,
        }
    )


def _counts(notices: "Iterable[Notice]") -> dict[str, int]:
    counts: dict[str, int] = {}
    for one in notices:
        counts[one.code] = counts.get(one.code, 0) + max(one.count, 1)
    return dict(sorted(counts.items()))
