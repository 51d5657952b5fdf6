"""What a study was asked for, and who walks in it, as plain JSON values."""

from analysis.documents.plain import number, texts
from analysis.study import Study
from analysis.walking import WalkProfile


def chosen_parameters(study: Study) -> dict[str, object]:
    """Return what the planner chose, and what follows of it for the study's walker."""
    chosen = study.parameters
    return {
        "criterion": chosen.criterion,
        "walker": chosen.walker,
        **_walker(study, study.profile),
        "near_m": number(study.link_rules.near_m),
        "snap_limit_m": number(study.link_rules.snap_limit_m),
        "min_component_share": number(study.link_rules.min_component_share),
        "min_gap_people": number(chosen.min_gap_people),
        "old_area": chosen.old_area,
        "by_group": chosen.by_group,
    }


def element_walkers(study: Study) -> list[dict[str, object]]:
    """Return the walkers that judge single elements instead of the study's, and which."""
    return [
        {
            "walker": one.profile.name,
            **_walker(study, one.profile),
            "elements": [
                {"id": element.id, **texts(element.name)}
                for element in one.judged(study.measured.standard)
            ],
        }
        for one in study.other_walks
    ]


def _walker(study: Study, profile: WalkProfile) -> dict[str, object]:
    """Return what turns a walker's metres into seconds."""
    hilly = study.inputs.network.terrain is not None
    up, down = profile.steps_up_m_s, profile.steps_down_m_s
    return {
        "speed_m_s": number(profile.speed_m_s),
        "slope_law": profile.slope.text if hilly and profile.slope is not None else None,
        "steps_up_m_s": None if up is None else number(up),
        "steps_down_m_s": None if down is None else number(down),
    }
