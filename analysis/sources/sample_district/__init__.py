"""An invented district with known gaps, for tests, demonstrations and notebooks."""

from analysis.sources.sample_district.district import SampleDistrict, write_sample_district

__all__ = ["SampleDistrict", "write_sample_district"]
