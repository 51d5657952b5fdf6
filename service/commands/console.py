"""Speaking on a terminal: language, tables, progress; results on stdout, all else on stderr."""

# ruff: noqa: PLC0415 - what is heavy waits until the command runs, so that --help is fast

import json
import locale
import os
import sys
import unicodedata
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from analysis.messages import LANGUAGES, Language, Message, message, phrase_table

if TYPE_CHECKING:
    from rich.console import Console, RenderableType

Listener = Callable[[str, float], None]
_WIDTH: Final = 100  # where the output is no terminal


class Speaker:
    """What a command says, and where.

    Parameters
    ----------
    language
        Language of all texts; None for the environment's.
    quiet
        Say nothing but errors.
    as_json
        Say nothing but one JSON object, at the end.
    """

    def __init__(
        self, language: str | None = None, *, quiet: bool = False, as_json: bool = False
    ) -> None:
        self.language: Language = language_or_default(language)
        self.silent = quiet or as_json
        self._as_json = as_json

    def say(self, said: Message) -> None:
        """Print one line."""
        self.show(said.text(self.language))

    def show(self, shown: "RenderableType") -> None:
        """Print a line, table or other renderable; square brackets in texts stay as they are."""
        if not self.silent:
            is_text = isinstance(shown, str)
            told = printable(shown) if isinstance(shown, str) else shown
            console().print(told, markup=False, highlight=False, soft_wrap=is_text)

    def result(self, value: Mapping[str, object]) -> None:
        """Print the machine-readable summary where it was asked for."""
        if self._as_json:
            sys.stdout.write(
                json.dumps(value, ensure_ascii=False, indent=1, allow_nan=False) + "\n"
            )

    @contextmanager
    def progress(self, stages: Sequence[str]) -> Iterator[Listener]:
        """Show a bar over `stages` while the block runs; yields the listener to tell.

        Says so, once, where the block has to wait for kernels that were never compiled here.
        """
        with self._telling_compiling():
            yield from self._bar(stages)

    @contextmanager
    def _telling_compiling(self) -> Iterator[None]:
        from analysis.kernels.compiling import stop_telling, tell_compiling

        text = message("cli.compiling").text(self.language) + "\n"
        listener = tell_compiling(lambda: None if self.silent else _aside(text))
        try:
            yield
        finally:
            stop_telling(listener)

    def _bar(self, stages: Sequence[str]) -> Iterator[Listener]:
        screen = console(stderr=True)
        if self.silent or not screen.is_terminal:
            yield lambda _stage, _share: None
            return
        from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

        columns = (
            SpinnerColumn("line"), TextColumn("{task.description}"), BarColumn(),
            TimeElapsedColumn(),
        )  # fmt: skip
        with Progress(*columns, console=screen, transient=True) as bar:
            task = bar.add_task("", total=len(stages))
            place = {stage: number for number, stage in enumerate(stages)}

            def tell(stage: str, share: float) -> None:
                done = place.get(stage, 0) + share
                bar.update(task, completed=done, description=_stage_name(stage, self.language))

            yield tell


def _aside(text: str) -> None:
    """Write to stderr as it stands now: a bar on the terminal lets it pass above."""
    sys.stderr.write(text)


def console(*, stderr: bool = False) -> "Console":
    """Return a console on stdout or stderr; plain and wide enough where it is no terminal."""
    from rich.console import Console

    stream = sys.stderr if stderr else sys.stdout
    width = None if stream.isatty() else _WIDTH
    return Console(stderr=stderr, width=width, emoji=False)


def printable(text: str) -> str:
    """Return `text` without control characters, which could steer the terminal."""
    return "".join(
        one if one in "\n\t" or not unicodedata.category(one).startswith("C") else "\ufffd"
        for one in text
    )


def language_or_default(language: str | None) -> Language:
    """Return the language asked for, else LIVING_CIRCLE_LANGUAGE, else the locale's, else en."""
    for asked in (language, os.environ.get("LIVING_CIRCLE_LANGUAGE")):
        for known in LANGUAGES:
            if asked == known:
                return known
    spoken = os.environ.get("LC_ALL") or os.environ.get("LANG") or locale.getlocale()[0] or ""
    return "zh" if spoken.lower().startswith(("zh", "chinese")) else "en"


def _stage_name(stage: str, language: Language) -> str:
    key = f"cli.stage.{stage}"
    return message(key).text(language) if key in phrase_table() else stage
