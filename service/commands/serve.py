"""``living-circle serve``: the web service over saved studies."""

# ruff: noqa: PLC0415 - what is heavy waits until the command runs, so that --help is fast

import copy
import logging
import os
import socket
from functools import partial
from pathlib import Path
from typing import Annotated, Any

import typer

from analysis.errors import SourceUnavailableError
from analysis.messages import Joined, message
from service.commands.console import Speaker
from service.commands.counts import counted
from service.commands.options import Lang, Quiet
from service.errors import cut_path


def serve(
    studies: Annotated[
        Path | None, typer.Option(help="Folder of saved studies. / 研究结果文件夹")
    ] = None,
    host: Annotated[str | None, typer.Option(help="Address to listen on. / 监听地址")] = None,
    port: Annotated[
        int | None, typer.Option(min=1, max=65535, help="Port to listen on. / 端口")
    ] = None,
    *,
    quiet: Quiet = False,
    lang: Lang = None,
) -> None:
    """Serve saved studies as REST API, GeoJSON and maps. / 启动网络服务."""
    import uvicorn

    from service.app import create_app
    from service.settings import Settings
    from service.study_library import StudyLibrary

    given: dict[str, Any] = {"studies_folder": studies, "host": host, "port": port,
                             "language": None if lang is None else lang.value}  # fmt: skip
    settings = Settings(**{name: value for name, value in given.items() if value is not None})
    folder = settings.studies_folder
    if not folder.is_dir():
        raise SourceUnavailableError(
            message("cli.serve.no_folder"),
            remedy=message("cli.serve.no_folder.remedy"),
            source=str(folder),
        )
    speaker = Speaker(lang, quiet=quiet)
    _check_free(settings.host, settings.port)
    shelf = StudyLibrary(folder).shelf()
    found = counted("studies", len(shelf.documents))
    address = f"http://{_in_url(settings.host)}:{settings.port}/"
    speaker.say(message("cli.serve.listening", studies=found, folder=str(folder), address=address))
    if shelf.damaged:
        speaker.say(message("api.index.damaged", ids=Joined(shelf.damaged)))
    uvicorn.run(
        partial(create_app, settings),
        factory=True,
        host=settings.host,
        port=settings.port,
        log_level="warning" if quiet else "info",
        log_config=_log_config(),
    )


class ShortAddresses(logging.Filter):
    """Cuts very long addresses in the log of requests."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Let every record through, its address cut."""
        if isinstance(record.args, tuple):
            record.args = tuple(
                cut_path(one) if isinstance(one, str) else one for one in record.args
            )
        return True


def _log_config() -> dict[str, Any]:
    """Return the server's own logging, with addresses cut."""
    from uvicorn.config import LOGGING_CONFIG

    config = copy.deepcopy(LOGGING_CONFIG)
    config["filters"] = {"short": {"()": ShortAddresses}}
    config["loggers"]["uvicorn.access"]["filters"] = ["short"]
    return config


def _check_free(host: str, port: int) -> None:
    """Raise :class:`SourceUnavailableError` where nobody can listen at the address."""
    try:
        family, kind, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind) as probe:
            if os.name == "posix":  # as the server will do; elsewhere it would share the port
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
    except OSError as error:
        raise SourceUnavailableError(
            message("cli.serve.address", detail=error.strerror or type(error).__name__),
            remedy=message("cli.serve.address.remedy"),
            source=f"{host}:{port}",
        ) from error


def _in_url(host: str) -> str:
    return f"[{host}]" if ":" in host else host
