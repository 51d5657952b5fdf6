"""Unusual capacities: stated sizes so far from what one facility offers that somebody should look.

Nothing is changed: a tenth or ten times of the usual is most often a slip of the pen or another
unit, and now and then true.
"""

from typing import Final

from analysis.capacity.supply import stated_amount
from analysis.messages import Joined, Message, message
from analysis.notices import Notice, notice
from analysis.places.facilities import Facilities
from analysis.standard.figures import plain_number
from analysis.standard.profile import Element, ServiceStandard

BEYOND: Final = 10.0  # times the most, or one in so many of the least, that one usually offers
_NAMED: Final = 3  # in the sentence; all are subjects


def unusual_notices(standard: ServiceStandard, facilities: Facilities) -> tuple[Notice, ...]:
    """Return a warning for each walked element with stated capacities far outside the usual.

    Compared are what columns and tags state, with the profile's ``per_facility`` where it has the
    unit of the scale.
    """
    told = [_notice(element, facilities) for element in standard.walked]
    return tuple(one for one in told if one is not None)


def _notice(element: Element, facilities: Facilities) -> Notice | None:
    rule = element.scale
    if rule is None or rule.capacity.typical is None:
        return None
    low, high = rule.capacity.typical
    unusual: list[tuple[str, Message]] = []
    for row in facilities.of_element(element.id).tolist():
        amount = stated_amount(rule.capacity, facilities.attributes[row])
        if amount is not None and not low / BEYOND <= amount <= high * BEYOND:
            source = facilities.source_id[row]
            said = message("capacity.unusual.row", source=source, amount=plain_number(amount))
            unusual.append((source, said))
    if not unusual:
        return None
    left = len(unusual) - _NAMED
    rest = (message("capacity.unusual.more", left=left),) if left > 0 else ()
    text = message(
        "capacity.unusual",
        element=element.name,
        count=len(unusual),
        low=plain_number(low),
        high=plain_number(high),
        unit=message(f"unit.{rule.unit}"),
        rows=Joined((*(said for _, said in unusual[:_NAMED]), *rest)),
    )
    return notice("capacity.unusual", text, (source for source, _ in unusual), "warning")
