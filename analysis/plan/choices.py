"""Choices: where to open what, each solve with its status, its bound and its gap."""

from dataclasses import dataclass, field

from analysis.messages import Message
from analysis.siting.answer import Status


@dataclass(frozen=True, slots=True, kw_only=True)
class SolveRecord:
    """One question put to a siting model, and how good its answer is.

    Attributes
    ----------
    element_ids, circle_ids
        What was planned for whom.
    model
        ``lscp``, ``mclp``, ``p_median``, ``p_centre``, ``capacitated_lscp``, ``capacitated_mclp``
        or ``joint``.
    status, objective, bound, gap
        As in :class:`~analysis.siting.answer.SitingAnswer`; `unit` is what both count: ``sites``,
        ``people`` (of the deciding basis), ``person_m`` or ``m`` (``person_s``, ``s`` under
        minutes).
    n_sites
        Sites chosen.
    target_share, best_share
        Share that was asked for, nan where none was; and what all candidates together reach.
    people_unreached
        People of the basis whom neither what exists nor any candidate reaches.
    solvers, iterations
        What found and what proved it, in how many steps.
    seconds
        How long it took; no part of the answer.
    """

    element_ids: tuple[str, ...]
    circle_ids: tuple[str, ...]
    model: str
    status: Status
    objective: float
    bound: float
    gap: float
    unit: str
    n_sites: int
    target_share: float
    best_share: float
    people_unreached: float
    solvers: tuple[str, ...]
    iterations: int
    seconds: float = field(default=0.0, compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """What opens at one site (its position): the elements, in the standard's order."""

    site: int
    element_ids: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ElementAlternatives:
    """Plans for one element that are nearly as good and really different.

    `plans` are the sites (positions) of each, best first; `loss` how many people of the basis fewer
    each covers, `loss_share` the same as a share; `no_regret` are the sites that the plan itself
    and all others use.
    """

    element_id: str
    plans: tuple[tuple[int, ...], ...]
    loss: tuple[float, ...]
    loss_share: tuple[float, ...]
    no_regret: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Chosen:
    """All choices with the records of how they came about, and what was left out and why."""

    choices: tuple[Choice, ...]
    records: tuple[SolveRecord, ...]
    alternatives: tuple[ElementAlternatives, ...]
    left_out: tuple[Message, ...]
