"""Counted nouns as parts of sentences."""

from typing import Literal

from analysis.messages import Message, message

Noun = Literal[
    "residents", "homes", "buildings", "facilities", "services", "circles", "elements", "studies",
    "components", "warnings",
]  # fmt: skip


def counted(noun: Noun, number: float) -> Message:
    """Return `number` (rounded to a whole one) with its noun, as part of a sentence."""
    return message(f"count.{noun}", number=round(number))
