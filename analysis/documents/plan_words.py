"""What a plan says in words: elements, gates, what is added, how good a solve is."""

from collections.abc import Iterable
from math import isfinite

from analysis.documents.plain import plain_text
from analysis.messages import Joined, Message, Name, Spoken, message
from analysis.plan.choices import SolveRecord
from analysis.plan.proof import Proof
from analysis.plan.works import Scale
from analysis.standard.figures import plain_number
from analysis.standard.profile_rules import Span
from analysis.study import Study


def element_names(study: Study, element_ids: Iterable[str]) -> Joined:
    """Return the names of elements, in the order given."""
    return Joined(tuple(study.inputs.standard.element(one).name for one in element_ids))


def gate_name(study: Study, gate_id: str) -> Spoken:
    """Return the name of a gate of the programme; *people for the money* where there is none."""
    for rule in study.inputs.standard.works.priorities:
        if rule.id == gate_id:
            return rule.name
    return message("plan.gate.none")


def scale_words(study: Study, scale: Scale) -> Spoken:
    """Return what a work adds: 400 m² (wet market)."""
    name = study.inputs.standard.element(scale.element_id).name
    if not isfinite(scale.amount):
        return message("plan.scale.unknown", element=name)
    return message(
        "plan.scale.adds",
        element=name,
        amount=plain_number(scale.amount, digits=3),
        unit=message(f"unit.{scale.unit}"),
    )


def gap_words(gap_ids: Iterable[str]) -> str:
    """Return gap ids as a cell."""
    return plain_text("; ".join(gap_ids))


def lead_time(span: Span | None) -> str | None:
    """Return months from the decision until it is open, as a range."""
    return None if span is None else f"{span.low:g}–{span.high:g}"


def solve_words(record: SolveRecord) -> Spoken:
    """Return how good an answer is: what the bound means."""
    best = message("plan.said.unreached", people=record.people_unreached)
    parts: list[Spoken] = [_proof(record)]
    if record.people_unreached > 0:
        parts.append(best)
    return Joined(tuple(parts))


def proof_words(proof: Proof) -> Message:
    """Return whether the judged scenario bears the works out."""
    key = "differs" if not proof.agrees else "paths" if proof.with_paths else "holds"
    return message(f"plan.proof.{key}", closed=len(proof.difference.gaps_closed))


def _proof(record: SolveRecord) -> Spoken:
    if record.status == "infeasible":
        return message(
            "plan.said.infeasible", sites=record.n_sites, best=record.best_share,
            target=record.target_share if isfinite(record.target_share) else 1.0,
        )  # fmt: skip
    what = message(f"plan.unit.{record.unit}")
    objective = Name(f"{record.objective:,.0f}", f"{record.objective:,.0f}")
    if record.status == "optimal":
        return message("plan.said.optimal", objective=objective, unit=what)
    if not isfinite(record.bound) or record.gap >= 1.0:
        return message("plan.said.no_bound", objective=objective, unit=what)
    return message(
        "plan.said.gap", objective=objective, unit=what, gap=record.gap,
        bound=f"{record.bound:,.0f}",
    )  # fmt: skip
