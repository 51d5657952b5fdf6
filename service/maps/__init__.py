"""Maps: a study as one self-contained page that opens without a network."""

from service.maps.page import study_map

__all__ = ["study_map"]
