"""``living-circle plan``: what to add where, in which order, at what cost, with proof."""

# ruff: noqa: PLC0415 - what is heavy waits until the command runs, so that --help is fast

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from analysis.messages import message
from service.commands.console import Speaker, printable
from service.commands.options import AsJson, Lang, Quiet, split_ids
from service.commands.study_source import Chosen, study_of, with_study_options

if TYPE_CHECKING:
    from rich.table import Table

    from analysis.plan.plan import Plan
    from analysis.plan.plan_parameters import PlanParameters
    from analysis.study import Study

MAP_FILE: Final = "map.html"
WORKBOOK_FILE: Final = "works.xlsx"
_SHOWN: Final = 30
_YUAN: Final = 1e4
_GAP, _TIME_S = 0.01, 30.0


@with_study_options
def plan(
    chosen: Chosen,
    *,
    out: Annotated[Path, typer.Option(help="Folder for the results. / 结果文件夹")],
    elements: Annotated[
        list[str] | None,
        typer.Option(metavar="ID,…", help="Plan for these elements only. / 只补这些要素"),
    ] = None,
    in_circles: Annotated[
        list[str] | None,
        typer.Option(metavar="ID,…", help="Plan for these circles only. / 只补这些生活圈"),
    ] = None,
    budget: Annotated[
        float | None,
        typer.Option(metavar="YUAN", help="Money for all works together, yuan. / 总资金（元）"),
    ] = None,
    sites: Annotated[
        int | None, typer.Option(metavar="K", help="Sites for each element. / 每个要素的设施数")
    ] = None,
    target: Annotated[
        float | None,
        typer.Option(
            metavar="SHARE", help="Share to cover, in place of the standard's. / 目标覆盖率"
        ),
    ] = None,
    model: Annotated[
        list[str] | None,
        typer.Option(
            metavar="ID=MODEL,…",
            help="lscp, mclp, p_median, p_centre or capacitated; may be repeated. / 选址模型",
        ),
    ] = None,
    joint: Annotated[
        bool, typer.Option(help="Let elements share sites where they may. / 允许复合设置")
    ] = True,
    from_map: Annotated[
        bool,
        typer.Option(
            help="Also street nodes and vacant or public land of the map. / 加入地图候选点"
        ),
    ] = True,
    links: Annotated[
        bool, typer.Option(help="Look for missing links, too. / 同时查找可打通的步行连接")
    ] = False,
    alternatives: Annotated[
        int, typer.Option(metavar="N", help="Different plans for each element. / 备选方案数")
    ] = 0,
    max_gap: Annotated[
        float, typer.Option(metavar="SHARE", help="How close to the best. / 与最优的允许差距")
    ] = _GAP,
    time_limit: Annotated[
        float, typer.Option(metavar="S", help="Seconds for each solve. / 每次求解的时限（秒）")
    ] = _TIME_S,
    quiet: Quiet = False,
    as_json: AsJson = False,
    lang: Lang = None,
) -> None:
    """Say what to add where, in which order, at what cost. / 补什么、补在哪、先补哪."""
    from analysis.plan.plan_parameters import PlanParameters
    from analysis.sources.store.plans import check_plan_folder

    speaker = Speaker(lang, quiet=quiet, as_json=as_json)
    parameters = PlanParameters(
        elements=split_ids(elements) or None,
        circles=split_ids(in_circles) or None,
        model=_models(split_ids(model)),
        n_sites=sites,
        budget_yuan=budget,
        target_share=target,
        joint=joint,
        links=links,
        alternatives=alternatives,
        max_gap=max_gap,
        time_limit_s=time_limit,
    )
    check_plan_folder(out, (MAP_FILE, WORKBOOK_FILE))
    study = study_of(speaker, chosen)
    made = _made(study, parameters, from_map=from_map)
    files = _write(speaker, study, made, out)
    _tell(speaker, study, made)
    speaker.say(message("cli.written", path=str(out)))
    speaker.result(_summary(study, made, out, files))


def _models(given: tuple[str, ...]) -> dict[str, Any]:
    return {one.partition("=")[0]: one.partition("=")[2] for one in given}


def _made(study: "Study", parameters: "PlanParameters", *, from_map: bool) -> "Plan":
    from analysis.candidates.gathering import CandidateRules, gather, screen_study
    from analysis.plan.plan import make_plan
    from analysis.plan.sites import sites_of

    rules = CandidateRules(from_map=from_map)
    candidates = gather(study, rules).candidates
    found = sites_of(screen_study(study, candidates, rules))
    return make_plan(study, found, parameters, title=study.inputs.title)


def _write(speaker: Speaker, study: "Study", made: "Plan", out: Path) -> list[str]:
    from analysis.sources.store.plans import save_plan
    from service.maps.page import plan_map
    from service.reports.works_workbook import works_workbook

    def map_page(path: Path) -> None:
        html = plan_map(study, made, language=speaker.language)
        path.write_text(html, "utf-8", errors="replace", newline="\n")

    files = save_plan(
        study,
        made,
        out,
        extras={
            MAP_FILE: map_page,
            WORKBOOK_FILE: lambda path: works_workbook(study, made, path),
        },
    )
    return [one.name for one in files]


def _tell(speaker: Speaker, study: "Study", made: "Plan") -> None:
    from analysis.documents.plan import works_unseen
    from analysis.documents.plan_words import proof_words

    last = made.curve[-1]
    speaker.say(
        message(
            "plan.headline", works=len(made.works), people=last.people,
            low=last.cost_low / _YUAN, high=last.cost_high / _YUAN,
        )
    )  # fmt: skip
    if speaker.silent:
        return
    if made.works:
        speaker.show(_table(speaker, study, made))
    if len(made.works) > _SHOWN:
        speaker.say(message("cli.plan.more", count=len(made.works) - _SHOWN))
    speaker.say(proof_words(made.proof))
    share = made.parameters.target_share
    for one in made.unreachable:
        target = study.inputs.standard.element(one.element_id).coverage.target.value
        if one.best_share < (target if share is None else share):
            speaker.say(one.why)
    for told in made.left_out:
        speaker.say(told)
    unseen = works_unseen(made)
    if unseen:
        speaker.say(message("candidates.unseen", count=unseen))
    speaker.say(message("plan.statement"))


def _table(speaker: Speaker, study: "Study", made: "Plan") -> "Table":
    from rich.table import Table

    from analysis.documents.plan_tables import work_rows

    language = speaker.language
    table = Table()
    for key in ("order", "work", "elements", "circle_name", "people", "cost"):
        heading = message(f"cli.plan.{key}").text(language)
        number = key in ("order", "people", "cost")
        table.add_column(heading, justify="right" if number else "left")
    for row in work_rows(study, made)[:_SHOWN]:
        low, high = row["cost_low_yuan"], row["cost_high_yuan"]
        cost = "-"
        if isinstance(low, float) and isinstance(high, float):
            cost = f"{low / _YUAN:,.0f}–{high / _YUAN:,.0f}"
        people = f"{row['people']:,.0f}" if row["people"] else f"({row['people_helped']:,.0f})"
        table.add_row(
            str(row["order"]),
            str(row[f"work_{language}"]),
            printable(str(row[f"elements_{language}"])),
            printable(str(row["circle_name"])),
            people,
            cost,
        )
    return table


def _summary(study: "Study", made: "Plan", out: Path, files: list[str]) -> dict[str, Any]:
    from analysis.documents.plan import plan_document

    document: Any = plan_document(study, made)
    last = document["curve"][-1]
    return {
        "folder": str(out),
        "files": files,
        "digest": document["digest"],
        "scenario_id": document["scenario_id"],
        "works": len(document["works"]),
        "people": last["covered_so_far"],
        "cost_low_yuan": last["cost_so_far_low_yuan"],
        "cost_high_yuan": last["cost_so_far_high_yuan"],
        "proof_agrees": document["proof"]["agrees"],
        "gaps_closed": len(document["proof"]["gaps_closed"]),
        "solves": [
            {key: one[key] for key in ("model", "status", "objective", "bound", "gap")}
            for one in document["solves"]
        ],
        "unreachable": len(document["unreachable"]),
        "left_out": document["left_out"],
    }
