"""StudyLibrary: the saved studies that the service offers; all its state is in one object."""

from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from threading import Lock
from typing import Any

from analysis.errors import AnalysisError, NoResultError, SourceDataError
from analysis.messages import message
from analysis.sources.store.studies import StoredStudy, open_study, read_document
from service.soundness import Stamp, may_be_study, quick_check, stamp_of

_Known = Mapping[str, tuple[Stamp, Mapping[str, Any] | None]]


@dataclass(frozen=True, slots=True)
class Shelf:
    """What the folder holds: documents by id, and the ids that cannot be read."""

    documents: Mapping[str, Mapping[str, Any]]
    damaged: tuple[str, ...]


class StudyLibrary:
    """Saved studies by id, opened when asked for and kept for the next reader.

    An id is looked up among the folders that are there; no path is ever made from what a client
    sent. A study of which any file changed is read anew, and all its checksums with it.

    Parameters
    ----------
    folder
        A folder of saved studies, or one saved study.
    keep
        How many stay open, the least lately used goes first.
    """

    def __init__(self, folder: Path, *, keep: int = 4) -> None:
        self._folder = folder
        self._keep = keep
        self._open: OrderedDict[tuple[str, Stamp], StoredStudy] = OrderedDict()
        self._documents: dict[str, tuple[Stamp, Mapping[str, Any] | None]] = {}
        self._lock = Lock()

    def folders(self) -> dict[str, Path]:
        """Return the folder of each study by id, sound or not, sorted."""
        if may_be_study(self._folder):
            return {self._folder.resolve().name: self._folder}
        try:
            inside = sorted(self._folder.iterdir(), key=lambda one: one.name)
        except OSError:
            return {}
        return {
            one.name: one for one in inside if not one.name.startswith(".") and may_be_study(one)
        }

    def shelf(self) -> Shelf:
        """Return the documents of all studies; damaged are those that fail a quick look."""
        folders = self.folders()
        with self._lock:
            known = self._documents
            self._documents = {one: _document(one, folders[one], known) for one in folders}
            found = self._documents.items()
        documents = {one: document for one, (_, document) in found if document is not None}
        return Shelf(documents, tuple(one for one, (_, document) in found if document is None))

    def extent(self, study_id: str) -> tuple[float, float, float, float] | None:
        """Return west, south, east, north of a study's data, degrees; None where not known."""
        document = self.shelf().documents.get(study_id)
        box = None if document is None else document["data"]["data_area_wgs84"]
        return (box[0], box[1], box[2], box[3]) if box else None

    def open(self, study_id: str) -> StoredStudy:
        """Return a study.

        Raises :class:`NoResultError` for an unknown id and :class:`SourceDataError` for a damaged
        study, which is listed as damaged from then on, until its files change.
        """
        folder = self.folders().get(study_id)
        if folder is None:
            raise NoResultError(
                message("api.unknown_study"),
                remedy=message("api.unknown_study.remedy"),
                source="study_id",
                value=study_id,
            )
        with self._lock:
            key = (study_id, stamp_of(folder))
            study = self._open.get(key)
            if study is None:
                for old in [one for one in self._open if one[0] == study_id]:
                    del self._open[old]
                study = self._read(folder, *key)
                self._open[key] = study
            self._open.move_to_end(key)
            while len(self._open) > self._keep:
                self._open.popitem(last=False)
            return study

    def _read(self, folder: Path, study_id: str, stamp: Stamp) -> StoredStudy:
        try:
            return open_study(folder)
        except SourceDataError:
            self._documents[study_id] = (stamp, None)
            raise

    @property
    def opened(self) -> tuple[str, ...]:
        """Return the ids kept open, the least lately used first."""
        return tuple(study_id for study_id, _ in self._open)


def _document(study_id: str, folder: Path, known: _Known) -> tuple[Stamp, Mapping[str, Any] | None]:
    """Return a study's stamp and document, None for a damaged one; read only when it is new."""
    stamp = stamp_of(folder)
    if study_id in known and known[study_id][0] == stamp:
        return known[study_id]
    try:
        quick_check(folder)
        document = read_document(folder)
    except AnalysisError:
        return stamp, None
    # Notices name every subject; a list of studies needs none of them.
    return stamp, {name: part for name, part in document.items() if name != "notices"}
