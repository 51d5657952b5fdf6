"""What typer says of a wrong command line, in our words: the pinned version's own are English."""

import re
from collections.abc import Callable
from typing import Final

from analysis.messages import Joined, Message, message
from service.validation import cut_name

_Sayer = Callable[..., Message]


def _value(kind: str) -> _Sayer:
    def said(name: str, limit: str = "") -> Message:
        return message(f"api.value.{kind}", name=cut_name(name), limit=limit)

    return said


def _named(key: str) -> _Sayer:
    def said(name: str) -> Message:
        return message(key, name=cut_name(name))

    return said


def _choice(name: str, value: str, allowed: str) -> Message:
    known = Joined(tuple(re.findall(r"'([^']*)'", allowed)))
    return message("cli.usage.choice", name=cut_name(name), value=cut_name(value), allowed=known)


def _alike(name: str, alike: str | None) -> Message:
    if alike is None:
        return message("cli.usage.unknown", name=cut_name(name))
    return message("cli.usage.unknown_alike", name=cut_name(name), alike=alike)


_NAME: Final = r"Invalid value for '?([^':]+?)'?: "
_KNOWN: Final[tuple[tuple[re.Pattern[str], _Sayer], ...]] = tuple(
    (re.compile(pattern, re.DOTALL), sayer)
    for pattern, sayer in (
        (_NAME + r"Input should be greater than or equal to (\S+?)\.?", _value("least")),
        (_NAME + r"Input should be greater than (\S+?)\.?", _value("above")),
        (_NAME + r"Input should be less than or equal to (\S+?)\.?", _value("most")),
        (_NAME + r"Input should be less than (\S+?)\.?", _value("below")),
        (_NAME + r"Input should be a valid integer.*", _value("whole")),
        (_NAME + r"Input should be a valid number.*", _value("number")),
        (_NAME + r"'(.*)' is not one of (.*)\.", _choice),
        (r"Missing (?:option|argument|parameter) '?([^'.]+)'?\.?", _named("api.value.missing")),
        (r"No such option: (\S+)(?: \((?:Possible options:|Did you mean) ([^)]*?)\??\))?", _alike),
        (r"No such command '(.*)'\.", _named("cli.usage.command")),
        (r"Got unexpected extra arguments?(?:\(s\))? \((.*)\)", _named("cli.usage.extra")),
        (r"Option '?(\S+?)'? requires (?:an argument|\d+ arguments)\.?", _named("cli.usage.bare")),
    )
)  # fmt: skip


def misuse(told: str) -> Message:
    """Return what is wrong with a command line, from typer's own sentence.

    A sentence that is not known here stands in the answer as it is.
    """
    text = told.strip().replace("Value error, ", "")
    for pattern, sayer in _KNOWN:
        found = pattern.fullmatch(text)
        if found is not None:
            return message("cli.usage.said", detail=sayer(*found.groups()))
    return message("cli.usage", detail=text)
