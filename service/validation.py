"""What pydantic refuses, in our own words: the same for parameters and for settings.

pydantic speaks English only; here every kind of refusal that occurs has a phrase and a remedy in
both languages.
"""

import re
from collections.abc import Mapping
from typing import Any, Final

from analysis.errors import InvalidParameterError
from analysis.messages import Joined, Message, message

_PHRASES: Final[Mapping[str, str]] = {
    "missing": "missing",
    "greater_than": "above",
    "greater_than_equal": "least",
    "less_than": "below",
    "less_than_equal": "most",
    "number": "number",
    "float_parsing": "number",
    "float_type": "number",
    "finite_number": "number",
    "int_parsing": "whole",
    "int_from_float": "whole",
    "int_type": "whole",
    "literal_error": "choice",
    "enum": "choice",
    "string_too_long": "long",
    "string_too_short": "short",
    "string_pattern_mismatch": "pattern",
}
_LIMITS: Final = ("gt", "ge", "lt", "le", "max_length", "min_length")
_QUOTED: Final = re.compile(r"'([^']*)'")
_MAX_NAME: Final = 60


def refusal(error: Mapping[str, Any], *, remedy: Message | None = None) -> InvalidParameterError:
    """Return one entry of pydantic's ``errors()`` as an error of ours.

    Parameters
    ----------
    error
        Keys ``type``, ``loc``, ``input`` and ``ctx`` as pydantic gives them; a kind that is not in
        the table gets the general phrase, never pydantic's.
    remedy
        A better remedy than the kind's own, where the caller knows one.
    """
    kind = _PHRASES.get(error["type"], "other")
    context = error.get("ctx") or {}
    limit = next((context[one] for one in _LIMITS if one in context), 0)
    words = {
        "name": cut_name(str(error["loc"][-1])) if error["loc"] else "",
        "limit": f"{limit:.10g}",
        "allowed": Joined(tuple(_QUOTED.findall(str(context.get("expected", ""))))),
        "pattern": str(context.get("pattern", "")),
    }
    key = f"api.value.{kind}"
    return InvalidParameterError(
        message(key, **words),
        remedy=remedy or message(f"{key}.remedy", **words),
        source=str(words["name"]),
        value=None if kind == "missing" else error.get("input"),
    )


def cut_name(name: str) -> str:
    """Return a parameter's name as given, cut to 60 characters."""
    return name if len(name) <= _MAX_NAME else name[: _MAX_NAME - 1] + "…"
