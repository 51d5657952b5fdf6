"""PlanParameters: what a planner asks of a plan, and where the planner overrules it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, Literal

from analysis.errors import InvalidParameterError, one_of
from analysis.messages import message
from analysis.siting.answer import Effort

PlanModel = Literal["lscp", "mclp", "p_median", "p_centre", "capacitated"]
PLAN_MODELS: Final[tuple[PlanModel, ...]] = (
    "lscp", "mclp", "p_median", "p_centre", "capacitated",
)  # fmt: skip
OverrideAction = Literal["up", "down", "first", "last", "drop"]
OVERRIDE_ACTIONS: Final[tuple[OverrideAction, ...]] = ("up", "down", "first", "last", "drop")
_NEED_NUMBER: Final = ("mclp", "p_median", "p_centre")


@dataclass(frozen=True, slots=True, kw_only=True)
class Override:
    """A planner moves a work in the order, or drops it, and says why.

    Raises :class:`InvalidParameterError` without a reason: nobody could follow the order later.
    """

    work_id: str
    action: OverrideAction
    reason: str
    by: str = ""

    def __post_init__(self) -> None:
        """Check that it says why."""
        if self.action not in OVERRIDE_ACTIONS:
            raise InvalidParameterError(
                message("plan.override.action", allowed=one_of(OVERRIDE_ACTIONS)),
                value=self.action,
            )
        if not self.reason.strip():
            raise InvalidParameterError(
                message("plan.override.reason"),
                remedy=message("plan.override.reason.remedy"),
                value=self.work_id,
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanParameters:
    """What a plan is to do; every one of them changes the answer.

    Attributes
    ----------
    elements
        Ids to plan for; None for all walked elements that some circle has short or weak.
    circles
        Ids of circles to plan for; None for all.
    model
        By element id how its sites are chosen where there is no budget; without an entry ``lscp``
        (fewest sites to the target), or ``mclp`` where `n_sites` is given.
    n_sites
        Sites for each element; None for as many as it takes.
    budget_yuan
        Money for all elements together, counted at the middle of each range; None: no limit.
    target_share
        Share to cover, 0…1, in place of each element's own target.
    joint
        Whether several elements may share one site (复合设置), as the standard allows.
    remedies
        Whether works beside new sites are looked for: more room, what is poor made good.
    links
        Whether missing links (a gate, a crossing, a footbridge) are looked for also where something
        is missing, to stand beside new sites; for whoever goes a long way round they are works.
    max_gap, time_limit_s
        How close to the best each solve has to be, as a share, and how long it may take.
    alternatives
        How many really different plans are looked for beside the chosen one, for each element.
    """

    elements: tuple[str, ...] | None = None
    circles: tuple[str, ...] | None = None
    model: Mapping[str, PlanModel] = field(default_factory=dict)
    n_sites: int | None = None
    budget_yuan: float | None = None
    target_share: float | None = None
    joint: bool = True
    remedies: bool = True
    links: bool = False
    max_gap: float = 0.01
    time_limit_s: float = 30.0
    alternatives: int = 0

    def __post_init__(self) -> None:
        """Check the ranges."""
        if self.n_sites is not None and self.n_sites < 1:
            raise _wrong("n_sites", self.n_sites)
        if self.budget_yuan is not None and not 0 < self.budget_yuan < float("inf"):
            raise _wrong("budget", self.budget_yuan)
        if self.target_share is not None and not 0 < self.target_share <= 1:
            raise _wrong("target", self.target_share)
        if self.alternatives < 0:
            raise _wrong("alternatives", self.alternatives)
        for element_id, model in self.model.items():
            if model not in PLAN_MODELS:
                raise InvalidParameterError(
                    message("plan.model", allowed=one_of(PLAN_MODELS)), value=model
                )
            if model in _NEED_NUMBER and self.n_sites is None:
                raise InvalidParameterError(
                    message("plan.model.number", model=model), value=element_id
                )
        self.effort  # noqa: B018 - its ranges are checked where it is made

    @property
    def effort(self) -> Effort:
        """Return how hard each solve tries."""
        return Effort(max_gap=self.max_gap, time_limit_s=self.time_limit_s)

    def model_of(self, element_id: str) -> PlanModel:
        """Return how the sites of an element are chosen without a budget."""
        return self.model.get(element_id, "lscp" if self.n_sites is None else "mclp")


def _wrong(what: str, value: float) -> InvalidParameterError:
    return InvalidParameterError(message(f"plan.parameter.{what}"), value=value)
