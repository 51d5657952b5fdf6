"""Everything that talks to somebody: command line, API, maps, reports."""
