"""Walking reach, the standard's verdicts and siting: pure computing, no web, no SQL."""

__version__ = "0.1.0"
