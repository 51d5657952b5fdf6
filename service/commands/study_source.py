"""Commands that begin with a study: a saved one, or one made on the spot as by ``analyse``."""

# ruff: noqa: PLC0415 - what is heavy waits until the command runs, so that --help is fast

import inspect
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from analysis.errors import InvalidParameterError
from analysis.messages import message
from service.commands.analyse import analyse as analyse_command
from service.commands.analyse import asked_for
from service.commands.console import Speaker

if TYPE_CHECKING:
    from analysis.study import Study

_OWN: Final = ("out", "quiet", "as_json", "lang")  # what a command says of itself
_ALONE: Final = "source"  # all that may go with a saved study

_Source = Annotated[
    Path | None,
    typer.Argument(
        metavar="[SOURCE]",
        help="A saved study, .osm.pbf, .osm or Overpass JSON. / 已保存的研究或 OSM 数据文件",
    ),
]
Chosen = Mapping[str, Any]


def with_study_options(command: Callable[..., None]) -> Callable[..., None]:
    """Give `command` all options of ``analyse`` that say what is judged, and how.

    They arrive as `chosen`, the mapping that it takes first; the rest are its own parameters.
    """
    shared = {
        name: one
        for name, one in inspect.signature(analyse_command).parameters.items()
        if name not in _OWN
    }
    shared["source"] = shared["source"].replace(annotation=_Source)
    own = {
        name: one for name, one in inspect.signature(command).parameters.items() if name != "chosen"
    }

    def run(**given: Any) -> None:
        command({name: given.pop(name) for name in shared}, **given)

    run.__doc__, run.__name__ = command.__doc__, command.__name__
    parameters = [*shared.values(), *own.values()]
    vars(run)["__signature__"] = inspect.Signature(
        sorted(parameters, key=lambda one: one.kind), return_annotation=None
    )
    run.__annotations__ = {one.name: one.annotation for one in parameters}
    return run


def study_of(speaker: Speaker, chosen: Chosen) -> "Study":
    """Return the study that was asked for: judged again from a saved one, or made from files.

    Raises :class:`InvalidParameterError` for options that a saved study does not take, and whatever
    reading raises.
    """
    from analysis.sources.inputs import STAGES as READ_STAGES
    from analysis.sources.inputs import read_inputs
    from analysis.sources.store.folder import is_study
    from analysis.study import STAGES as STUDY_STAGES
    from analysis.study import analyse

    source: Path | None = chosen["source"]
    if source is not None and is_study(source):
        return _reopened(speaker, source, chosen)
    request, parameters = asked_for(chosen)
    with speaker.progress((*READ_STAGES, *STUDY_STAGES)) as told:
        return analyse(read_inputs(request, on_progress=told), parameters, on_progress=told)


def _reopened(speaker: Speaker, folder: Path, chosen: Chosen) -> "Study":
    from analysis.sources.store.inputs import open_inputs
    from analysis.sources.store.studies import read_document
    from analysis.study import STAGES as STUDY_STAGES
    from analysis.study import analyse

    usual = {
        name: one.default for name, one in inspect.signature(analyse_command).parameters.items()
    }
    changed = [name for name, one in chosen.items() if name != _ALONE and one != usual[name]]
    if changed:
        raise InvalidParameterError(
            message("cli.saved_study.options"),
            remedy=message("cli.saved_study.options.remedy"),
            source=str(folder),
            value=", ".join(f"--{one.replace('_', '-')}" for one in changed),
        )
    read_document(folder)
    saved = open_inputs(folder)
    with speaker.progress(STUDY_STAGES) as told:
        return analyse(saved.inputs, saved.parameters, on_progress=told)
