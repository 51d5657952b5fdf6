"""Versions of standards: what a child says of its parent's, and two contents under one version."""

from pathlib import Path
from typing import Any, Final

from analysis.messages import Message, message
from analysis.notices import Notice, notice
from analysis.standard.inheritance import AT_VERSION, Node
from analysis.standard.profile import ServiceStandard

SHORT_DIGEST: Final = 12


def pinned(wanted: Any) -> tuple[Any, str | None]:
    """Return the parent's name and the version that its child was written against.

    The version is None where there is no ``@``, and empty where nothing follows it.
    """
    if not isinstance(wanted, str) or AT_VERSION not in wanted:
        return wanted, None
    name, _, version = wanted.partition(AT_VERSION)
    return name, version.strip()


def version_of(tree: Node) -> str:
    """Return the version that a profile states, empty where it states none."""
    profile = tree.value.get("profile")
    own = profile.value.get("version") if profile and isinstance(profile.value, dict) else None
    return "" if own is None else str(own.value)


def other_version(parent: Node, name: str, stated: str | None, child: str) -> tuple[Notice, ...]:
    """Warn where the parent says another version than `child` states."""
    found = version_of(parent)
    if not stated or found == stated:
        return ()
    text = message("standard.extends.version", parent=name, stated=stated, found=found or "-",
                   child=Path(child).name)  # fmt: skip
    return (notice("standard.extends.version", text, (Path(child).name,), "warning"),)


def no_version(parent: Node, name: str) -> tuple[Message, Message]:
    """Return reason and remedy for an ``@`` that no version follows."""
    remedy = message("standard.extends.no_version.remedy", parent=name,
                     found=version_of(parent) or "-")  # fmt: skip
    return message("standard.extends.no_version"), remedy


def same_version(own: ServiceStandard, name: str, packaged: ServiceStandard) -> tuple[Notice, ...]:
    """Warn where the file `name` has the packaged standard's id and version, but other content."""
    if not two_contents(own, packaged):
        return ()
    text = message(
        "standard.same_version", name=name, version=f"{own.id} {own.version}",
        digest=own.digest[:SHORT_DIGEST], other=packaged.digest[:SHORT_DIGEST],
    )  # fmt: skip
    return (notice("standard.same_version", text, (name,), "warning"),)


def two_contents(a: ServiceStandard, b: ServiceStandard) -> bool:
    """Return whether two standards share id and version, and differ in content."""
    return (a.id, a.version) == (b.id, b.version) and a.digest != b.digest
