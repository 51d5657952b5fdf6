"""Missing links as flat tables, and beside them what building would cost."""

from collections.abc import Sequence
from typing import Final

import numpy as np

from analysis.documents.plain import number, plain_text, texts
from analysis.documents.tables import Row
from analysis.messages import Clauses, Joined, message
from analysis.plan.builds import Cost
from analysis.plan.link_proposal import LinkProposal
from analysis.plan.path_or_building import PathOrBuilding
from analysis.study import Study

LINK_COLUMNS: Final = (
    "rank", "link_id", "kind", "kind_zh", "kind_en", "element_id", "element_zh", "element_en",
    "gap_ids", "people", "people_covered", "people_straightened", "saved_person_m",
    "other_elements", "other_people", "length_m", "walls", "barred_by",
    "cost_low_yuan", "cost_high_yuan", "cost_source", "cost_confidence",
    "begin_lon", "begin_lat", "end_lon", "end_lat",
    "text_zh", "text_en", "to_check_zh", "to_check_en",
)  # fmt: skip
BESIDE_COLUMNS: Final = (
    "gap_id", "link_id", "link_people", "link_cost_low_yuan", "link_cost_high_yuan",
    "building_people", "building_cost_low_yuan", "building_cost_high_yuan",
    "building_lon", "building_lat", "text_zh", "text_en",
)  # fmt: skip
_DECIMALS: Final = 7  # about a centimetre


def link_rows(study: Study, links: Sequence[LinkProposal]) -> list[Row]:
    """Return one row for each link, with the keys of :data:`LINK_COLUMNS`.

    `people` are residents of its gaps whom it helps; `people_covered`, `people_straightened` and
    `saved_person_m` count everybody for its element; `other_elements` and `other_people` are
    elements that more residents reach, and these residents, each as often as there are such
    elements. Amounts are empty where the standard states no cost.
    """
    return [_row(study, link, rank) for rank, link in enumerate(links, start=1)]


def beside_rows(study: Study, answers: Sequence[PathOrBuilding]) -> list[Row]:
    """Return one row for each gap, its best link beside its best new facility.

    Keys are :data:`BESIDE_COLUMNS`; cells of what there is not are empty.
    """
    return [_beside(study, answer) for answer in answers]


def _row(study: Study, link: LinkProposal, rank: int) -> Row:
    gain = link.gains[link.element_id]
    others = [one for one in link.gains.values() if one is not gain and one.people > 0]
    kind = texts(message(f"link.kind.{link.kind}"))
    name = texts(study.inputs.standard.element(link.element_id).name)
    (begin_lon, begin_lat), (end_lon, end_lat) = _lonlat(study, link.line_m)
    said, to_check = texts(link.text), texts(Clauses(link.unseen))
    return {
        "rank": rank,
        "link_id": link.link_id,
        "kind": link.kind,
        "kind_zh": kind["zh"],
        "kind_en": kind["en"],
        "element_id": link.element_id,
        "element_zh": name["zh"],
        "element_en": name["en"],
        "gap_ids": plain_text(Joined(tuple(link.gap_people)).text("en")),
        "people": number(link.people),
        "people_covered": number(gain.people),
        "people_straightened": number(gain.straightened),
        "saved_person_m": number(gain.saved_person_m),
        "other_elements": len(others),
        "other_people": number(sum(one.people for one in others)),
        "length_m": number(link.length_m),
        "walls": link.walls,
        "barred_by": link.barred_by,
        **_cost_cells("cost", link.cost),
        "cost_source": link.cost.source,
        "cost_confidence": link.cost.confidence,
        "begin_lon": begin_lon,
        "begin_lat": begin_lat,
        "end_lon": end_lon,
        "end_lat": end_lat,
        "text_zh": said["zh"],
        "text_en": said["en"],
        "to_check_zh": to_check["zh"],
        "to_check_en": to_check["en"],
    }


def _beside(study: Study, answer: PathOrBuilding) -> Row:
    link, building, said = answer.link, answer.building, texts(answer.text)
    row: Row = dict.fromkeys(BESIDE_COLUMNS)
    row |= {"gap_id": plain_text(answer.gap_id), "text_zh": said["zh"], "text_en": said["en"]}
    if link is not None:
        row |= {
            "link_id": link.link_id,
            "link_people": number(link.gap_people[answer.gap_id]),
            **_cost_cells("link_cost", link.cost),
        }
    if building is not None:
        ((lon, lat),) = _lonlat(study, (building.xy_m,))
        row |= {
            "building_people": number(building.people),
            **_cost_cells("building_cost", building.cost),
            "building_lon": lon,
            "building_lat": lat,
        }
    return row


def _cost_cells(name: str, cost: Cost) -> Row:
    return {f"{name}_low_yuan": number(cost.low), f"{name}_high_yuan": number(cost.high)}


def _lonlat(study: Study, line_m: Sequence[tuple[float, float]]) -> list[list[float]]:
    lonlat = study.inputs.crs.unproject(np.array(line_m, dtype=np.float64))
    rounded: list[list[float]] = np.round(lonlat, _DECIMALS).tolist()
    return rounded
