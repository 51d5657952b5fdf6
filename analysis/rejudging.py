"""Rejudging: inputs that were read by one standard, made ready to be judged by another."""

from dataclasses import dataclass, replace

import shapely

from analysis.messages import Joined, Message, message
from analysis.notices import Notice, notice
from analysis.standard.profile import Element, ServiceStandard
from analysis.standard.recognition import (
    never_read,
    read_around_otherwise,
    read_beyond_m,
    read_otherwise,
)
from analysis.study import StudyInputs


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Rejudging:
    """Inputs under another standard, and what that cannot answer without reading anew.

    Attributes
    ----------
    inputs
        For :func:`analysis.study.analyse`; its standard lacks the elements left out, its notices
        begin with `notices`.
    left_out
        Elements that the place was never searched for: nobody could tell absent from unread.
    notices
        What was left out or stays as it was read; empty where nothing differs.
    """

    inputs: StudyInputs
    left_out: tuple[Element, ...]
    notices: tuple[Notice, ...]


def under_standard(inputs: StudyInputs, standard: ServiceStandard) -> Rejudging:
    """Return `inputs` to be judged by `standard` instead of the one that they were read by.

    Facilities stay what they were recognised as. Where `standard` walks farther than was read, the
    data ends where reading ended, so that such verdicts are left open and no gap is made up.
    """
    was = inputs.standard
    left_out = never_read(was, standard)
    told = _notices(was, standard, left_out)
    gone = {one.id for one in left_out}
    kept = tuple(one for one in standard.elements if one.id not in gone)
    area, narrowed = _data_area(inputs, standard)
    if narrowed is not None:
        told = (*told, narrowed)
    return Rejudging(
        inputs=replace(
            inputs,
            standard=replace(standard, elements=kept),
            data_area=area,
            notices=(*told, *inputs.notices),
        ),
        left_out=left_out,
        notices=told,
    )


def _notices(
    was: ServiceStandard, standard: ServiceStandard, left_out: tuple[Element, ...]
) -> tuple[Notice, ...]:
    told: list[Notice] = []
    if left_out:
        text = _text("rejudging.left_out", was, standard, left_out)
        told.append(notice("rejudging.left_out", text, (one.id for one in left_out), "warning"))
    otherwise = read_otherwise(was, standard)
    if otherwise:
        text = _text("rejudging.read_otherwise", was, standard, otherwise)
        subjects = (one.id for one in otherwise)
        told.append(notice("rejudging.read_otherwise", text, subjects, "warning"))
    around = read_around_otherwise(was, standard)
    if around:
        text = message("rejudging.around", was=was.id, standard=standard.id, fields=Joined(around))
        told.append(notice("rejudging.around", text, around, "warning"))
    return tuple(told)


def _text(
    key: str, was: ServiceStandard, standard: ServiceStandard, elements: tuple[Element, ...]
) -> Message:
    names = Joined(tuple(one.name for one in elements))
    return message(key, was=was.id, standard=standard.id, count=len(elements), elements=names)


def _data_area(
    inputs: StudyInputs, standard: ServiceStandard
) -> tuple[shapely.Geometry, Notice | None]:
    """Return where the data is complete: no farther than was read, if `standard` looks farther."""
    on_slopes = inputs.network.terrain is not None
    had_m = read_beyond_m(inputs.standard, on_slopes=on_slopes)
    wants_m = read_beyond_m(standard, on_slopes=on_slopes)
    if wants_m <= had_m:
        return inputs.data_area, None
    read = shapely.buffer(shapely.union_all(inputs.circles.polygons), had_m)
    text = message("rejudging.farther", standard=standard.id, had_m=had_m, wants_m=wants_m)
    area = shapely.intersection(inputs.data_area, read)
    return area, notice("rejudging.farther", text, (), "warning")
