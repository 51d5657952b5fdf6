"""All files of one study, written whole or not at all: store, workbook and map."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from analysis.messages import Language
from analysis.sources.store.folder import MAP_FILE
from analysis.sources.store.studies import save_study
from analysis.study import Study
from service.maps import study_map
from service.reports.workbook import assessment_workbook

WORKBOOK_FILE: Final = "assessment.xlsx"


@dataclass(frozen=True, slots=True, kw_only=True)
class Outputs:
    """Where the results are."""

    folder: Path
    files: tuple[Path, ...]

    @property
    def map_path(self) -> Path:
        """Return the path of the map."""
        return self.folder / MAP_FILE


def write_outputs(
    study: Study, folder: Path, *, language: Language, run: Mapping[str, object]
) -> Outputs:
    """Write every file of `study` into `folder`; the map speaks `language`.

    Raises what :func:`analysis.sources.store.studies.save_study` raises.
    """
    files = save_study(
        study,
        folder,
        run=run,
        extras={
            WORKBOOK_FILE: lambda path: assessment_workbook(study, path),
            MAP_FILE: lambda path: _write_map(study, path, language),
        },
    )
    return Outputs(folder=folder, files=files)


def _write_map(study: Study, path: Path, language: Language) -> None:
    html = study_map(study, language=language)
    path.write_text(html, "utf-8", errors="replace", newline="\n")
