"""YAML read so that every value knows its line, and nothing in the file can hurt us.

Anchors and aliases, merge keys, repeated keys, foreign tags, deep nesting and numbers that are not
finite are refused with their line instead of being resolved.
"""

import math
from dataclasses import dataclass, field
from typing import Final, cast

import yaml

from analysis.messages import Message, message

Path = tuple[str | int, ...]
MAX_DEPTH: Final = 30
MAX_PROBLEMS: Final = 500
_STRING: Final = "tag:yaml.org,2002:str"
_AS_TEXT: Final = (_STRING, "tag:yaml.org,2002:timestamp", "tag:yaml.org,2002:value")
_CONSTRUCTOR: Final = yaml.constructor.SafeConstructor


@dataclass(frozen=True, slots=True)
class Fault:
    """Something wrong at a place of a document.

    Attributes
    ----------
    line
        Counted from 1.
    path
        Keys and positions from the root.
    reason, remedy
        Phrases.
    value
        The offending value as written, may be empty.
    """

    line: int
    path: Path
    reason: Message
    remedy: Message
    value: str = ""


@dataclass(slots=True)
class YamlDocument:
    """A YAML file as plain values with the line of each.

    Attributes
    ----------
    value
        Mappings, sequences, strings, numbers, booleans and None; None where nothing was readable.
    lines
        Line of each value, and of each key of a mapping, by path, counted from 1.
    faults
        What is wrong with it as YAML, in the order of the file.
    """

    value: object = None
    lines: dict[Path, int] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)

    def line(self, path: Path) -> int:
        """Return the line of `path`, or of the nearest enclosing value that has one."""
        for end in range(len(path), -1, -1):
            if path[:end] in self.lines:
                return self.lines[path[:end]]
        return 1


def read_yaml(text: str) -> YamlDocument:
    """Read one YAML document; whatever is wrong becomes a fault, never an exception."""
    document = YamlDocument()
    try:
        if not _is_plain(text, document):
            return document
        node = yaml.compose(text, Loader=yaml.CSafeLoader)
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        mark = getattr(error, "problem_mark", None)
        line = 1 if mark is None else mark.line + 1
        remedy = message("standard.yaml.syntax.remedy")
        _fault(document, line, (), message("standard.yaml.syntax"), remedy, _line(text, line))
        return document
    document.value = None if node is None else _build(node, (), document)
    return document


def _line(text: str, line: int) -> str:
    """Return what stands in a line, fit to be shown."""
    lines = text.splitlines()
    shown = lines[line - 1].strip() if line <= len(lines) else ""
    return "".join(one if one.isprintable() else "\ufffd" for one in shown)


def _is_plain(text: str, document: YamlDocument) -> bool:
    """Note anchors and nesting from the event stream, which expands nothing."""
    depth = 0
    for event in yaml.parse(text, Loader=yaml.CSafeLoader):
        line = 1 if event.start_mark is None else event.start_mark.line + 1
        anchor = getattr(event, "anchor", None)
        if anchor is not None:
            remedy = message("standard.yaml.anchor.remedy")
            _fault(document, line, (), message("standard.yaml.anchor"), remedy, str(anchor))
            return False
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
        if depth > MAX_DEPTH:
            remedy = message("standard.yaml.depth.remedy", limit=MAX_DEPTH)
            _fault(document, line, (), message("standard.yaml.depth"), remedy)
            return False
    return True


def _build(node: yaml.Node, path: Path, document: YamlDocument) -> object:
    document.lines.setdefault(path, node.start_mark.line + 1)
    if isinstance(node, yaml.MappingNode):
        return _mapping(node, path, document)
    if isinstance(node, yaml.SequenceNode):
        return [_build(item, (*path, i), document) for i, item in enumerate(node.value)]
    return _scalar(cast("yaml.ScalarNode", node), path, document)  # the third and last kind


def _mapping(node: yaml.MappingNode, path: Path, document: YamlDocument) -> dict[str, object]:
    built: dict[str, object] = {}
    for key_node, value_node in node.value:
        line = key_node.start_mark.line + 1
        if not isinstance(key_node, yaml.ScalarNode):
            remedy = message("standard.yaml.key.remedy")
            _fault(document, line, path, message("standard.yaml.key"), remedy)
            continue
        key = str(key_node.value)
        if key in built:
            remedy = message("standard.yaml.repeated.remedy", first=document.lines[(*path, key)])
            _fault(document, line, (*path, key), message("standard.yaml.repeated"), remedy, key)
            continue
        document.lines[(*path, key)] = line
        built[key] = _build(value_node, (*path, key), document)
    return built


def _scalar(node: yaml.ScalarNode, path: Path, document: YamlDocument) -> object:
    text = str(node.value)
    if node.tag in _AS_TEXT:
        return text
    try:
        if node.tag == "tag:yaml.org,2002:null":
            return None
        if node.tag == "tag:yaml.org,2002:bool":
            return text.lower() in ("yes", "true", "on")
        if node.tag == "tag:yaml.org,2002:int":
            return int(_CONSTRUCTOR().construct_yaml_int(node))
        if node.tag == "tag:yaml.org,2002:float":
            number = float(_CONSTRUCTOR().construct_yaml_float(node))
            if math.isfinite(number):
                return number
    except (ValueError, OverflowError):
        pass  # falls through to the fault below, with the text as written
    remedy = message("standard.yaml.scalar.remedy")
    line = node.start_mark.line + 1
    _fault(document, line, path, message("standard.yaml.scalar"), remedy, f"{node.tag} {text}")
    return None


def _fault(
    document: YamlDocument, line: int, path: Path, reason: Message, remedy: Message, value: str = ""
) -> None:
    if len(document.faults) < MAX_PROBLEMS:
        document.faults.append(Fault(line, path, reason, remedy, value))
